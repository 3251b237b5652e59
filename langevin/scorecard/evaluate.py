"""Every theory on every task: constants from calibration cells, scores on held-out cells.

A theory is scored twice. In its range, it is compared with the best baseline on the same runs. Then it is
scored on all runs of the task, and this baseline gives its missing forecasts. So a theory gains nothing if it predicts
easy runs only. The best baseline of a task is the one that fits its calibration cells best.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.scorecard.cells import decisive, jackknife_error
from langevin.scorecard.fit import Fitted, fit
from langevin.scorecard.forecast import applies_to, forecast, forecasts, log_probability
from langevin.scorecard.score import Score, mean_over_cells, middle, score
from langevin.scorecard.table import Runs, select
from langevin.types import FloatArray, Measurement
from langevin.types.delay import DelayTheory, Forecast

#: Fewest held-out runs that are scored.
LEAST = 3


class NoForecast(NamedTuple):
    """A theory without forecasts on a task, and the reason."""

    reason: str


@dataclass(frozen=True)
class Entry:
    """A theory on one task.

    fitted      its constants
    n           held-out runs with a forecast
    share       share of the held-out runs of the task with a forecast
    own         its scores on runs with a forecast
    against     difference of log scores on runs with a forecast, to the best baseline
    filled      difference of log scores on all held-out runs; the best baseline gives the missing forecasts
    """

    fitted: Fitted
    n: int
    share: float
    own: Score
    against: Measurement
    filled: Measurement

    @property
    def word(self) -> str:
        """Whether it is better than the best baseline, worse, or level; or excluded by a fitted constant."""
        if self.fitted.excluded:
            return "excluded"
        if not decided(self.against):
            return "level"
        return "better" if self.against.value > 0 else "worse"


@dataclass(frozen=True)
class TaskScores:
    """The scores on one task.

    entries    by the name of the theory
    baseline   name of the best baseline on the calibration cells
    floor      scores of a forecast from the other networks of the same cell: about the scatter from seeds alone
    outcomes   number of held-out runs of each outcome
    cells      held-out cells, and the calibration cells of the fit, which are in other tasks if this was requested
    """

    entries: Mapping[str, Entry | NoForecast]
    baseline: str
    floor: Score
    outcomes: Mapping[str, int]
    cells: tuple[int, ...]


def evaluate(
    runs: Runs,
    theories: Mapping[str, DelayTheory],
    task: str,
    others: bool = False,
    baseline: str | None = None,
) -> TaskScores:
    """The scores of theories on one task.

    Args:
        runs: All trainings.
        theories: By name; at least one baseline among them.
        task: Name of the task.
        others: Fit the constants on the calibration cells of all other tasks without a known delay, instead of the
            cells of this task.
        baseline: Name of the theory to which others are compared; the best baseline if not given, and for
            runs without a forecast of this theory.

    Raises:
        InputFileError: too few cells of the task are in the table.
    """
    here = runs.seen.task == task
    fitted_on = (runs.seen.task != task) & ~np.isfinite(runs.seen.known) if others else here
    calibration = select(runs, ~runs.held_out & fitted_on)
    held_out = select(runs, runs.held_out & here & runs.timed)
    fits = {name: fit(theory, calibration) for name, theory in theories.items()}
    predicted = {
        name: _forecasts_of(theories[name], held_out, fitted) for name, fitted in fits.items() if fitted
    }
    whole = [name for name in predicted if applies_to(theories[name], held_out.seen).all()]
    baselines = {name: theories[name] for name in whole if theories[name].baseline}
    if not baselines or len(held_out) < LEAST:
        raise InputFileError(
            f"the table has too few cells of the task {task}: the constants of no baseline can be fitted and scored; "
            "`langevin run sims.grokking_times` continues with the missing cells"
        )
    chosen, best = _reference(baseline, _best(calibration, baselines, fits), theories, predicted, held_out)
    entries: dict[str, Entry | NoForecast] = {}
    for name, theory in theories.items():
        fitted, where = fits[name], applies_to(theory, held_out.seen)
        if fitted is None or not where.any():
            entries[name] = NoForecast(
                "too few calibration cells" if where.any() else "no forecast for this task"
            )
        else:
            entries[name] = _entry(held_out, where, fitted, predicted[name], best)
    return TaskScores(
        entries, chosen, seed_floor(held_out),
        _counts(runs.outcome[runs.held_out & here]),
        tuple(len(np.unique(runs.cell[part])) for part in (runs.held_out & here, ~runs.held_out & fitted_on)),
    )  # fmt: skip


def _forecasts_of(theory: DelayTheory, runs: Runs, fitted: Fitted) -> Forecast:
    """Forecasts (1 + refits, runs): by the fitted constants, then by constants without one calibration cell."""
    return forecasts(theory, runs.seen, np.vstack([[*fitted.constants, fitted.spread], fitted.refits]))


def _reference(
    named: str | None,
    best: str,
    theories: Mapping[str, DelayTheory],
    by_name: Mapping[str, Forecast],
    runs: Runs,
) -> tuple[str, Forecast]:
    """The theory to which others are compared, and its forecasts. The best baseline gives missing forecasts."""
    if named is None or named not in by_name:
        return best, by_name[best]
    applicable = applies_to(theories[named], runs.seen)
    if not applicable.any():
        return best, by_name[best]
    ours, theirs = by_name[named], by_name[best]
    assert ours.sd is not None
    assert theirs.sd is not None
    return named, Forecast(
        np.where(applicable, ours.median, theirs.median), np.where(applicable, ours.sd, theirs.sd)
    )


def _best(calibration: Runs, baselines: Mapping[str, DelayTheory], fits: Mapping[str, Fitted | None]) -> str:
    """The baseline of all runs that fits calibration cells best, with a penalty of one unit for each constant."""
    runs = select(calibration, calibration.timed)

    def quality(name: str) -> float:
        fitted = fits[name]
        if fitted is None or not applies_to(baselines[name], runs.seen).all():
            return -np.inf
        predicted = forecast(baselines[name], runs.seen, fitted.constants, fitted.spread)
        return float(log_probability(predicted, runs.low, runs.high).sum()) - len(fitted.constants)

    return max(baselines, key=quality)


def _entry(
    runs: Runs, where: NDArray[np.bool_], fitted: Fitted, predicted: Forecast, best: Forecast
) -> Entry:
    """The scores of forecasts (1 + refits, runs) next to the scores of the best baseline."""
    difference = log_probability(predicted, runs.low, runs.high) - log_probability(best, runs.low, runs.high)
    own = select(runs, where)
    filled = np.where(where, difference, 0.0)
    return Entry(
        fitted, int(where.sum()), float(where.mean()), score(own, _some(predicted, where)),
        _gain(own, difference[:, where]), _gain(runs, filled),
    )  # fmt: skip


def _gain(runs: Runs, differences: FloatArray) -> Measurement:
    """The mean of the first row of differences (1 + refits, runs). Its error has two independent parts.

    The first part comes from the choice of held-out cells. The second part comes from the choice of calibration cells:
    the constants of each further row are fitted without one of them. `added` gives n.
    """
    gain, refits = mean_over_cells(runs, differences[0], "gain"), differences[1:]
    error, n = added([(gain.error, gain.n), (float(jackknife_error(refits.mean(axis=1))), len(refits))])
    return replace(gain, error=error, n=n)


def added(parts: Sequence[tuple[float, int]]) -> tuple[float, int]:
    """The error of a sum whose parts have these errors and sample sizes; and n, with n - 1 degrees of freedom.

    B. L. Welch, Biometrika 34 (1947) 28, rounded down.
    """
    square = sum(error**2 for error, _ in parts)
    spread = sum(error**4 / max(n - 1, 1) for error, n in parts)
    return math.sqrt(square), 1 + int(square**2 / spread) if 0.0 < spread < math.inf else 1


def decided(gain: Measurement) -> bool:
    """Whether a gain differs from 0."""
    return abs(gain.value) > decisive(gain.n) * gain.error


def _counts(words: NDArray[np.str_]) -> dict[str, int]:
    return {str(name): int(count) for name, count in zip(*np.unique(words, return_counts=True))}


def _some(predicted: Forecast, where: NDArray[np.bool_]) -> Forecast:
    """The first of forecasts (1 + refits, runs), of some of the runs."""
    assert predicted.sd is not None
    return Forecast(predicted.median[0, where], predicted.sd[0, where])


def seed_floor(runs: Runs) -> Score:
    """Scores of a forecast of each run by the mean of the other networks of its cell, which is hidden from theories.

    Its spread is the spread of networks in a cell, pooled over the cells. A run is left out if no other network of its
    cell generalises.
    """
    measured = middle(runs)
    mean = np.full(len(runs), np.nan)
    squares, freedom = 0.0, 0
    for cell in np.unique(runs.cell):
        members = np.flatnonzero((runs.cell == cell) & np.isfinite(measured))
        for one in np.flatnonzero(runs.cell == cell):
            rest = members[members != one]
            if len(rest):
                mean[one] = measured[rest].mean()
        if len(members) > 1:
            squares += float(((measured[members] - measured[members].mean()) ** 2).sum())
            freedom += len(members) - 1
    spread = max((squares / max(freedom, 1) * 1.5) ** 0.5, 0.02)
    known = np.isfinite(mean)
    return score(select(runs, known), Forecast(mean[known], np.full(int(known.sum()), spread)))


def known_tasks(runs: Runs) -> set[str]:
    """Names of the tasks whose delay is known exactly."""
    return {str(name) for name in np.unique(runs.seen.task[np.isfinite(runs.seen.known)])}


def tasks_of(runs: Runs) -> Sequence[str]:
    """Names of the tasks, in the order of the table."""
    names, first = np.unique(runs.seen.task, return_index=True)
    return [str(names[i]) for i in np.argsort(first)]
