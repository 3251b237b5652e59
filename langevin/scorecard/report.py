"""The scores as one record, and as text."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from langevin.comparison import format_measurement, format_percent, format_table, format_value
from langevin.errors import UsageError
from langevin.scorecard.evaluate import (
    Entry,
    NoForecast,
    TaskScores,
    added,
    decided,
    evaluate,
    known_tasks,
    tasks_of,
)
from langevin.scorecard.forecast import HIGHEST, LOWEST, within_limits
from langevin.scorecard.score import WhetherScore, evaluate_whether
from langevin.scorecard.table import Runs
from langevin.types import Constant, DelayTheory, Measurement, WhetherTheory

#: Smallest share of the held-out runs for which the best theory of a task has a forecast.
ENOUGH = 0.5
#: Heading of the number of tasks without a forecast.
NO_FORECAST = "no forecast"
#: Explanation of the columns of the tables over all tasks.
LEGEND = """\
cells: held-out cells
baseline: the one that fits the calibration cells of the task best, unless --baseline names one
best theory: the one with the highest gain that is no baseline and has a forecast for half of the held-out runs
in range: share of the held-out runs for which the best theory has a forecast; its factor is of these runs
gain: log score minus that of the baseline, per run; above 0 is better; a run without a forecast counts as 0
+-: error from the choice of cells: held-out and calibration cells for gains, held-out cells for other scores
*: the gain differs from 0 at a significance of 1 %
factor: by what factor the median prediction is wrong: of the baseline, then of the best theory
seeds: by what factor the mean of the other networks of a cell is wrong
better, worse: number of tasks on which the gain over runs with a forecast differs from 0; level: it does not
excluded: number of tasks on which a fitted constant is outside of its allowed range, at a significance of 1 %
no forecast: number of tasks for which the theory has no forecast
(known): the delay is known exactly; the task tests the scores and is not part of any mean"""
#: Explanation of the columns of the table of one task.
TASK_LEGEND = """\
in range: share of the held-out runs for which the theory has a forecast; the other columns are of these runs
gain: log score minus that of the baseline, per run; above 0 is better; *: it differs from 0 at a significance of 1 %
+-: error from the choice of cells: all cells for gains, calibration cells for constants, held-out cells for the rest
factor: by what factor the median prediction is wrong
coverage: share of runs inside the central 90 % of the forecast
rank: rank correlation of predicted and measured delays; - if all predictions are equal
verdict: better or worse if the gain has a *, else level; excluded if a constant is outside of its allowed range
constants: fitted; undetermined: other values fit as well; at its edge: at a bound of the allowed range
formulas: `langevin list NAME` shows that of a theory
order of the rows: by the gain on all held-out runs, in which a run without a forecast counts as 0
only delayed and censored runs are scored"""


@dataclass(frozen=True)
class Scorecard:
    """All scores of a table.

    theories  by name
    tasks     scores by task
    whether   scores of theories that predict whether, and not when, a network generalises, by task
    runs      number of runs, of cells
    timed     number of delayed or censored runs in calibration cells, and in held-out cells; without known tasks
    known     tasks whose delay is known exactly: they test the scores, and do not count in means over tasks
    """

    theories: Mapping[str, DelayTheory]
    tasks: Mapping[str, TaskScores]
    whether: Mapping[str, Mapping[str, WhetherScore]]
    runs: tuple[int, int]
    timed: tuple[int, int]
    known: frozenset[str] = frozenset()


def scorecard(
    runs: Runs,
    theories: Mapping[str, DelayTheory],
    whether: Mapping[str, WhetherTheory],
    others: bool = False,
    baseline: str | None = None,
) -> Scorecard:
    """Score theories on every task of a table.

    Args:
        runs: The trainings.
        theories: By name.
        whether: Theories that predict whether, and not when, a network generalises, by name.
        others: Fit the constants on all other tasks.
        baseline: Name of the theory to which others are compared; the best baseline of the task if not given, and for
            runs without a forecast of this theory.

    Raises:
        UsageError: no theory has the name of the baseline, or one takes too long (`langevin.scorecard.forecast`).
    """
    if baseline is not None and baseline not in theories:
        raise UsageError(f"there is no theory {baseline!r} to compare with", f"one of {', '.join(theories)}")
    tasks, known = tasks_of(runs), known_tasks(runs)
    timed = runs.timed & ~np.isin(runs.seen.task, list(known))
    scores, decided = within_limits(
        lambda: (
            {task: evaluate(runs, theories, task, others, baseline) for task in tasks},
            {task: evaluate_whether(runs, whether, task) for task in tasks},
        )
    )
    _warn_of_the_lost(theories, scores)
    return Scorecard(
        dict(theories),
        scores,
        decided,
        (len(runs), len(np.unique(runs.cell))),
        (int((timed & ~runs.held_out).sum()), int((timed & runs.held_out).sum())),
        frozenset(known),
    )


def _warn_of_the_lost(theories: Iterable[str], tasks: Mapping[str, TaskScores]) -> None:
    """Warn of theories that forecast no possible delay on a task: their scores alone do not show the mistake."""
    for name in theories:
        of_tasks = {task: scores.entries[name] for task, scores in tasks.items()}
        if lost := [task for task, one in of_tasks.items() if isinstance(one, Entry) and one.fitted.lost]:
            warnings.warn(
                f"no forecast of {name} is between 10^{LOWEST:g} and 10^{HIGHEST:g} steps on {', '.join(lost)}: "
                "`predict` must return log10 of the delay in steps, finite for each run to which the theory applies",
                stacklevel=3,
            )


def pooled(card: Scorecard, name: str) -> Measurement:
    """Mean gain of a theory over tasks. Baselines give its missing forecasts. Every task has the same weight.

    Args:
        card: the scores.
        name: of the theory.
    """
    tasks = [scores for task, scores in card.tasks.items() if task not in card.known]
    gains = [entry.filled for task in tasks if isinstance(entry := task.entries[name], Entry)]
    count = max(len(tasks), 1)
    error, n = added([(gain.error, gain.n) for gain in gains])
    return Measurement(sum(gain.value for gain in gains) / count, error / count, n, "mean over tasks")


def best_of(scores: TaskScores, theories: Mapping[str, DelayTheory]) -> tuple[str, Entry] | None:
    """The theory, no baseline, with the highest gain and forecasts of half of the held-out runs; None if none has.

    Args:
        scores: of one task.
        theories: by name.
    """
    found = [
        (name, entry)
        for name, entry in scores.entries.items()
        if isinstance(entry, Entry) and not theories[name].baseline and not entry.fitted.excluded
        if entry.share >= ENOUGH
    ]
    return max(found, key=lambda pair: pair[1].filled.value, default=None)


def summary_text(card: Scorecard) -> str:
    """The tables of `langevin score`: tasks, then theories."""
    rows = []
    for task, scores in card.tasks.items():
        best, baseline = best_of(scores, card.theories), scores.entries[scores.baseline]
        assert isinstance(baseline, Entry)
        mark = " (known)" if task in card.known else ""
        ours = ["-"] * 4
        if best is not None:
            name, entry = best
            factor = format_measurement(entry.own.factor)
            ours = [name, format_percent(entry.share), signed(entry.filled), factor]
        base = [
            f"{task}{mark}",
            f"{scores.cells[0]}",
            scores.baseline,
            format_measurement(baseline.own.factor),
        ]
        rows.append([*base, *ours, format_measurement(scores.floor.factor)])
    tasks = format_table(
        ["task", "cells", "baseline", "factor", "best theory", "in range", "gain", "factor", "seeds"], rows
    )
    parts = [
        f"Delay between memorising and generalising: {card.runs[0]} runs in {card.runs[1]} cells\n"
        "delayed or censored runs of tasks whose delay is not known exactly: theories are fitted to "
        f"{card.timed[0]} runs and scored on {card.timed[1]} held-out runs",
        tasks, theories_text(card), LEGEND,
    ]  # fmt: skip
    if words := whether_text(card):
        parts.insert(3, words)
    return "\n\n".join(parts)


def theories_text(card: Scorecard) -> str:
    """The table of theories over all tasks, the best first."""
    order = sorted(card.theories, key=lambda name: -pooled(card, name).value)
    rows, without = [], []
    for name in order:
        words = [
            entry.word if isinstance(entry, Entry) else NO_FORECAST
            for task, scores in card.tasks.items()
            if task not in card.known
            for entry in [scores.entries[name]]
        ]
        if set(words) == {NO_FORECAST}:
            without.append(name)
            continue
        counts = [words.count(word) or "-" for word in ("better", "level", "worse", "excluded", NO_FORECAST)]
        mark = " (baseline)" if card.theories[name].baseline else ""
        rows.append([f"{name}{mark}", signed(pooled(card, name)), *map(str, counts)])
    header = ["theory", "gain, mean over tasks", "better", "level", "worse", "excluded", NO_FORECAST]
    table = format_table(header, rows)
    return f"{table}\n\nno forecast on any of these tasks: {', '.join(sorted(without))}" if without else table


def task_text(card: Scorecard, task: str) -> str:
    """The table of one task: a row for each theory.

    Args:
        card: the scores.
        task: name of the task.
    """
    scores = card.tasks[task]
    rows = []
    known = [name for name in card.theories if isinstance(scores.entries[name], Entry)]
    for name in sorted(known, key=lambda one: -_entry(scores, one).filled.value):
        entry, theory = _entry(scores, name), card.theories[name]
        constants = ", ".join(
            f"{one.name} {'undetermined' if free else _fitted(one, value, error)}"
            for one, value, error, free in zip(
                theory.constants, entry.fitted.constants, entry.fitted.errors, entry.fitted.free
            )
        )
        rows.append(
            [
                name + (" (baseline)" if theory.baseline else ""), format_percent(entry.share),
                signed(entry.against), format_measurement(entry.own.factor), format_measurement(entry.own.coverage),
                format_measurement(entry.own.rank), entry.word, entry.fitted.excluded or constants,
            ]
        )  # fmt: skip
    missing: dict[str, list[str]] = {}
    for name, one in scores.entries.items():
        if isinstance(one, NoForecast):
            missing.setdefault(one.reason, []).append(name)
    outcomes = ", ".join(f"{count} {name}" for name, count in scores.outcomes.items())
    return "\n\n".join(
        [
            f"{task}: {scores.cells[0]} held-out cells, {scores.cells[1]} of calibration; held-out runs: {outcomes}",
            format_table(
                ["theory", "in range", "gain", "factor", "coverage", "rank", "verdict", "constants"], rows
            ),
            f"baseline: {scores.baseline}; the mean of the other networks of the cell is wrong by a factor of "
            f"{format_measurement(scores.floor.factor)}",
            *(f"{reason}: {', '.join(names)}" for reason, names in missing.items()),
        ]
    )


def _fitted(constant: Constant, value: float, error: float) -> str:
    """A fitted constant with its error; without an error at a bound of the theory."""
    if value in (constant.low, constant.high):
        return f"= {value:.3g}, at its edge"
    return f"= {format_value(value, error)}"


def whether_text(card: Scorecard) -> str:
    """The table of theories that predict whether, and not when; empty if no task decides."""
    rows = [
        [
            task,
            name,
            f"{one.yes}",
            f"{one.no}",
            format_measurement(one.log_score),
            format_measurement(one.right),
        ]
        for task, scores in card.whether.items()
        for name, one in scores.items()
    ]
    header = ["task", "whether, not when", "generalise", "do not", "log score", "share right"]
    return format_table(header, rows) if rows else ""


def signed(measured: Measurement) -> str:
    """A gain with its sign, its error, and a star if it differs from 0 (`decided`)."""
    text = format_measurement(measured)
    star = "*" if decided(measured) else ""
    return f"{'' if text.lstrip('(').startswith('-') else '+'}{text}{star}"


def _entry(scores: TaskScores, name: str) -> Entry:
    entry = scores.entries[name]
    assert isinstance(entry, Entry)
    return entry
