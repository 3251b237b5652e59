"""A sweep in one figure: a curve over one axis, a phase diagram over two, several phase diagrams over three."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.figures.canvas import STYLE, canvas, error_bars, looks, write_figure
from langevin.measure.interval import critical_value
from langevin.types import FloatArray
from langevin.words import format_value

#: Colour of each verdict, and a letter with the same meaning.
VERDICTS = {
    "agrees": ("#0072B2", "A", "white"),
    "excluded": ("#D55E00", "X", "white"),
    "inconclusive": ("#F0E442", "?", "black"),
    "not mixed": ("#CC79A7", "M", "black"),
    "out of range": ("#DDDDDD", "O", "black"),
    "": ("#FFFFFF", "", "black"),
}
#: Largest number of cells of a diagram with written numbers, and of panels.
MOST_WRITTEN, MOST_PANELS = 81, 12
#: Largest number of values of an axis that are all written below a curve.
MOST_TICKS = 8
#: Ratio of the largest to the smallest value above which an axis is logarithmic.
WIDE = 8.0


@dataclass(frozen=True)
class Grid:
    """One quantity of a sweep over its axes; nan if there is no run.

    Attributes:
        axes: name and values of each axis; their numbers are the lengths of the axes of the arrays.
        quantity: what was measured.
        value, error: the measured number and its standard error.
        mixed: whether the assumptions of the estimator are valid.
        bound: whether the value is a lower bound.
        count: smallest and largest number of samples behind a value.
        predicted: predictions of each theory; nan out of range.
        theory: name of the theory of the verdicts; empty without one.
        verdict: verdict at each point.
    """

    axes: Mapping[str, Sequence[float | str]]
    quantity: str
    value: FloatArray
    error: FloatArray
    mixed: NDArray[Any]
    bound: NDArray[Any]
    count: tuple[int, int]
    predicted: Mapping[str, FloatArray]
    theory: str
    verdict: NDArray[Any]


def draw_curve(path: str | Path, grid: Grid) -> None:
    """Draw measured values with their 95 % intervals over the only axis, and each theory in its range.

    Raises:
        OutputError: the file cannot be written.
    """
    ((name, values),) = grid.axes.items()
    numeric = all(isinstance(value, float | int) for value in values)
    x = np.asarray(values if numeric else range(len(values)), float)
    with canvas(path, f"{grid.quantity} over {name}") as axes:
        for (theory, curve), (colour, dash) in zip(grid.predicted.items(), looks()):
            known = np.isfinite(curve)
            if known.any():
                axes.plot(x[known], curve[known], color=colour, linestyle=dash, marker=".", label=theory)
            else:
                axes.plot([], [], color=colour, linestyle=dash, label=f"{theory} (out of range)")
        half = critical_value(0.05, grid.count[0]) * grid.error
        error_bars(axes, x, grid.value, half, f"measured, 95 % interval, {_remark(grid)}")
        doubtful = ~grid.mixed & np.isfinite(grid.value)
        axes.plot(x[doubtful], grid.value[doubtful], "o", color="white", markersize=2.5, zorder=11)
        axes.set(xlabel=name, ylabel=grid.quantity)
        if numeric and _is_wide(x):
            axes.set_xscale("log")
        if _is_wide(grid.value):
            axes.set_yscale("log")
        if not numeric:
            axes.set_xticks(x, [str(value) for value in values])
            axes.margins(x=0.25)
        elif len(x) <= MOST_TICKS and not _is_wide(x):
            axes.set_xticks(x, [_text(value) for value in values])
        axes.legend()


def draw_diagram(path: str | Path, grid: Grid, verdicts: bool) -> None:
    """Draw a phase diagram over two axes, or a phase diagram for each value of a third axis.

    Without `verdicts` colours show values, and the theory is drawn to the right of the measured values.

    Raises:
        OutputError: the file cannot be written.
    """
    theory = grid.predicted.get(grid.theory)
    panels = [*layers(grid)]
    rows = 1 if len(panels) == 1 else -(-len(panels) // 3)
    has_theory_panel = not verdicts and theory is not None and len(panels) == 1
    columns = 2 if has_theory_panel else min(len(panels), 3)
    with framed(path, rows, columns) as (figure, places):
        shown = _scale([grid.value, theory] if has_theory_panel and theory is not None else [grid.value])
        for place, (title, layer) in zip(places, panels):
            if verdicts:
                _verdicts(place, layer)
                place.set_title(f"{grid.theory}: verdicts{title}", loc="left")
            else:
                image = _values(place, layer, layer.value, shown, measured=True)
                place.set_title(f"{grid.quantity} +- standard error, {_remark(grid)}{title}", loc="left")
        if has_theory_panel and theory is not None:
            image = _values(places[1], grid, theory, shown, measured=False)
            places[1].set_title(f"{grid.theory} (grey: out of range)", loc="left")
        for place in places[len(panels) + has_theory_panel :]:
            place.set_visible(False)
        if verdicts:
            _legend(figure, grid.verdict)
        else:
            figure.colorbar(image, ax=list(places), label=grid.quantity)


def layers(grid: Grid) -> Iterator[tuple[str, Grid]]:
    """The grid, or its layers along the last of three axes, each with a text for its title."""
    if len(grid.axes) == 2:
        yield "", grid
        return
    *first, last = grid.axes
    for place, value in enumerate(grid.axes[last]):
        layer = {
            field.name: getattr(grid, field.name)[..., place]
            for field in fields(Grid)
            if isinstance(getattr(grid, field.name), np.ndarray)
        }
        layer["predicted"] = {name: curve[..., place] for name, curve in grid.predicted.items()}
        yield (
            f", {last} = {_text(value)}",
            replace(grid, axes={name: grid.axes[name] for name in first}, **layer),
        )


@contextmanager
def framed(path: str | Path, rows: int, columns: int) -> Iterator[tuple[Any, list[Any]]]:
    """A figure and its panels; the figure is saved at the end of the block."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**STYLE, "axes.spines.top": True, "axes.spines.right": True}):
        figure = Figure(figsize=(1.5 + 4.2 * columns, 0.6 + 3.6 * rows), layout="constrained")
        yield figure, list(np.ravel(figure.subplots(rows, columns, squeeze=False)))
        write_figure(figure, path)


def _scale(arrays: Sequence[FloatArray]) -> Any:
    """A scale of colours for all values of these arrays."""
    from matplotlib.colors import LogNorm, Normalize

    finite = np.concatenate([array[np.isfinite(array)] for array in arrays])
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    return LogNorm(low, high) if low > 0.0 and high > WIDE * low else Normalize(low, high)


def _values(axes: Any, grid: Grid, values: FloatArray, scale: Any, measured: bool) -> Any:
    """Draw coloured cells, with their numbers if there are not too many; `measured` cells have errors."""
    axes.set_facecolor(VERDICTS["out of range"][0])
    image = axes.imshow(values.T, origin="lower", aspect="auto", norm=scale, cmap="cividis")
    ticks(axes, grid)
    for place, value in np.ndenumerate(values):
        doubtful = measured and np.isfinite(value) and not grid.mixed[place]
        if doubtful:
            hatch(axes, place)
        if values.size <= MOST_WRITTEN and np.isfinite(value):
            written = (
                _value_text(value, float(grid.error[place]), bool(grid.bound[place]))
                if measured
                else f"{value:.4g}"
            )
            ink = "white" if scale(value) < 0.5 else "black"
            behind = (
                {"facecolor": image.cmap(scale(value)), "edgecolor": "none", "pad": 1.5} if doubtful else None
            )
            axes.text(*place, written, ha="center", va="center", fontsize=7, color=ink, bbox=behind)
    return image


def _value_text(value: float, error: float, bound: bool) -> str:
    return f"> {value:.4g}" if bound else format_value(value, error).replace(" +- ", "\n+- ")


def hatch(axes: Any, place: tuple[int, ...]) -> None:
    """Mark a cell whose number is not mixed."""
    from matplotlib.patches import Rectangle

    corner = (place[0] - 0.5, place[1] - 0.5)
    axes.add_patch(Rectangle(corner, 1, 1, fill=False, hatch="///", edgecolor="#CC79A7", linewidth=0))


def _remark(grid: Grid) -> str:
    """The number of samples, and the meaning of hatching or of an open point if there is any."""
    known = np.isfinite(grid.value)
    doubtful = {
        "lower bound": (known & grid.bound).any(),
        "not mixed": (known & ~grid.mixed & ~grid.bound).any(),
    }
    words = " or ".join(word for word, there in doubtful.items() if there)
    return samples_text(grid) + (f"; marked: {words}" if words else "")


def samples_text(grid: Grid) -> str:
    """Text with the number of samples behind each number."""
    few, most = grid.count
    return f"n = {few}" if few == most else f"n = {few} to {most}"


def _verdicts(axes: Any, grid: Grid) -> None:
    """Draw cells coloured by verdict, each with its letter."""
    from matplotlib.colors import to_rgb

    colours = np.array([[to_rgb(VERDICTS[_known(word)][0]) for word in row] for row in grid.verdict.T])
    axes.imshow(colours, origin="lower", aspect="auto")
    ticks(axes, grid)
    for (x, y), word in np.ndenumerate(grid.verdict):
        _, letter, ink = VERDICTS[_known(word)]
        axes.text(x, y, letter, ha="center", va="center", fontsize=8, color=ink)


def _legend(figure: Any, verdict: NDArray[Any]) -> None:
    there = {_known(one) for one in verdict.ravel()}
    legend_below(figure, {word: look for word, look in VERDICTS.items() if word and word in there})


def legend_below(figure: Any, looks: Mapping[str, tuple[str, str, str]]) -> None:
    """Write the meaning of colours and letters below a figure."""
    from matplotlib.patches import Patch

    patches = [
        Patch(facecolor=colour, edgecolor="black", label=f"{letter}: {word}")
        for word, (colour, letter, _) in looks.items()
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=max(len(patches), 1))


def ticks(axes: Any, grid: Grid) -> None:
    """Write names and values of the two axes; only some of many values."""
    (first, across), (second, along) = grid.axes.items()
    axes.set(xlabel=first, ylabel=second)
    for values, put in ((across, axes.set_xticks), (along, axes.set_yticks)):
        step = -(-len(values) // 10)
        put(range(0, len(values), step), [_text(value) for value in values[::step]])


def _known(word: str) -> str:
    return word if word in VERDICTS else ""


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def _is_wide(values: FloatArray) -> bool:
    finite = values[np.isfinite(values)]
    return bool(finite.size > 1 and finite.min() > 0.0 and finite.max() > WIDE * finite.min())
