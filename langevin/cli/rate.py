"""`langevin rate`: rates of rare events by splitting, compared with theory."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import click

from langevin.cli.given import chosen_landscape, theories_named, theory_option
from langevin.cli.options import COUNT, FINITE, POSITIVE, common_options, dial_option, field_options, names_of
from langevin.cli.paths import FILE, usual_file
from langevin.cli.plugins import plugins_option
from langevin.cli.settings import SweepableCommand, sweep_options
from langevin.cli.sweep_settings import scheduler_option, spread
from langevin.errors import unfit
from langevin.registry import own

if TYPE_CHECKING:
    from langevin.types import Kernel


@click.command(cls=SweepableCommand)
@click.option(
    "--manifold",
    shell_complete=names_of("manifolds"),
    help="Zero-loss set with a target: cube, or your own as module:name.",
)
@click.option(
    "--potential",
    shell_complete=names_of("potentials"),
    help="Loss with a target: double-well, unequal-wells ..., or your own as module:name.",
)
@dial_option("A dial of the landscape; repeatable.", manifold="manifolds", potential="potentials")
@field_options
@click.option("--dim", type=COUNT, help="Dimension (short for -p dim=).  [default: that of the landscape]")
@click.option(
    "--temperature",
    metavar="T[,T...]",
    help="theta, one or several (also lin:a:b:n, log:a:b:n).  [default: a twentieth of the barrier]",
)
@click.option("--walkers", type=COUNT, default=1000, show_default=True, help="Paths of one replica.")
@click.option("--kill", type=COUNT, help="Least number of paths that a round removes.  [default: a tenth]")
@click.option(
    "--replicas", type=COUNT, help="Independent runs behind each error.  [default: 16, or those of --extend]"
)
@click.option(
    "--dynamics",
    shell_complete=names_of("dynamics"),
    metavar="LAW",
    help="Law of motion.  [default: soft, in a body reflected]",
)
@click.option("--dt", type=POSITIVE, help="Time step.  [default: by the landscape]")
@click.option(
    "--origin",
    type=FINITE,
    help="The origin is the region in which minus the distance to the target is at most this.",
)
@click.option(
    "--score",
    metavar="MODULE:NAME",
    help="Your own measure of progress, a kernel that increases towards the target.  [default: minus the distance]",
)
@click.option(
    "--burn",
    type=POSITIVE,
    help="Least time that walkers move before the flux is measured.  [default: chosen in the run]",
)
@click.option(
    "--correction",
    type=click.Choice(["shift", "none"]),
    default="shift",
    show_default=True,
    help="Correction of the overshoot at the target.",
)
@theory_option
@click.option("--threads", type=COUNT, help="Threads; never changes a result.  [default: all processors]")
@click.option("--resume", type=FILE, help="Continue the unfinished run of FILE.", metavar="FILE")
@sweep_options
@scheduler_option
@click.option(
    "--extend",
    type=FILE,
    help="Add replicas, or temperatures after the last one, to the finished run of this file, and replace it. "
    "Give its other options again.",
)
@common_options
@plugins_option
def rate(
    manifold: str | None, potential: str | None, pairs: tuple[str, ...], field: str | None,
    field_pairs: tuple[str, ...], dim: int | None, temperature: str | None,
    dynamics: str | None, dt: float | None, origin: float | None, score: str | None, walkers: int,
    kill: int | None, replicas: int | None, burn: float | None, correction: str, theories: tuple[str, ...],
    threads: int | None,
    resume: Path | None, extend: Path | None, scheduler: str | None, seed: int | None, out: Path | None,
    force: bool, plot: Path | None, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Estimate the rate at which walkers reach a target, also if it is too small for a direct simulation.

    The rate is the flux out of an origin around the start, times the probability to reach the target before coming
    back. Adaptive multilevel splitting estimates this probability, also far below 1e-12. Errors come from independent
    replicas of the whole algorithm. A score, a function score(x, out, parameters) like the kernel of a target, measures
    the progress of a walker; it affects the error, not the value.

    The rates are kept in a run file; `langevin compare` shows them again. To continue an interrupted run, give its
    command again with --resume FILE: the result has the same bits. Only the seed is taken from the file. The command is
    refused if landscape, score, settings or versions have changed.

    \b
    Examples:
      langevin rate --potential double-well --temperature 0.05
      langevin rate --potential double-well --temperature 0.1,0.05,0.036 --plot rates.png
      langevin rate --manifold cube --dim 5 -p fraction=0.1 --temperature 1
      langevin rate --potential mueller-brown --temperature 8 --score heights:downhill
      langevin rate --potential double-well --temperature 0.05 --resume double-well-rate.h5
      langevin rate --potential double-well --temperature 0.05,0.04 --replicas 32 --extend double-well-rate.h5
    """  # noqa: D301
    from langevin.cli.begun import check_named, check_out
    from langevin.cli.extended import seed_of, to_extend
    from langevin.cli.rates import reopen, run_and_show
    from langevin.types import Effort, Sets

    extended, named = (
        None if extend is None else to_extend(extend, "rate", resume),
        bool(manifold or potential),
    )
    if extended:
        seed = seed_of(extended, "landscape", named, seed)
        out, replicas = out or extended.file, replicas or extended.run.meta.get("replicas")
    found = None if resume is None else reopen(resume)
    if found:
        check_named(found.path, found.words or ("langevin", "rate", "..."), "landscape", named)
        check_out(found.path, out)
    make, dials, name = chosen_landscape(manifold, potential, pairs, dim, field, field_pairs)
    run_and_show(
        make, dials, found.path if found else out or usual_file(f"{name}-rate.h5", force), found, extended,
        temperatures=None if temperature is None else parse_temperatures(temperature),
        sets=Sets(origin=origin, score=None if score is None else own_kernel(score)),
        effort=Effort(walkers=walkers, kill=kill, replicas=replicas or Effort.replicas, burn=burn),
        dynamics=dynamics, dt=dt, correction=correction, own=theories_named(theories),
        threads=threads, seed=seed, force=force, plot=plot, as_json=as_json, quiet=quiet, over=spread(scheduler),
    )  # fmt: skip


def own_kernel(name: str) -> Kernel:
    """The user-defined kernel by its name, module:name.

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
    """One temperature, or several as `langevin.sweep.plan.values_of` reads them, as numbers above 0.

    Raises:
        UsageError: anything else.
    """
    from langevin.sweep.plan import values_of

    try:
        return [POSITIVE.convert(part, None, None) for part in values_of("--temperature", text)]
    except click.BadParameter as error:
        raise unfit("--temperature", "takes finite numbers above 0", f"{text!r}") from error
