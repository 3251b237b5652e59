"""The slope of a positive quantity from one point to the next: differences of logarithms.

An asymptotic law often has the right slope but an unknown prefactor. It then predicts log T(k) - log T(k + 1).
Neighbouring differences share the measurement at k + 1, with opposite signs, so they are correlated (by -1/2 for equal
errors): do not average them as independent numbers. The family-wise level of `compare_all` is valid for any such
dependence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from langevin.errors import UsageError, unfit
from langevin.measure.interval import log_of
from langevin.measure.walkers import joined
from langevin.types import Curve, Measurement, Prediction


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
