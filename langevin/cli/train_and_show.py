"""Carry out a training, show its progress on a terminal, and draw its figure at the end."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from langevin.cli.extended import Extended
    from langevin.cli.unfinished import Job
    from langevin.sgld import Model, Plan
    from langevin.types import FloatArray, Trajectory

#: Format of the bar: steps of all networks together.
BAR = "{percentage:3.0f}%|{bar:10}| {n}/{total} steps, ETA {remaining}{postfix}"

#: Names of the figures; the first is drawn if none is named.
FIGURES = ("training", "motion", "circle", "phases")


def run(
    network: Model,
    plan: Plan,
    visit: Callable[[int, list[Any]], object] | None,
    quiet: bool,
    path: Path,
    job: Job,
    state: Mapping[str, Any] | None,
    longer: Extended | None = None,
    executor: Executor | None = None,
) -> Trajectory:
    """Carry the plan out with a line on the law of motion, a progress bar on a terminal, and warnings as sentences.

    `state` is the state of the unfinished run that continues. `longer` is the finished run that is extended.
    """
    from tqdm import tqdm

    from langevin.cli.begun import continue_command
    from langevin.cli.unfinished import keeper, words_of
    from langevin.errors import WorkersLost
    from langevin.sgld import Callbacks, execute, extend
    from langevin.store.atomic import partial_folder

    def print_line(line: str) -> None:
        if not quiet:
            tqdm.write(line, file=sys.stderr)  # on a separate line, above the bar

    hidden = quiet or not sys.stderr.isatty()
    ahead = max(plan.steps - done_before(state, longer), 0) * plan.total
    with warnings.catch_warnings(), tqdm(total=ahead, bar_format=BAR, disable=hidden, leave=False) as bar:
        warnings.simplefilter("always", UserWarning)

        warnings.showwarning = lambda message, *rest: click.echo(f"warning: {message}", err=True)
        try:
            show_numbers = None if hidden else lambda *recorded: bar.set_postfix_str(seen(*recorded))
            callbacks = Callbacks(print_line, bar.update, visit, keeper(path, job), show_numbers)
            if longer is not None:
                return extend(longer.run, network, plan, callbacks, state, executor)
            return execute(network, plan, callbacks, state, executor)
        except (KeyboardInterrupt, SystemExit, WorkersLost):
            if partial_folder(path).exists():
                print_line(f"stopped; `{continue_command(words_of(job), path)}` continues the run")
            raise


def done_before(state: Mapping[str, Any] | None, longer: Extended | None) -> int:
    """Steps that networks have done in the unfinished run that continues, or in the finished one that is extended.

    A state comes from a file and is checked later: without a number it counts as 0.
    """
    import numpy as np

    if state is None:
        return 0 if longer is None else int(longer.run.steps[-1])
    at = np.asarray(state.get("at", ())).ravel()
    return int(at[0]) if at.size and at.dtype.kind in "iu" else 0


def seen(step: int, observables: Mapping[str, FloatArray]) -> str:
    """Medians over the networks of the last recorded loss, and of the accuracy if there is one, for a progress bar.

    Args:
        step: at which it was recorded.
        observables: by name, (chains,) each.
    """
    import numpy as np

    def median(name: str) -> str:
        values = np.asarray(observables.get(name, ()), float)
        known = values[np.isfinite(values)]
        return f"{np.median(known):.3g}" if known.size else "-"

    shown = [one for one in ("loss", "accuracy") if f"train_{one}" in observables]
    found = [f"{one} {median(f'train_{one}')} (test {median(f'test_{one}')})" for one in shown]
    return ", ".join([f"step {step}", *found])


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
                "--figure is the choice of the figure that --plot draws",
                "--figure goes with --plot",
                "give --plot FILE, too",
            )
        return
    check_format(plot)
    if figure == "phases":
        raise UsageError(
            "phases are drawn of several runs", "a sweep over two or three settings is needed",
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

    def keep_step(step: int, now: list[Any]) -> None:
        weights[:] = now

    return keep_step


def draw(plot: Path, figure: str | None, network: Model, trajectory: Trajectory, weights: list[Any]) -> None:
    """Draw the figure of this name. `weights` are the final weights of every network.

    Args:
        plot: file of the figure.
        figure: its name; None for the first one.
        network: the model.
        trajectory: the run.
        weights: final weights of every network.
    """
    from langevin.figures.training import title, training
    from langevin.figures.weights import MOST_CIRCLES, circle, motion

    if figure == "motion":
        motion(trajectory, plot)
    elif figure == "circle" and network.embedding is not None:
        chosen = spread(len(weights), MOST_CIRCLES)
        names = [settings_of(trajectory, chain) for chain in chosen]
        circle([network.embedding(weights[chain]) for chain in chosen], plot, title(trajectory), names)
    else:
        training(trajectory, plot)


def spread(count: int, most: int) -> list[int]:
    """Numbers of all networks, or of `most` evenly chosen ones, so that they cover the settings of a sweep.

    Args:
        count: number of networks.
        most: largest number of chosen ones.
    """
    return (
        sorted({round(place * (count - 1) / (most - 1)) for place in range(most)})
        if count > most
        else [*range(count)]
    )


def settings_of(trajectory: Trajectory, chain: int) -> str:
    """The number of a network, and what is swept.

    Args:
        trajectory: the run.
        chain: number of the network.
    """
    swept = "".join(f", {name} {trajectory.events[name][chain]:g}" for name in trajectory.meta["swept"])
    return f"network {chain}{swept}"
