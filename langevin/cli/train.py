"""langevin train MODEL: train a network by stochastic gradient Langevin dynamics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.options import COUNT, FINITE, POSITIVE, common_options, draw_seed, parse_dials
from langevin.errors import NumericalError, UsageError

if TYPE_CHECKING:
    from langevin.types import Trajectory

#: Event or observable to its heading; of an observable the last frame is shown.
STEPS = {"memorised_step": "memorised", "arrival_step": "arrived", "generalised_step": "generalised"}
FINAL = {
    "train_loss": "train loss",
    "test_loss": "test loss",
    "train_accuracy": "train acc.",
    "test_accuracy": "test acc.",
}


@click.command()
@click.argument("model")
@click.option("-p", "pairs", multiple=True, metavar="NAME=VALUE", help="Dial of the model; repeatable.")
@click.option("--steps", type=COUNT, help="Steps of each network.")
@click.option("--learning-rate", type=POSITIVE, help="Time of one step.")
@click.option("--temperature", type=FINITE, help="theta of the noise, sqrt(2 learning-rate theta) a step.")
@click.option("--weight-decay", type=FINITE, help="Coupled weight decay, on all weights.")
@click.option("--batch", type=COUNT, help="Samples a step (all of them if neither given nor preset).")
@click.option("--chains", type=COUNT, help="Networks trained, with different seeds.")
@click.option("--dtype", type=click.Choice(["float32", "float64"]), help="Precision.")
@common_options
def train(
    model: str,
    pairs: tuple[str, ...],
    seed: int | None,
    out: str | None,
    force: bool,
    plot: str | None,
    as_json: bool,
    quiet: bool,
    **given: Any,
) -> None:
    """Train a network and record it like a toy run.

    MODEL is a dotted module name, found from the working directory: models.parity and models.digits in
    this repository, or a file of your own with a function model(**dials). What is not given is taken from
    the module's DEFAULTS.

    \b
    Example:
      langevin train models.parity -p width=300 --weight-decay 0.02 --plot parity.png
    """  # noqa: D301 - click reads the backspace
    import json

    from langevin.figures.training import check_format, training
    from langevin.sgld import load
    from langevin.store import check_writable, save

    factory, defaults = load(model)
    network = factory(**parse_dials(pairs, factory))
    settings = {**defaults, **{name: value for name, value in given.items() if value is not None}}
    for name in ("steps", "learning_rate"):
        if name not in settings:
            raise UsageError(f"{model} has no default for --{name.replace('_', '-')}: give one")
    path = Path(out or f"{model.rpartition('.')[2]}.h5")
    check_writable(path, force=force)
    if plot is not None:
        check_format(plot)
        check_writable(plot, force=True)
    settings["seed"] = draw_seed(seed)

    trajectory = run(network, settings, quiet, lambda so_far: save(path, so_far, force=True))
    save(path, trajectory, force=True)
    if as_json:
        click.echo(json.dumps(as_record(trajectory, path), indent=2))
    else:
        click.echo("\n".join([*table(trajectory), "", *summary(trajectory)]))
    if plot is not None:
        training(trajectory, plot)
    if not quiet:
        click.echo(f"saved {path}" + (f", drew {plot}" if plot else ""), err=True)
    if trajectory.counts["finished"] == 0:
        raise NumericalError("every network diverged: lower --learning-rate, or --temperature")


def run(
    network: Any, settings: dict[str, Any], quiet: bool, checkpoint: Callable[[Trajectory], object]
) -> Trajectory:
    """Train with a line on the law of motion, a progress bar on a terminal, and warnings as sentences."""
    import sys
    import warnings

    from tqdm import tqdm

    from langevin.sgld import train as train_networks
    from langevin.sgld.plan import noise_sd

    theta, rate = settings.get("temperature", 0.0), settings["learning_rate"]
    if not quiet:
        click.echo(
            f"{network.name}: temperature {theta:g}, learning rate {rate:g}, noise sd per step "
            f"{noise_sd(rate, max(theta, 0)):.3g}, seed {settings['seed']}",
            err=True,
        )
    hidden = quiet or not sys.stderr.isatty()
    total = settings["steps"] * settings.setdefault("chains", 5)
    with warnings.catch_warnings(), tqdm(total=total, unit="step", disable=hidden, leave=False) as bar:
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = lambda message, *rest: click.echo(f"warning: {message}", err=True)
        return train_networks(network, progress=bar.update, checkpoint=checkpoint, **settings)


def endings(trajectory: Trajectory) -> list[str]:
    """How each network ended, in words."""
    from langevin.types import Status

    return [Status(code).name.lower() for code in trajectory.events["status"]]


def table(trajectory: Trajectory) -> list[str]:
    """One line a network, under one line of headings."""
    columns = {"chain": [str(chain) for chain in range(len(trajectory.events["status"]))]}
    columns["status"] = endings(trajectory)
    for name, heading in STEPS.items():
        columns[heading] = ["never" if step < 0 else str(step) for step in trajectory.events[name]]
    for name, heading in FINAL.items():
        columns[heading] = [f"{value:.4g}" for value in trajectory.observables[name][:, -1]]
    padded = []
    for heading, cells in columns.items():
        width = max(map(len, [heading, *cells]))
        padded.append([cell.rjust(width) for cell in [heading, *cells]])
    return ["  ".join(line) for line in zip(*padded, strict=True)]


def statistics(trajectory: Trajectory) -> dict[str, dict[str, float | int | None]]:
    """Mean, standard error and n of each column of the table, over the networks that have a value."""
    finished = [ending == "finished" for ending in endings(trajectory)]
    values = {name: trajectory.events[name][trajectory.events[name] >= 0] for name in STEPS}
    values |= {name: trajectory.observables[name][finished, -1] for name in FINAL}
    return {
        name: {
            "mean": float(sample.mean()) if sample.size else None,
            "error": float(sample.std(ddof=1) / sample.size**0.5) if sample.size > 1 else None,
            "n": int(sample.size),
        }
        for name, sample in values.items()
    }


def summary(trajectory: Trajectory) -> list[str]:
    """Mean +- standard error over the networks, with their number."""
    chains = len(trajectory.events["status"])
    lines = [f"{'mean +- s.e. over networks':<28}{'n':>26}"]
    for name, numbers in statistics(trajectory).items():
        mean, error = numbers["mean"], numbers["error"]
        shown = "-" if mean is None else f"{mean:.4g}" + ("" if error is None else f" +- {error:.2g}")
        heading = f"{STEPS[name]} at step" if name in STEPS else FINAL[name]
        lines.append(f"{heading:<20}{shown:>24}{numbers['n']:>6} of {chains}")
    lines.append(f"steps are the first recorded ones; arrived means {trajectory.meta['arrival']}")
    return lines


def as_record(trajectory: Trajectory, path: Path) -> dict[str, Any]:
    """What --json prints: every network, the statistics over them, and the meta of the run."""
    chains = [
        {"status": ending}
        | {name: int(trajectory.events[name][chain]) for name in STEPS}
        | {name: float(trajectory.observables[name][chain, -1]) for name in FINAL}
        for chain, ending in enumerate(endings(trajectory))
    ]
    return {
        "out": str(path),
        "chains": chains,
        "statistics": statistics(trajectory),
        "meta": dict(trajectory.meta),
    }
