"""The figure of a scorecard: the gain of each theory on each task."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from langevin.figures.canvas import canvas
from langevin.scorecard.evaluate import Entry
from langevin.scorecard.report import Scorecard, pooled

#: Larger gains have the colour of this gain.
FAR = 1.0
#: Larger gains have a dark colour, with white marks.
DARK = 0.6
MARKS = {"better": "+", "worse": "-", "level": "", "excluded": "x"}


def draw_scorecard(card: Scorecard, path: str | Path) -> None:
    """A map of theories, in the order of their mean gain, and tasks; the colour is the gain over the baseline.

    `+` and `-`: the gain differs from 0 at a significance of 1 %. `x`: a fitted constant excludes the theory. Grey: no
    forecast.

    Args:
        card: the scores.
        path: of the figure.
    """
    scored = {
        name
        for scores in card.tasks.values()
        for name, one in scores.entries.items()
        if isinstance(one, Entry)
    }
    names = sorted(scored, key=lambda name: (-pooled(card, name).value, name))
    gains = np.full((len(names), len(card.tasks)), np.nan)
    marks = {}
    for column, scores in enumerate(card.tasks.values()):
        for row, name in enumerate(names):
            entry = scores.entries[name]
            if isinstance(entry, Entry):
                gains[row, column], marks[row, column] = entry.against.value, MARKS[entry.word]
    chosen = {scores.baseline for scores in card.tasks.values()}
    baseline = chosen.pop() if len(chosen) == 1 else "the best baseline of each task"
    with canvas(path, f"Gain in log score over {baseline}, per run", 7.5, 0.27 * len(names) + 1.8) as axes:
        axes.set_facecolor("0.9")
        image = axes.imshow(gains, cmap="RdBu", vmin=-FAR, vmax=FAR, aspect="auto")
        for (row, column), mark in marks.items():
            dark = abs(gains[row, column]) > DARK
            axes.text(
                column, row, mark, ha="center", va="center", fontsize=11, color="white" if dark else "black"
            )
        tasks = [f"{task} (known)" if task in card.known else task for task in card.tasks]
        axes.set_xticks(range(len(tasks)), tasks, rotation=30, ha="right")
        labels = [f"{name} (baseline)" if card.theories[name].baseline else name for name in names]
        axes.set_yticks(range(len(names)), labels)
        axes.figure.colorbar(image, ax=axes, extend="both", label="gain", shrink=0.7)
        axes.figure.supxlabel(
            "+, -: differs from 0 at a significance of 1 %;  x: excluded by a fitted constant;  grey: no forecast\n"
            f"rows in the order of the mean gain over tasks;  colours end at +-{FAR:g}",
            fontsize=8,
        )
