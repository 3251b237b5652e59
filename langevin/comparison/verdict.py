"""The rules that decide whether a measured number and a prediction agree.

1. `out of range`: the point is outside the range of validity of the theory, or its number is not finite.
2. `not mixed`: an assumption of the measurement failed, or its number is not finite.
3. z = (measured - predicted) / combined error. The combined error is the root of the sum of squares of the standard
   error and the remainder of the prediction. The error of the steps is a part of the standard error. A bound on a
   numerical remainder or on the error of the steps counts as one standard deviation, because its distribution is not
   known.
4. `excluded`: |z| exceeds Student's two-sided quantile at `level`, with n - 1 degrees of freedom for the n walkers or
   seeds of the measurement. One walker or seed decides nothing.
5. `agrees`: not excluded, and the measurement is sharp enough to exclude a relevant difference. This
   means: the smallest difference that it would exclude with a probability of 80 % (`detectable`) is at most 10 % of the
   yardstick (the predicted value unless given). If the gap to the nearest rival theory is given, a measurement exactly
   at the number of this theory must also exclude that rival.
6. `inconclusive`: all other cases.

The level is family-wise: `compare_all` divides it by the number of comparisons that remain after rules 1 and 2
(Bonferroni). This is valid for any dependence between them. So a family of true theories gets one or more false
`excluded` in at most 5 % of all runs. `as_one_family` judges the comparisons of several runs together.

The detectable difference is the non-centrality at which Student's test at `level` has the power 80 %, in combined
errors (Cohen 1988, chapter 2): 2.8 for one comparison with many walkers, more at the level of a family.

If the distribution of a measurement is known more exactly than from its error (a mean of few waiting times, or a
fraction), the test uses this distribution: |z| exceeds the normal quantile if and only if the exact interval does not
contain the prediction.

With `logarithmic`, z is computed from logarithms, and 10 % means 0.1. If a number is not positive, the linear scale is
used. The logarithmic scale is the right one for mean first-passage times. Their error is proportional to the mean
itself, so on the linear scale a low sample mean has a low error. For the mean of 400 exponential times, |z| > 3 should
occur in 0.27 % of all runs, equally on both sides. On the linear scale it is 0.39 %, 12 times as often from below as
from above; on the logarithmic scale in 0.32 %, twice as often from below (40 000 runs each).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from langevin.errors import UsageError
from langevin.measure.interval import critical_value, exact_score
from langevin.types import Comparison, Curve, Measurement, Prediction, Share, Waits

#: Number of walkers for which Student's distribution is the normal one.
MANY = 10**9

#: Power with which a detectable difference is excluded, and the largest one with which a theory agrees.
POWER, SHARP = 0.8, 0.1
AGREES, EXCLUDED, INCONCLUSIVE = "agrees", "excluded", "inconclusive"
OUT_OF_RANGE, NOT_MIXED = "out of range", "not mixed"

#: Verdicts of comparisons that were tested.
TESTED = (AGREES, EXCLUDED, INCONCLUSIVE)


def compare(
    measured: Measurement,
    theory: Curve | Prediction,
    point: float = 0.0,
    *,
    level: float = 0.05,
    logarithmic: bool = False,
    yardstick: float | None = None,
    gap: float | None = None,
) -> Comparison:
    """Compare one measurement with one theory at one point (rules: module docstring).

    Args:
        measured: The measured number.
        theory: The theory, or only its number.
        point: Value of the dial of the theory.
        level: Probability of excluding a true theory in this one comparison.
        logarithmic: Whether to compare logarithms, if both numbers are positive.
        yardstick: The number to which the 10 % of rule 5 refer, on a linear scale; the predicted value if None.
        gap: Distance to the number of the nearest rival theory (of logarithms, if logarithmic).

    Raises:
        UsageError: a level outside (0, 1).
    """
    if isinstance(theory, Prediction):
        name, quantity, predicted = "theory", "", theory
    else:
        name, quantity, predicted = theory.name, theory.quantity, theory.predict(point)
    z, detectable, ratio = math.nan, math.inf, math.nan
    verdict = OUT_OF_RANGE if not _in_range(predicted) else NOT_MIXED
    if _in_range(predicted):
        ratio = measured.value / predicted.value if predicted.value else math.nan
    if _in_range(predicted) and _usable(measured):
        z, error, unit, n = _scored(measured, predicted, logarithmic)
        critical = critical_value(level, n)
        unit = unit if yardstick is None else yardstick
        if n > 1 and (unit > 0 or error == 0):
            detectable = detected(level, n) * error / unit if error else 0.0
        alone = gap is None or critical * error <= gap
        sharp = detectable <= SHARP and alone
        verdict = EXCLUDED if abs(z) > critical else AGREES if sharp else INCONCLUSIVE
    return Comparison(name, point, measured, predicted, z, ratio, verdict, quantity, detectable)


@cache
def detected(level: float, n: int) -> float:
    """Differences, in standard errors, that a test at `level` excludes with a power of 80 % (n walkers, above 1).

    Args:
        level: chance that a true prediction is excluded.
        n: number of walkers or seeds.
    """
    from scipy.special import nctdtrinc

    return float(nctdtrinc(n - 1, 1 - POWER, critical_value(level, n)))


def compare_all(
    points: Sequence[float],
    measurements: Sequence[Measurement],
    curves: Sequence[Curve],
    family_level: float = 0.05,
    *,
    logarithmic: bool = False,
    yardstick: float | None = None,
    rivals: bool = False,
) -> list[Comparison]:
    """Compare every curve with every measurement, at one family-wise level (rules: module docstring).

    Args:
        points: Values of the dial, one for each measurement.
        measurements: The measured numbers.
        curves: The theories.
        family_level: Probability that any true theory is excluded at any point.
        logarithmic: As in `compare`.
        yardstick: As in `compare`.
        rivals: Whether `agrees` also requires that the nearest other curve in range could have been excluded.

    Raises:
        UsageError: the numbers of points and measurements differ, or the level is outside (0, 1).
    """
    if len(points) != len(measurements):
        raise UsageError(
            f"{len(points)} points but {len(measurements)} measurements",
            "as many measurements as points",
            "give one a point",
        )
    if not 0 < family_level < 1:
        raise UsageError(f"the family level is {family_level}", "it must lie between 0 and 1")
    pairs = list(zip(points, measurements, strict=True))
    tests = sum(_usable(m) and _in_range(curve.predict(x)) for curve in curves for x, m in pairs)
    level = family_level / max(tests, 1)
    return [
        compare(
            measured,
            curve,
            point,
            level=level,
            logarithmic=logarithmic,
            yardstick=yardstick,
            gap=_gap(curve, curves, point, logarithmic and measured.value > 0) if rivals else None,
        )
        for curve in curves
        for point, measured in pairs
    ]


def overall(comparisons: Sequence[Comparison]) -> dict[str, str]:
    """One verdict for each theory, over all its points.

    `excluded` if any point is; else `not mixed` if any point in range is; else `inconclusive` if any is; else `agrees`;
    `out of range` only if no point is in range.

    Args:
        comparisons: comparisons of one or more theories.
    """
    order = (EXCLUDED, NOT_MIXED, INCONCLUSIVE, AGREES, OUT_OF_RANGE)
    found: dict[str, set[str]] = {}
    for comparison in comparisons:
        found.setdefault(comparison.theory, set()).add(comparison.verdict)
    return {theory: next(v for v in order if v in verdicts) for theory, verdicts in found.items()}


def freedom(measured: Measurement) -> int:
    """Number of walkers for the Student distribution of the score; `MANY` if the measurement has a `law`."""
    law = measured.law
    exact = isinstance(law, Share) or (isinstance(law, Waits) and law.events > 0)
    return MANY if exact else measured.n


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


def _in_range(predicted: Prediction) -> bool:
    return predicted.in_range and math.isfinite(predicted.value) and math.isfinite(predicted.remainder)


def _usable(measured: Measurement) -> bool:
    return measured.mixed and math.isfinite(measured.value) and math.isfinite(measured.error)


def _difference(
    measured: Measurement, predicted: Prediction, logarithmic: bool
) -> tuple[float, float, float]:
    """Measured minus predicted, the combined error, and the default yardstick."""
    if logarithmic and min(measured.value, predicted.value) > 0:
        own = measured.scatter / measured.value
        if isinstance(measured.law, Waits) and measured.law.events:
            own = measured.law.events**-0.5
        error = math.hypot(own, measured.step_error / measured.value, predicted.remainder / predicted.value)
        return math.log(measured.value / predicted.value), error, 1.0
    error = math.hypot(measured.error, predicted.remainder)
    return measured.value - predicted.value, error, abs(predicted.value)


def _scored(
    measured: Measurement, predicted: Prediction, logarithmic: bool
) -> tuple[float, float, float, int]:
    """z, the combined error, the default yardstick, and the number of walkers for the Student distribution of z."""
    difference, error, unit = _difference(measured, predicted, logarithmic)
    exact = _exact_score(measured, predicted.value)
    if (
        exact is not None
    ):  # other errors than the scatter reduce the score by their part of the combined error
        alone = replace(measured, error=measured.scatter, step_error=0.0)
        own = _difference(alone, replace(predicted, remainder=0.0), logarithmic)[1]
        return exact * (own / error if error > 0 else 1.0), error, unit, MANY
    if error > 0:
        return difference / error, error, unit, measured.n
    return math.copysign(math.inf, difference) if difference else 0.0, error, unit, measured.n


def _exact_score(measured: Measurement, truth: float) -> float | None:
    """The score of a measurement with a known distribution; None if Student's distribution is used."""
    law = measured.law
    if isinstance(law, Waits):
        return exact_score(law, truth) if truth > 0 and law.events > 0 else None
    return exact_score(law, truth) if isinstance(law, Share) and 0 < truth < 1 else None


def _gap(curve: Curve, curves: Sequence[Curve], point: float, logarithmic: bool) -> float | None:
    """Distance to the nearest other prediction in range at this point; for logarithms, zero is infinitely far."""
    own = curve.predict(point)
    others = [rival.predict(point) for rival in curves if rival is not curve]
    values = [other.value for other in others if _in_range(own) and _in_range(other)]
    if logarithmic and own.value > 0:
        return min(
            (abs(math.log(value / own.value)) if value > 0 else math.inf for value in values), default=None
        )
    return min((abs(value - own.value) for value in values), default=None)


def _judged(row: Comparison, before: float, level: float) -> Comparison:
    n = freedom(row.measured)
    if row.verdict not in TESTED or n < 2:
        return row
    detectable = row.detectable * detected(level, n) / detected(before, n)
    holds = {EXCLUDED: abs(row.z) > critical_value(level, n), AGREES: detectable <= SHARP, INCONCLUSIVE: True}
    verdict = row.verdict if holds[row.verdict] else INCONCLUSIVE
    return replace(row, verdict=verdict, detectable=detectable)
