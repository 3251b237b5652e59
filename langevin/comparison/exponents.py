"""The exponents of motion beside what the diffusion picture of grokking says of them."""

from __future__ import annotations

from langevin.comparison.verdict import compare_all
from langevin.measure import displacement_exponents
from langevin.types import Comparison, Curve, Prediction, Trajectory

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


def compare_exponents(
    trajectory: Trajectory, lags: tuple[float, float] | None = None, family_level: float = 0.05
) -> list[Comparison]:
    """Exponents of the displacement before and after arrival beside 2 and 1.

    The same code measures toy and network. The point of a comparison counts the arrivals so far: 0 before,
    1 after.

    Args:
        trajectory: The run.
        lags: Shortest and longest lag (in time) to fit; the whole stretch if None.
        family_level: Probability that either true exponent is excluded.

    Raises:
        UsageError: the run does not say what arrival is.
    """
    before, after = displacement_exponents(trajectory, lags).values()
    level = family_level / max(before.mixed + after.mixed, 1)
    return [
        *compare_all([0.0], [before], [BALLISTIC], level),
        *compare_all([1.0], [after], [DIFFUSIVE], level),
    ]
