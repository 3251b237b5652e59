"""The report of a question: the run, the comparisons, and how to show them. All questions give one.

An answer shows itself as text, as a figure, in a notebook, and as tables of other libraries.
"""

from __future__ import annotations

import base64
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from langevin.comparison import (
    DETECTABLE,
    comparison_record,
    format_percent,
    format_prediction,
    format_table,
    measurement_record,
    overall,
)
from langevin.errors import NumericalError, of_extra
from langevin.experiment.question import Answer
from langevin.measure.walkers import MOST_LOST, lost, too_many_lost
from langevin.types import Comparison, Curve, Measurement, Trajectory
from langevin.words import format_value

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

HEADER = ("quantity", "at", "measured", "n", "theory", "predicted", "z", "verdict", "detectable")
#: Columns of the table of pandas.
COLUMNS = (
    "quantity", "at", "measured", "error", "n", "mixed", "theory", "predicted", "remainder", "in_range", "ratio", "z",
    "verdict", "detectable",
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A figure as the bytes of a PNG, which a notebook shows."""

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        """Its size; a notebook shows the figure itself."""
        return f"<Picture of {len(self.png)} bytes: plot(path) writes a file>"


class Shown:
    """Views of an answer with `title`, `text`, `comparisons`, `trajectory` and `draw(path)`."""

    title: str
    text: str
    comparisons: tuple[Comparison, ...]
    trajectory: Trajectory
    draw: Callable[[str], None]

    def __str__(self) -> str:
        """The text that the command line prints."""
        return self.text

    def __repr__(self) -> str:
        """The title and the number of comparisons."""
        return (
            f"<{type(self).__name__}: {self.title}; {len(self.comparisons)} comparisons; print() shows them>"
        )

    def plot(self, path: str | Path | None = None) -> Picture | None:
        """Draw the figure: into a file (.png, .pdf, .svg), or without a path as a picture that a notebook shows.

        Args:
            path: of the file.

        Raises:
            OutputError: the file cannot be written.
        """
        if path is not None:
            self.draw(str(path))
            return None
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figure.png"
            self.draw(str(file))
            return Picture(file.read_bytes())

    def to_dataframe(self) -> pd.DataFrame:
        """A table of pandas: one line for each theory at each point, with the columns `COLUMNS`.

        Raises:
            UsageError: pandas is not installed.
        """
        with of_extra("analysis"):
            import pandas
        return pandas.DataFrame([_entries(row) for row in self.comparisons], columns=list(COLUMNS))

    def to_xarray(self) -> xr.Dataset:
        """The run as a dataset of xarray, as `langevin.to_xarray` makes it, with the title of the answer.

        Raises:
            UsageError: xarray is not installed.
        """
        from langevin.store.exported import to_xarray

        return to_xarray(self.trajectory).assign_attrs(title=self.title)

    def _repr_html_(self) -> str:
        """Title, table and figure, for a notebook."""
        picture = self.plot()
        assert picture is not None
        figure = base64.b64encode(picture.png).decode()
        table = _html([HEADER, *(_cells(row) for row in self.comparisons)]) if self.comparisons else ""
        return (
            f"<h4>{escape(self.title)}</h4>{table}"
            f'<img src="data:image/png;base64,{figure}" style="max-width: 640px" alt="{escape(self.title)}">'
            f"<details><summary>as text</summary><pre>{escape(self.text)}</pre></details>"
        )


def _entries(row: Comparison) -> dict[str, Any]:
    measured, predicted = row.measured, row.predicted
    values = (
        row.quantity or measured.estimator, row.point, measured.value, measured.error, measured.n, measured.mixed,
        row.theory, predicted.value, predicted.remainder, predicted.in_range, row.ratio, row.z, row.verdict,
        row.detectable,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _cells(row: Comparison) -> tuple[str, ...]:
    measured = row.measured
    return (
        row.quantity or measured.estimator, f"{row.point:g}", format_value(measured.value, measured.error),
        f"{measured.n}", row.theory, format_prediction(row.predicted), f"{row.z:.2f}" if row.z == row.z else "-",
        row.verdict, format_percent(row.detectable),
    )  # fmt: skip


def _html(rows: Sequence[Sequence[str]]) -> str:
    """A table whose first row is its header."""
    lines = [
        "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)
        for row, tag in zip(rows, ["th", *["td"] * (len(rows) - 1)], strict=True)
    ]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


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
            remedy="run again with a smaller step, or correct the motion at the places at which walkers are lost",
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
