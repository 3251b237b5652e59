"""Number of walkers that distinguishes two theories, from the spread in a pilot run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from langevin.errors import unfit
from langevin.types import Comparison

#: Probability of excluding the false theory if the other one is true.
POWER = 0.9


@dataclass(frozen=True)
class Need:
    """Walkers at one point that distinguish two theories, and the steps of all of them; infinite for equal predictions.

    `steps` is nan if the number of steps of a walker is not known.
    """

    point: float
    first: str
    second: str
    gap: float
    spread: float
    walkers: float
    steps: float = math.nan


def walkers_needed(
    comparisons: Sequence[Comparison],
    family_level: float = 0.05,
    power: float = POWER,
    steps: Callable[[float], float] | None = None,
) -> list[Need]:
    """For each point and each pair of theories in range there, the number of walkers that distinguishes them.

    n = ((z_level + z_power) spread / gap)^2, with the spread of one walker from the standard error of the pilot run,
    normal quantiles, and the level divided by the number of tests as in `compare_all` (Cochran 1977, section 4.6).
    Remainders of the predictions and the error of the steps reduce the gap.

    Args:
        comparisons: comparisons of the pilot run.
        family_level: probability that any of its tests excludes a true theory.
        power: probability of excluding the false theory of a pair.
        steps: mean number of steps of a walker of the pilot run at a point.

    Raises:
        UsageError: the level or the power is outside (0, 1).
    """
    from scipy.special import ndtri

    if not (0 < family_level < 1 and 0 < power < 1):
        raise unfit("level and power", "must lie between 0 and 1", f"{family_level} and {power}")
    known = [row for row in comparisons if math.isfinite(row.z)]
    if not known:
        return []
    quantiles = float(-ndtri(family_level / len(known) / 2) + ndtri(power))
    needs = []
    for point in dict.fromkeys(row.point for row in known):
        here = [row for row in known if row.point == point]
        for first, second in itertools.combinations(here, 2):
            if first.measured == second.measured:
                need = _need(first, second, quantiles)
                needs.append(
                    need if steps is None else replace(need, steps=need.walkers * steps(first.point))
                )
    return needs


def _need(first: Comparison, second: Comparison, quantiles: float) -> Need:
    one, other, measured = first.predicted, second.predicted, first.measured
    unsure = one.remainder + other.remainder + measured.step_error
    gap = max(abs(one.value - other.value) - unsure, 0.0)
    spread = measured.scatter * math.sqrt(measured.n)
    walkers = math.ceil(max(2.0, (quantiles * spread / gap) ** 2)) if gap > 0 else math.inf
    return Need(first.point, first.theory, second.theory, gap, spread, walkers)
