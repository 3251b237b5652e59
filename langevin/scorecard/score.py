"""Scores of forecasts on held-out runs, with errors from resampling whole cells.

Networks of one cell share data and dials, so cells are the independent units. The scores of a theory on a task are

    log score     mean log probability that the forecast gives to a run; higher is better; a run that has not
                  generalised counts by the probability of a longer delay
    factor        10 to the median of |log10(predicted / measured)|, over runs that generalise
    coverage      share of runs inside the central 90 % of the forecast
    rank          Spearman's correlation of predicted and measured delays

Theories that predict whether, and not when, a network generalises are scored as forecasts of a probability. A run
counts as generalising with the outcomes `delayed` and `no delay`, and as not generalising with `plateau` and
`collapsed`. Runs with other outcomes are left out. The score is the mean log probability of the outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langevin.scorecard.cells import drawn_cells
from langevin.scorecard.fit import EVALUATIONS, RUNS_A_CONSTANT
from langevin.scorecard.forecast import applies_to, call_function, log_probability, numbers_of
from langevin.scorecard.moments import Outcome
from langevin.scorecard.table import Runs, select
from langevin.types import FloatArray, Forecast, Measurement, WhetherTheory

#: Resamples of cells; the central part of a normal distribution that coverage is about, in standard deviations.
RESAMPLES, CENTRAL = 4000, 1.6448536269514722
#: Smallest and largest probability that a forecast may give.
BOUNDS = 0.01, 0.99
YES, NO = (Outcome.DELAYED, Outcome.TOGETHER), (Outcome.PLATEAU, Outcome.COLLAPSED)


@dataclass(frozen=True)
class Score:
    """The scores of forecasts of some runs, each with the number of cells as n.

    log_score   as above
    factor      as above, at least 1; its error is of the factor
    coverage    as above
    rank        as above
    """

    log_score: Measurement
    factor: Measurement
    coverage: Measurement
    rank: Measurement


@dataclass(frozen=True)
class WhetherScore:
    """The score of one theory on one task.

    constants  fitted values
    log_score  mean log probability of the outcomes of held-out runs, by cells
    right      share of held-out runs with the more probable outcome
    yes, no    number of held-out runs that generalise, and that do not
    """

    constants: FloatArray
    log_score: Measurement
    right: Measurement
    yes: int
    no: int


def score(runs: Runs, predicted: Forecast) -> Score:
    """The scores of the forecasts of some runs that are timed.

    Args:
        runs: Held-out runs, of `Runs.timed`.
        predicted: Their forecasts; nan for runs without one.
    """
    assert predicted.sd is not None
    measured = middle(runs)
    error = np.abs(predicted.median - measured)
    error = np.where(np.isfinite(measured) & ~np.isfinite(error), np.inf, error)
    low, high = (predicted.median + side * CENTRAL * predicted.sd for side in (-1, 1))
    inside = (runs.high >= low) & (runs.low <= high)
    return Score(
        mean_over_cells(runs, log_probability(predicted, runs.low, runs.high), "log score"),
        factor_over_cells(runs, error),
        mean_over_cells(runs, inside.astype(float), "coverage"),
        rank_over_cells(runs, predicted.median, measured),
    )


def middle(runs: Runs) -> FloatArray:
    """log10 of the delay (runs,), in the middle of its interval; nan for a run that has not generalised."""
    return np.where(np.isfinite(runs.high), (runs.low + runs.high) / 2, np.nan)


def mean_over_cells(runs: Runs, values: FloatArray, name: str) -> Measurement:
    """The mean of values (runs,), with its error from resampling cells.

    Args:
        runs: the runs.
        values: one for each run, (runs,).
        name: of the measured number, and seed of the resamples.
    """
    draws, of_run = drawn_cells(runs.cell, name, RESAMPLES)
    cells = draws.shape[1]
    drawn = draws @ _sums(of_run, np.stack([values, np.ones(len(values))], axis=1), cells)
    means = drawn[:, 0] / np.maximum(drawn[:, 1], 1)
    return _measured(float(values.mean()) if len(values) else np.nan, means, cells, name)


def factor_over_cells(runs: Runs, error: FloatArray) -> Measurement:
    """10 to the median of errors (runs,) in decades, without errors that are nan.

    Args:
        runs: the runs.
        error: |log10(predicted / measured)|, (runs,).
    """
    known = ~np.isnan(error)
    draws, of_run = drawn_cells(runs.cell, "factor", RESAMPLES)
    cells = draws.shape[1]
    if not known.any():
        return Measurement(np.nan, np.inf, cells, "factor")
    order = np.argsort(error[known])
    values, weights = error[known][order], draws[:, of_run[known][order]]
    heaped = np.cumsum(weights, axis=1)
    medians = values[np.argmax(heaped >= heaped[:, -1:] / 2, axis=1)]
    with np.errstate(over="ignore"):
        return _measured(float(10 ** np.median(values)), 10**medians, cells, "factor")


def rank_over_cells(runs: Runs, first: FloatArray, second: FloatArray) -> Measurement:
    """Correlation of ranks over runs in which both numbers are finite. Its error uses their ranks in the whole sample.

    It is nan for fewer than three runs, or for equal numbers.

    Args:
        runs: the runs.
        first: one number for each run, (runs,).
        second: another number for each run, (runs,).
    """
    from scipy.stats import rankdata

    name, both = "rank correlation", np.isfinite(first) & np.isfinite(second)
    draws, of_run = drawn_cells(runs.cell, name, RESAMPLES)
    cells = draws.shape[1]
    if both.sum() < 3:
        return Measurement(np.nan, np.inf, cells, name)
    x, y = (rankdata(values[both]) for values in (first, second))
    products = np.stack([x, y, x * x, y * y, x * y, np.ones(len(x))], axis=1)
    drawn = draws @ _sums(of_run[both], products, cells)
    value = _correlation(products[:, :5].mean(axis=0))
    values = _correlation(drawn[:, :5] / np.maximum(drawn[:, 5:], 1))
    return _measured(float(value), values, cells, name)


def _sums(of_run: NDArray[np.intp], values: FloatArray, cells: int) -> FloatArray:
    """Sums (cells, ...) of values (runs, ...) over the runs of each cell."""
    sums = np.zeros((cells, *values.shape[1:]))
    np.add.at(sums, of_run, values)
    return sums


def _correlation(means: FloatArray) -> FloatArray:
    x, y, xx, yy, xy = np.moveaxis(means, -1, 0)
    with np.errstate(all="ignore"):
        return np.asarray((xy - x * y) / np.sqrt((xx - x * x) * (yy - y * y)))


def _measured(value: float, resamples: NDArray[np.float64], cells: int, name: str) -> Measurement:
    """The value with the spread of its resamples; without a spread for one cell, or if most resamples have no value."""
    known = resamples[np.isfinite(resamples)]
    if cells < 2 or len(known) <= RESAMPLES / 2:
        return Measurement(value, np.inf, cells, name)
    return Measurement(value, float(known.std(ddof=1)), cells, name)


def evaluate_whether(runs: Runs, theories: Mapping[str, WhetherTheory], task: str) -> dict[str, WhetherScore]:
    """Scores of the theories on the runs of one task that they predict.

    There is no score if all or none of the calibration runs generalise.

    Args:
        runs: of all tasks.
        theories: by name.
        task: name of the task.

    Raises:
        UsageError: a theory gives an array of another shape.
    """
    decided = select(runs, (runs.seen.task == task) & np.isin(runs.outcome, [*YES, *NO]))
    found = {}
    for name, theory in theories.items():
        here = select(decided, applies_to(theory, decided.seen))
        generalises = np.isin(here.outcome, YES)
        calibration, held_out = ~here.held_out, here.held_out
        fewest, known = max(RUNS_A_CONSTANT * len(theory.constants), 1), generalises[calibration]
        if calibration.sum() < fewest or not held_out.any() or known.all() or not known.any():
            continue
        constants = _fit(theory, select(here, calibration), generalises[calibration])
        logs, right = _logs(theory, select(here, held_out), generalises[held_out], constants)
        scored = select(here, held_out)
        found[name] = WhetherScore(
            constants,
            mean_over_cells(scored, logs, "log score"),
            mean_over_cells(scored, right.astype(float), "share right"),
            int(generalises[held_out].sum()),
            int((~generalises[held_out]).sum()),
        )
    return found


def _fit(theory: WhetherTheory, runs: Runs, generalises: NDArray[np.bool_]) -> FloatArray:
    from scipy.optimize import minimize

    start = np.array([one.start for one in theory.constants])
    if not len(start):
        return start
    found: FloatArray = minimize(
        lambda point: -_logs(theory, runs, generalises, point)[0].sum(), start, method="Nelder-Mead",
        options={"maxfev": EVALUATIONS * (len(start) + 1)},
    ).x  # fmt: skip
    return found


def _logs(
    theory: WhetherTheory, runs: Runs, generalises: NDArray[np.bool_], constants: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Log probability of the outcome, and whether it is the more probable one."""
    with np.errstate(all="ignore"):
        given = call_function(theory, "predict", theory.predict, runs.seen, constants.tolist())
    probability = numbers_of(given, float, (len(runs),), theory, "predict", "probabilities")
    clipped = np.clip(np.nan_to_num(probability, nan=0.5), *BOUNDS)
    return np.log(np.where(generalises, clipped, 1 - clipped)), (clipped > 0.5) == generalises
