"""Which figure `langevin train --plot` draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from langevin.errors import UsageError

if TYPE_CHECKING:
    from langevin.sgld import Model, Plan
    from langevin.types import Trajectory

#: Names of the figures; the first is drawn if none is named.
FIGURES = ("training", "motion", "circle")


def check_plot(plot: str | None, figure: str | None, network: Model, plan: Plan) -> None:
    """Refuse, before the run, a figure that could not be drawn.

    Raises:
        UsageError: a name without a file, a file of no image format, a sweep, or no embeddings.
        OutputError: the file cannot be written.
    """
    from langevin.figures.training import check_format
    from langevin.store import check_writable

    if plot is None:
        if figure is not None:
            raise UsageError("--figure says which figure --plot draws: give --plot FILE, too")
        return
    check_format(plot)
    check_writable(plot, force=True)
    if plan.protocol.sweep:
        raise UsageError(
            "--plot draws one setting: leave it out with --set, and draw parts (langevin.sgld.split)"
        )
    if figure == "circle" and network.embedding is None:
        raise UsageError(
            f"{network.name} has no table of embeddings to draw: its Model says by `embedding` where it is"
        )


def remembering(weights: list[Any]) -> Callable[[int, list[Any]], None]:
    """A `visit` of `langevin.sgld.Callbacks` that leaves the weights of the last recorded step in the list."""

    def remember(step: int, now: list[Any]) -> None:
        weights[:] = now

    return remember


def draw(plot: str, figure: str | None, network: Model, trajectory: Trajectory, weights: list[Any]) -> None:
    """Draw the figure of this name; `weights` are those at the end, of every network."""
    from langevin.figures.circle import circle
    from langevin.figures.motion import motion
    from langevin.figures.training import title, training

    if figure == "motion":
        motion(trajectory, plot)
    elif figure == "circle" and network.embedding is not None:
        circle([network.embedding(one) for one in weights], plot, title(trajectory))
    else:
        training(trajectory, plot)
