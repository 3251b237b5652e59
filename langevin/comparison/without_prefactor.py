"""The exponents of motion, compared with the predictions of the diffusion picture of grokking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from langevin.comparison.verdict import compare_all
from langevin.measure import displacement_exponents
from langevin.measure.arrival import AFTER, BEFORE
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
