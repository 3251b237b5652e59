"""The figure of a run on a landscape whose functions are not at hand: what the file holds is enough for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from langevin.ensemble.splitting_result import measured
from langevin.experiment.answering import has_target
from langevin.experiment.rare_escape import recorded_walks
from langevin.experiment.recorded_question import censored, is_rate
from langevin.types import Comparison, Trajectory


def draw_alone(path: str | Path, trajectory: Trajectory, stored: Sequence[Comparison] = ()) -> None:
    """Draw rates over the temperature, the share of walkers on their way to a target, or how far walkers went.

    Args:
        path: of the figure.
        trajectory: a run of walkers or of rates.
        stored: comparisons that the file of the run holds; those of the mean time are drawn with it.

    Raises:
        InputFileError: numbers that no run of rates has.
        UsageError: the run holds nothing to draw.
        OutputError: the file cannot be written.
    """
    meta = trajectory.meta
    name = _plain(str(meta.get("landscape") or meta.get("model") or "a landscape"))
    if is_rate(trajectory):
        from langevin.figures.escape import rare_escape

        runs = [measured(walks) for walks in recorded_walks(trajectory)]
        temperatures = [run.meta["temperature"] for run in runs]
        rare_escape(path, temperatures, [run.rate for run in runs], [], f"Rate to the target of {name}")
    elif has_target(trajectory):
        from langevin.figures.escape import escape_time
        from langevin.measure import mean_first_passage_time, survival_curve

        run = censored(trajectory)
        times = [replace(row, theory=_plain(row.theory)) for row in stored if not row.quantity]
        title = f"Time to the target of {name}"
        escape_time(path, survival_curve(run), mean_first_passage_time(run), times, title)
    else:
        from langevin.figures.displacement import walked

        walked(path, trajectory, f"Displacement on {name}")


def _plain(text: str) -> str:
    """A text from a file, without what Matplotlib reads as mathematics."""
    return "".join(letter for letter in text if letter.isprintable() and letter != "$")
