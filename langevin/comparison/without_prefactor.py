"""Laws that are compared without their prefactor: exponents of motion, and slopes from one point to the next.

The exponents of the squared displacement are compared with the predictions of the diffusion picture of grokking.

The slope of a positive quantity is the difference of its logarithms at neighbouring points. An asymptotic law often has
the right slope but an unknown prefactor. It then predicts log T(k) - log T(k + 1). Neighbouring differences share the
measurement at k + 1, with opposite signs, so they are correlated (by -1/2 for equal errors): do not average them as
independent numbers. The family-wise level of `compare_all` is valid for any such dependence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from langevin.comparison.verdict import compare_all
from langevin.errors import UsageError, unfit
from langevin.measure import displacement_exponents
from langevin.measure.arrival import AFTER, BEFORE
from langevin.measure.interval import log_of
from langevin.measure.walkers import joined
from langevin.types import Comparison, Curve, Measurement, Prediction, Trajectory


class Premise(NamedTuple):
    """Why the law of a window is not valid for a motion (empty if it is), and the possible error of the exponent."""

    reason: str = ""
    remainder: float = 0.0


#: Constant velocity: |x(t) - x(0)|^2 = v^2 t^2.
BALLISTIC = Curve(
    "ballistic before arrival",
    lambda point: Prediction(2.0),
    validity="only while the gradient stays constant",
    reference="x(t) = x(0) - grad f t for a constant gradient",
)
#: Free diffusion: E |x(t) - x(0)|^2 = 2 d theta t (Einstein 1905).
DIFFUSIVE = Curve(
    "diffusive after arrival",
    lambda point: Prediction(1.0),
    validity="free diffusion on the set, below its size and above the relaxation time across it",
    reference="Einstein 1905",
)
#: One law for each window.
LAWS = (BALLISTIC, DIFFUSIVE)


def compare_exponents(
    trajectory: Trajectory,
    lags: tuple[float, float] | None = None,
    family_level: float = 0.05,
    premises: Mapping[str, Premise] | None = None,
) -> list[Comparison]:
    """Exponents of the displacement before and after arrival, compared with 2 and 1.

    The same code measures toys and networks. The point of a comparison is the number of arrivals so far: 0 before, 1
    after.

    Args:
        trajectory: The run.
        lags: Shortest and longest lag (in time) to fit; all lags if None.
        family_level: Probability that at least one true exponent is excluded.
        premises: By window. If a premise is not valid, the exponent is not compared, and its note contains the reason.

    Raises:
        UsageError: the run does not define arrival.
    """
    found, given = displacement_exponents(trajectory, lags), premises or {}
    laws = {window: _law(curve, given.get(window, Premise())) for window, curve in zip((BEFORE, AFTER), LAWS)}
    tests = sum(found[window].mixed and law.predict(0.0).in_range for window, law in laws.items())
    level = family_level / max(tests, 1)
    return [
        row
        for point, (window, law) in enumerate(laws.items())
        for row in compare_all(
            [float(point)], [_noted(found[window], given.get(window, Premise()))], [law], level
        )
    ]


def _law(curve: Curve, premise: Premise) -> Curve:
    """The curve of a motion; it is out of range if its premise fails."""
    prediction = replace(curve.predict(0.0), remainder=premise.remainder, in_range=not premise.reason)
    return replace(curve, predict=lambda point: prediction)


def _noted(measured: Measurement, premise: Premise) -> Measurement:
    """The measurement with the reason why it is not compared."""
    if not premise.reason:
        return measured
    return replace(measured, note=joined(f"not compared with theory: {premise.reason}", measured.note))


def neighbour_differences(
    points: Sequence[float], measurements: Sequence[Measurement]
) -> tuple[list[float], list[Measurement]]:
    """Differences log T(k) - log T(next k) at every point k except the last; errors are added in squares.

    Compare them with `yardstick=1`: a difference of logarithms is already relative.

    Args:
        points: Values k, ascending.
        measurements: Positive numbers, one for each point.

    Raises:
        UsageError: there are fewer than two points, they do not ascend, or a measurement has no logarithm.
    """
    _check(points)
    if len(points) != len(measurements):
        raise UsageError(
            f"{len(points)} points but {len(measurements)} measurements",
            "as many measurements as points",
            "give one a point",
        )
    logs = [log_of(measurement) for measurement in measurements]
    differences = [
        Measurement(
            value=left.value - right.value,
            error=math.hypot(left.error, right.error),
            n=min(left.n, right.n),
            estimator="difference of neighbouring logs",
            mixed=left.mixed and right.mixed,
            note=joined(left.note, right.note),
            step_error=math.hypot(left.step_error, right.step_error),
        )
        for left, right in pairwise(logs)
    ]
    return list(points[:-1]), differences


def difference_curve(curve: Curve, points: Sequence[float]) -> Curve:
    """The same difference as predicted by a theory, from each of `points` to the next.

    It is in range if the curve is in range and positive at both points; the relative remainders of both are added.

    Args:
        curve: the theory.
        points: Values k, ascending.

    Raises:
        UsageError: there are fewer than two points, or they do not ascend.
    """
    _check(points)
    following = dict(pairwise(points))

    def predict(point: float) -> Prediction:
        pair = curve.predict(point), curve.predict(following[point])
        if not all(end.in_range and end.value > 0 for end in pair):
            return Prediction(math.nan, 0.0, False)
        remainder = sum(end.remainder / end.value for end in pair)
        return Prediction(math.log(pair[0].value / pair[1].value), remainder)

    return Curve(f"{curve.name}, slope", predict, curve.validity, curve.reference)


def _check(points: Sequence[float]) -> None:
    if len(points) < 2 or any(left >= right for left, right in pairwise(points)):
        raise unfit("slopes", "need at least two points, in rising order", "")
