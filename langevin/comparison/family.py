"""Comparisons of several runs as one family: there are more tests, so each is judged at a smaller level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from langevin.comparison.verdict import AGREES, EXCLUDED, INCONCLUSIVE, SHARP, detected, freedom
from langevin.measure.interval import critical_value
from langevin.types import Comparison

#: Verdicts of comparisons that were tested.
TESTED = (AGREES, EXCLUDED, INCONCLUSIVE)


def as_one_family(runs: Sequence[Sequence[Comparison]], family_level: float = 0.05) -> list[list[Comparison]]:
    """The comparisons of several runs, judged so that any false `excluded` among all of them has this probability.

    Each run was judged at the level divided by its number of tests (`compare_all`). Here the level is divided by the
    number of all tests: `excluded` and `agrees` become `inconclusive` if they are not valid at this level. No verdict
    becomes sharper.

    Args:
        runs: comparisons of each run, judged at `family_level`.
        family_level: probability that any true theory is excluded anywhere.
    """
    tests = [sum(row.verdict in TESTED for row in rows) for rows in runs]
    level = family_level / max(sum(tests), 1)
    return [
        [_judged(row, family_level / max(own, 1), level) for row in rows] for rows, own in zip(runs, tests)
    ]


def _judged(row: Comparison, before: float, level: float) -> Comparison:
    n = freedom(row.measured)
    if row.verdict not in TESTED or n < 2:
        return row
    detectable = row.detectable * detected(level, n) / detected(before, n)
    holds = {EXCLUDED: abs(row.z) > critical_value(level, n), AGREES: detectable <= SHARP, INCONCLUSIVE: True}
    verdict = row.verdict if holds[row.verdict] else INCONCLUSIVE
    return replace(row, verdict=verdict, detectable=detectable)
