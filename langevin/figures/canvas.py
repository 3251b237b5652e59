"""Common parts of all figures: style, palette, and how they are saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from langevin.store.atomic import replace_file

#: Palette of Okabe and Ito, which colour-blind readers can distinguish; black is for measured numbers.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MEASURED = "#000000"
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
#: Share of red, green and blue that colours keep each time the palette is used again.
DARKER = 0.6
STYLE = {
    "font.size": 9,
    "axes.labelsize": 10,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.5,
    "savefig.dpi": 200,
}


#: Letters that texts spell, as mathematics.
GREEK = {"theta": r"$\theta$", "eps": r"$\varepsilon$"}
#: The sign before an error in plain texts, and in figures.
PLAIN, PLUS_MINUS = "+-", "\N{PLUS-MINUS SIGN}"
#: The remark at the foot of every figure.
_REMARK: ContextVar[str] = ContextVar("remark", default="")


def looks() -> Iterator[tuple[str, Any]]:
    """A colour and a dash for each line, without end: no two lines have the same colour.

    After those of the palette come darker ones, with other dashes.
    """
    for darkness in count():
        for place, colour in enumerate(COLOURS):
            yield _darker(colour, DARKER**darkness), DASHES[(place + darkness) % len(DASHES)]


def _darker(colour: str, share: float) -> str:
    """The colour `#rrggbb` with this share of its red, green and blue."""
    return "#" + "".join(f"{round(int(colour[at : at + 2], 16) * share):02X}" for at in (1, 3, 5))


@contextmanager
def remarked(remark: str) -> Iterator[None]:
    """Write a remark at the foot of every figure that is drawn inside the block, such as the number of lost walkers."""
    token = _REMARK.set(remark)
    try:
        yield
    finally:
        _REMARK.reset(token)


def write_remark(figure: Any) -> None:
    """Write the remark of the block, if there is one, at the foot of a figure."""
    if _REMARK.get():
        figure.supxlabel(_REMARK.get(), fontsize=8, color=COLOURS[1])


def in_symbols(text: str) -> str:
    """A text whose names of Greek letters are symbols, for Matplotlib; names that are symbols already stay."""
    return re.sub(r"(?<!\\)\b(theta|eps)\b", lambda found: GREEK[found.group()], text)


@contextmanager
def canvas(path: str | Path, title: str, width: float = 6.0, height: float = 4.2) -> Iterator[Any]:
    """Yield axes to draw on; save the figure at the end.

    Raises:
        OutputError: the file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots()
        axes.set_title(in_symbols(title), loc="left", wrap=True)
        yield axes
        write_remark(figure)
        write_figure(figure, path)


def write_figure(figure: Any, path: str | Path, **settings: Any) -> None:
    """Save a figure, completely or not at all, in the format of its suffix; an older file is replaced.

    "+-" in its texts becomes the mathematical symbol.

    Raises:
        OutputError: the file cannot be written.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if PLAIN in text.get_text():
            text.set_text(text.get_text().replace(PLAIN, PLUS_MINUS))
    content = BytesIO()
    figure.savefig(content, format=Path(path).suffix.removeprefix(".") or None, **settings)
    replace_file(Path(path), content.getvalue())


def error_bars(axes: Any, x: Any, y: Any, errors: Any, label: str) -> None:
    """Measured points with their 95 % intervals, drawn above every curve."""
    axes.errorbar(
        x,
        y,
        yerr=errors,
        fmt="o",
        color=MEASURED,
        markersize=4.5,
        capsize=3,
        elinewidth=1.2,
        label=label,
        zorder=10,
    )
