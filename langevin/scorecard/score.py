"""Scores of forecasts on held-out runs, with errors from resampling whole cells.

Networks of one cell share data and dials, so a cell is what is independent. The scores of a theory on a task are

    log score     mean log probability that the forecast gives to a run; higher is better; a run that has not
                  generalised counts by the probability of a longer delay
    factor        10 to the median of |log10(predicted / measured)|, over runs that generalise
    coverage      share of runs inside the central 90 % of the forecast
    rank          Spearman's correlation of predicted and measured delays
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langevin.measure.bootstrap import seed_of
from langevin.scorecard.forecast import log_probability
from langevin.scorecard.table import Runs
from langevin.types import FloatArray, Measurement
from langevin.types.delay import Forecast

#: Resamples of cells; the central part of a normal distribution that coverage is about, in standard deviations.
RESAMPLES, CENTRAL = 400, 1.6448536269514722


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


def score(runs: Runs, said: Forecast) -> Score:
    """The scores of the forecasts of some runs that are timed.

    Args:
        runs: Held-out runs, of `Runs.timed`.
        said: Their forecasts; nan where there is none.
    """
    assert said.sd is not None
    logs = log_probability(said, runs.low, runs.high)
    measured = middle(runs)
    error = np.abs(said.median - measured)
    error = np.where(np.isfinite(measured) & ~np.isfinite(error), np.inf, error)
    inside = (runs.high >= said.median - CENTRAL * said.sd) & (runs.low <= said.median + CENTRAL * said.sd)
    return Score(
        over_cells(runs, lambda some: logs[some].mean(), "log score"),
        over_cells(runs, lambda some: 10 ** _median(error[some]), "factor"),
        over_cells(runs, lambda some: inside[some].mean(), "coverage"),
        over_cells(runs, lambda some: spearman(said.median[some], measured[some]), "rank correlation"),
    )


def middle(runs: Runs) -> FloatArray:
    """log10 of the delay (runs,), in the middle of its interval; nan for a run that has not generalised."""
    return np.where(np.isfinite(runs.high), (runs.low + runs.high) / 2, np.nan)


def over_cells(runs: Runs, statistic: Callable[[NDArray[np.int64]], float], name: str) -> Measurement:
    """A statistic of runs, given by their numbers, with its error from resampling cells."""
    names, cell = np.unique(runs.cell, return_inverse=True)
    members = [np.flatnonzero(cell == i) for i in range(len(names))]
    value = float(statistic(np.arange(len(runs)))) if len(runs) else np.nan
    if len(names) < 2:
        return Measurement(value, np.inf, len(names), name)
    random = np.random.default_rng(seed_of(name))
    drawn = random.integers(len(names), size=(RESAMPLES, len(names)))
    values = np.array([statistic(np.concatenate([members[i] for i in one])) for one in drawn])
    values = values[np.isfinite(values)]
    spread = float(values.std(ddof=1)) if len(values) > RESAMPLES / 2 else np.inf
    return Measurement(value, spread, len(names), name)


def spearman(first: FloatArray, second: FloatArray) -> float:
    """Correlation of ranks over pairs that are both finite; nan for fewer than three, or for equal values."""
    from scipy.stats import rankdata

    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < 3:
        return np.nan
    x, y = (rankdata(values[both]) for values in (first, second))
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 0 else np.nan


def _median(values: FloatArray) -> float:
    values = values[~np.isnan(values)]
    return float(np.median(values)) if len(values) else np.nan
