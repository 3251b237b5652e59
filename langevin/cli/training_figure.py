"""Which figure `langevin train --plot` draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langevin.errors import UsageError

if TYPE_CHECKING:
    from langevin.sgld import Model, Plan
    from langevin.types import Trajectory

#: Names of the figures; the first is drawn if none is named.
FIGURES = ("training", "motion", "circle", "phases")


def check_plot(plot: Path | None, figure: str | None, network: Model, plan: Plan) -> None:
    """Refuse, before the run, a figure that could not be drawn.

    Raises:
        UsageError: a name without a file, a file of no image format, or no embeddings.
        OutputError: the file cannot be written.
    """
    from langevin.figures.training import check_format
    from langevin.store.atomic import check_place

    if plot is None:
        if figure is not None:
            raise UsageError(
                "--figure says which figure --plot draws",
                "--figure goes with --plot",
                "give --plot FILE, too",
            )
        return
    check_format(plot)
    if figure == "phases":
        raise UsageError(
            "phases are drawn of several runs", "a sweep over two axes or three",
            "give two settings several values, as in -p fraction=lin:0.3:0.9:4 --weight-decay log:0.01:1:4",
        )  # fmt: skip
    check_place(plot)
    if figure == "circle" and network.embedding is None:
        raise UsageError(
            f"{network.name} has no table of embeddings to draw",
            "the figure circle needs a table of embeddings",
            "name the table by `embedding` of its Model, or draw another figure",
        )


def remembering(weights: list[Any]) -> Callable[[int, list[Any]], None]:
    """A `visit` of `langevin.sgld.Callbacks` that leaves the weights of the last recorded step in the list."""

    def remember(step: int, now: list[Any]) -> None:
        weights[:] = now

    return remember


def draw(plot: Path, figure: str | None, network: Model, trajectory: Trajectory, weights: list[Any]) -> None:
    """Draw the figure of this name; `weights` are those at the end, of every network."""
    from langevin.figures.circle import MOST, circle
    from langevin.figures.motion import motion
    from langevin.figures.training import title, training

    if figure == "motion":
        motion(trajectory, plot)
    elif figure == "circle" and network.embedding is not None:
        chosen = spread(len(weights), MOST)
        names = [settings_of(trajectory, chain) for chain in chosen]
        circle([network.embedding(weights[chain]) for chain in chosen], plot, title(trajectory), names)
    else:
        training(trajectory, plot)


def spread(count: int, most: int) -> list[int]:
    """Numbers of all networks, or of `most` evenly chosen ones, so that every setting of a sweep has its turn."""
    return (
        sorted({round(place * (count - 1) / (most - 1)) for place in range(most)})
        if count > most
        else [*range(count)]
    )


def settings_of(trajectory: Trajectory, chain: int) -> str:
    """The number of a network, and what is swept."""
    swept = "".join(f", {name} {trajectory.events[name][chain]:g}" for name in trajectory.meta["swept"])
    return f"network {chain}{swept}"
