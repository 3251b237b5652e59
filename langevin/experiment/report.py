"""What a question leaves: the run, the comparisons, and how to show them; all questions end here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from langevin.comparison import comparison_record, format_table, measurement_record, overall
from langevin.experiment.question import Answer
from langevin.types import Comparison, Curve, Measurement, Trajectory


@dataclass(frozen=True)
class Report:
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
        trajectory: in which it was found.
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
        "tallies": trajectory.tallies,
        "verdicts": overall(answer.comparisons),
        "comparisons": [comparison_record(row) for row in answer.comparisons],
        "measured": measured,
        **answer.record,
    }
    comparisons = tuple(answer.comparisons)
    text = "\n\n".join(part for part in parts if part)
    return Report(answer.title, trajectory, comparisons, text, record, answer.draw, answer.measured)


def verdict_table(comparisons: Sequence[Comparison], curves: Sequence[Curve]) -> str:
    """One line a theory: verdict over all points and quantities, how many are in range, largest |z|, validity."""
    verdicts = overall(comparisons)
    rows = []
    named = {curve.name: curve for curve in reversed(curves)}
    for name in dict.fromkeys(curve.name for curve in curves):
        own = [row for row in comparisons if row.theory == name]
        tested = [abs(row.z) for row in own if row.verdict != "out of range"]
        share, largest = f"{len(tested)}/{len(own)}", max(tested, default=float("nan"))
        rows.append((name, verdicts.get(name, "out of range"), share, largest, named[name].validity))
    table = format_table(("theory", "verdict", "in range", "max |z|", "range of validity"), rows)
    sources = dict.fromkeys(f"  {curve.name}: {curve.reference}" for curve in curves)
    return "\n".join([table, "", "Sources", *sources])


def endings(trajectory: Trajectory) -> str:
    """How the walkers ended and, where the integrator counts, which of their steps came to nothing: by cause.

    A run without a target has no arrivals, and one with a target no walker that just finished.
    """
    counts = trajectory.counts
    regular = ("hit", "censored") if "target" in trajectory.events else ("finished",)
    parts = [f"{counts[cause]} {cause}" for cause in (*regular, "diverged")]
    sentence = f"walkers: {', '.join(parts)}, {counts['projection_failed']} failed to project"
    tallies = trajectory.tallies
    if not tallies:
        return sentence
    steps = int(np.asarray(trajectory.events["step"]).sum())
    named = ", ".join(f"{count} {cause.replace('_', ' ')}" for cause, count in tallies.items())
    stuck = (
        "; no step was taken, lower dt" if "rejected" in tallies and sum(tallies.values()) == steps else ""
    )
    return f"{sentence}; of {steps} steps: {named}{stuck}"
