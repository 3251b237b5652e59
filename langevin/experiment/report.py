"""The report of a question: the run, the comparisons, and how to show them. All questions give one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from langevin.comparison import (
    DETECTABLE,
    comparison_record,
    format_percent,
    format_table,
    measurement_record,
    overall,
)
from langevin.errors import NumericalError
from langevin.experiment.question import Answer
from langevin.experiment.shown import Shown
from langevin.measure.walkers import MOST_LOST, lost, too_many_lost
from langevin.types import Comparison, Curve, Measurement, Trajectory


@dataclass(frozen=True, repr=False)
class Report(Shown):
    """A question's answer: `text` for people, `record` for programs, `draw(path)` for the figure.

    `measured` holds the numbers that the question is about, by name, for the check of the step.
    """

    title: str
    trajectory: Trajectory
    comparisons: tuple[Comparison, ...]
    text: str
    record: dict[str, Any]
    draw: Callable[[str], None]
    measured: Mapping[str, Measurement] = field(default_factory=dict)


def report_of(answer: Answer, trajectory: Trajectory, reasons: Sequence[str] = ()) -> Report:
    """The report of an answer: title, lines, table, verdicts, sections, then notes and how the walkers ended.

    Args:
        answer: of a question.
        trajectory: the run.
        reasons: why theories that apply have no number.
    """
    verdicts = [verdict_table(answer.comparisons, answer.curves)] if answer.curves else []
    end = [endings(trajectory), *dict.fromkeys(note for note in [*answer.notes, *reasons] if note)]
    parts = [answer.title, *answer.lines, answer.table, *verdicts, *answer.sections, "\n".join(end)]
    measured = {name: measurement_record(number) for name, number in answer.measured.items()}
    record = {
        "title": answer.title,
        "question": trajectory.meta.get("question"),
        "configuration": dict(trajectory.meta),
        "counts": trajectory.counts,
        "lost": lost(trajectory) or None,
        "too_many_lost": too_many_lost(trajectory),
        "tallies": trajectory.tallies,
        "verdicts": overall(answer.comparisons),
        "comparisons": [comparison_record(row) for row in answer.comparisons],
        "measured": measured,
        **answer.record,
    }
    comparisons = tuple(answer.comparisons)
    text = "\n\n".join(part for part in parts if part)

    def draw(path: str) -> None:
        from langevin.figures.canvas import remarked

        with remarked(lost(trajectory)):
            answer.draw(path)

    return Report(answer.title, trajectory, comparisons, text, record, draw, answer.measured)


def check_survivors(trajectory: Trajectory) -> None:
    """Refuse a run with too many lost walkers, after its answer has been shown and kept.

    Raises:
        NumericalError: more than the share `MOST_LOST` diverged or failed.
    """
    if too_many_lost(trajectory):
        raise NumericalError(
            f"{lost(trajectory)}: above {MOST_LOST:.1%} of them the others are no fair sample, so there is no verdict",
            remedy="run again with a smaller step, or correct the motion where walkers are lost",
        )


def verdict_table(comparisons: Sequence[Comparison], curves: Sequence[Curve]) -> str:
    """One line for each theory: verdict over all points and quantities, their number in range, largest |z|, validity.

    `detectable` is the largest value over the tested points: the smallest difference that the weakest point excludes.

    Args:
        comparisons: of all theories.
        curves: the theories.
    """
    verdicts = overall(comparisons)
    rows = []
    named = {curve.name: curve for curve in reversed(curves)}
    for name in dict.fromkeys(curve.name for curve in curves):
        own = [row for row in comparisons if row.theory == name]
        tested = [abs(row.z) for row in own if row.verdict != "out of range"]
        share, largest = f"{len(tested)}/{len(own)}", max(tested, default=float("nan"))
        seen = [row.detectable for row in own if not math.isnan(row.z)]
        verdict = verdicts.get(name, "out of range")
        power = format_percent(max(seen, default=math.inf))
        rows.append((name, verdict, share, largest, power, named[name].validity))
    header = ("theory", "verdict", "in range", "max |z|", "detectable", "range of validity")
    table = "\n".join([format_table(header, rows), DETECTABLE])
    sources = dict.fromkeys(f"  {curve.name}: {curve.reference}" for curve in curves)
    return "\n".join([table, "", "Sources", *sources])


def endings(trajectory: Trajectory) -> str:
    """How walkers or networks ended, and the number of steps without motion by cause, if the integrator counts them.

    A run without a target has no arrivals. A run with a target has arrivals and censored walkers instead
    of finished ones.
    """
    counts = trajectory.counts
    regular = ("hit", "censored") if "target" in trajectory.events else ("finished",)
    parts = [f"{counts[cause]} {cause}" for cause in (*regular, "diverged")]
    if trajectory.meta.get("kind") == "network":
        stopped = [f"{counts['hit']} stopped by a criterion"] if counts["hit"] else []
        sentence = f"networks: {', '.join([*stopped, *parts])}"
    else:
        sentence = f"walkers: {', '.join(parts)}, {counts['projection_failed']} failed to project"
    sentence += f"; {lost(trajectory)}" if lost(trajectory) else ""
    tallies = trajectory.tallies
    if not tallies:
        return sentence
    steps = int(np.asarray(trajectory.events["step"]).sum())
    named = ", ".join(f"{count} {cause.replace('_', ' ')}" for cause, count in tallies.items())
    stuck = (
        "; no step was taken, lower dt" if "rejected" in tallies and sum(tallies.values()) == steps else ""
    )
    return f"{sentence}; of {steps} steps: {named}{stuck}"
