"""The exponents of motion beside what the diffusion picture of grokking says of them."""

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
    """Whether the law of a window holds for a motion: why not, or empty; and by how much the exponent may err."""

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
#: One law a window.
LAWS = (BALLISTIC, DIFFUSIVE)


def compare_exponents(
    trajectory: Trajectory,
    lags: tuple[float, float] | None = None,
    family_level: float = 0.05,
    premises: Mapping[str, Premise] | None = None,
) -> list[Comparison]:
    """Exponents of the displacement before and after arrival beside 2 and 1.

    The same code measures toy and network. The point of a comparison counts the arrivals so far: 0 before,
    1 after.

    Args:
        trajectory: The run.
        lags: Shortest and longest lag (in time) to fit; the whole stretch if None.
        family_level: Probability that either true exponent is excluded.
        premises: By window; where one does not hold, the exponent stands alone with the reason in its note.

    Raises:
        UsageError: the run does not say what arrival is.
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
    """The curve of a motion: out of range where its premise fails."""
    prediction = replace(curve.predict(0.0), remainder=premise.remainder, in_range=not premise.reason)
    return replace(curve, predict=lambda point: prediction)


def _noted(measured: Measurement, premise: Premise) -> Measurement:
    """The measurement with the reason why nothing is laid beside it."""
    if not premise.reason:
        return measured
    return replace(measured, note=joined(f"no theory beside it: {premise.reason}", measured.note))
