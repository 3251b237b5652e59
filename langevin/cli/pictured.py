"""The figure of a run file, for `langevin plot` and `langevin compare --plot`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langevin.experiment import Report
    from langevin.types import Comparison, Landscape, Trajectory


def draw_run(
    figure: Path,
    trajectory: Trajectory,
    landscape: Landscape | None,
    report: Report | None,
    stored: Sequence[Comparison],
) -> None:
    """Draw the figure of the answer, or without an answer what the run recorded.

    Args:
        figure: path of the figure.
        trajectory: the run of the file.
        landscape: a user-defined landscape, if one was given.
        report: the answer of the run.
        stored: comparisons that its file holds.

    Raises:
        UsageError: the run holds nothing to draw.
        OutputError: the figure cannot be written.
    """
    from langevin.experiment.allowance import ANSWER
    from langevin.experiment.recorded_question import allowed, draw_alone

    with allowed(trajectory, landscape, ANSWER):
        if report is not None:
            report.draw(str(figure))
        else:
            draw_alone(figure, trajectory, stored)
