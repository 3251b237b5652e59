"""`langevin rate`: rates too small to wait for, by splitting, beside theory."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import click

from langevin.cli.dials import chosen_landscape
from langevin.cli.options import COUNT, FINITE, POSITIVE, SEED, draw_seed
from langevin.cli.paths import FILE
from langevin.cli.plugins import plugins_option
from langevin.errors import unfit
from langevin.registry import own

if TYPE_CHECKING:
    from langevin.types import Kernel


@click.command()
@click.option("--manifold", help="Zero-loss set with a target: cube, or your own as module:name.")
@click.option(
    "--potential", help="Loss with a target: double-well, unequal-wells ..., or your own as module:name."
)
@click.option("-p", "pairs", multiple=True, metavar="NAME=VALUE", help="A dial of the landscape; repeatable.")
@click.option("--dim", type=COUNT, help="Dimension (short for -p dim=).")
@click.option(
    "--temperature", metavar="T[,T...]", help="theta, one or several.  [default: a twentieth of the barrier]"
)
@click.option("--walkers", type=COUNT, default=1000, show_default=True, help="Paths of one replica.")
@click.option("--kill", type=COUNT, help="Least number of paths killed in a round.  [default: a tenth]")
@click.option(
    "--replicas", type=COUNT, default=16, show_default=True, help="Independent runs behind each error."
)
@click.option("--dynamics", metavar="LAW", help="Law of motion.  [default: soft, in a body reflected]")
@click.option("--dt", type=POSITIVE, help="Time step.")
@click.option(
    "--origin", type=FINITE, help="The origin is where minus the distance to the target is at most this."
)
@click.option(
    "--score",
    metavar="MODULE:NAME",
    help="Your own kernel that rises on the way.  [default: minus the distance]",
)
@click.option("--burn", type=POSITIVE, help="Time to roam before the flux is measured, at least.")
@click.option(
    "--correction",
    type=click.Choice(["shift", "none"]),
    default="shift",
    show_default=True,
    help="Of the overshoot at the target.",
)
@click.option("--threads", type=COUNT, help="Threads; never changes a result.  [default: all processors]")
@click.option("--seed", type=SEED, help="Seed of all randomness; drawn and printed if absent.")
@click.option("--plot", type=FILE, help="Also draw log rate against 1 / theta (png, pdf, svg).")
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON on stdout.")
@click.option("--quiet", "-q", is_flag=True, help="No narration and no progress bar.")
@plugins_option
def rate(
    manifold: str | None, potential: str | None, pairs: tuple[str, ...], dim: int | None, temperature: str | None,
    dynamics: str | None, dt: float | None, origin: float | None, score: str | None, walkers: int,
    kill: int | None, replicas: int, burn: float | None, correction: str, threads: int | None, seed: int | None,
    plot: Path | None, as_json: bool,
    quiet: bool,
) -> None:  # fmt: skip
    """Measure how seldom a walker reaches a target that brute force would never see it reach.

    The rate is the flux out of an origin around the start, times the probability to reach the target before
    coming back, which adaptive multilevel splitting finds down to 1e-12 and far below. Errors are those of
    independent replicas of the whole algorithm. A score, a function score(x, out, parameters) like the kernel of a
    target, says how far a walker has come; it decides the error, not the value.

    \b
    Examples:
      langevin rate --potential double-well --temperature 0.05
      langevin rate --potential double-well --temperature 0.1,0.05,0.036 --plot rates.png
      langevin rate --manifold cube --dim 5 -p fraction=0.1 --temperature 1
      langevin rate --potential mueller-brown --temperature 8 --score heights:downhill
    """  # noqa: D301
    import json

    from langevin.cli.keeping import claim
    from langevin.cli.running import check_figure, progress_bar
    from langevin.experiment.rare_escape import check_walks, rare_escape
    from langevin.types import Effort, Sets

    make, dials, _ = chosen_landscape(manifold, potential, pairs, dim)
    temperatures = None if temperature is None else parse_temperatures(temperature)
    claim(plot)
    figure = None if plot is None else check_figure(plot)
    sets = Sets(origin=origin, score=None if score is None else own_kernel(score))
    effort = Effort(walkers=walkers, kill=kill, replicas=replicas, burn=burn)
    seed = draw_seed(seed)
    with progress_bar(quiet) as progress:
        report = rare_escape(
            make(**dials), temperatures, seed=seed, dynamics=dynamics, dt=dt, sets=sets, effort=effort,
            correction=correction, threads=threads, progress=progress,
        )  # fmt: skip
    click.echo(json.dumps(report.record, indent=2) if as_json else report.text)
    if figure is not None:
        report.draw(str(figure))
    if not quiet:
        drawn = f"; figure drawn to {figure}" if figure is not None else ""
        click.echo(f"\nseed {seed}{drawn}", err=as_json)
    check_walks(report)


def own_kernel(name: str) -> Kernel:
    """The reader's own kernel by its name, module:name.

    Raises:
        UsageError: a name without a module, or of something that is no function.
    """
    if ":" not in name:
        raise unfit("--score", "takes a kernel of your own as module:name", f"{name!r}")
    kernel: Kernel = own(name)
    if not inspect.isfunction(kernel):
        raise unfit(
            "--score",
            "takes a function score(x, out, parameters)",
            f"something of type {type(kernel).__name__}",
        )
    return kernel


def parse_temperatures(text: str) -> list[float]:
    """`T` or `T,T,...` as numbers above 0.

    Raises:
        click.BadParameter: anything else.
    """
    return [POSITIVE.convert(part, None, None) for part in text.split(",")]
