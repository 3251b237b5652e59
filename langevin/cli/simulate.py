"""`langevin simulate`: a toy landscape, measured and compared with theory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langevin.cli.given import chosen_landscape, parse_dials, theories_named, theory_option
from langevin.cli.options import (
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    common_options,
    dial_option,
    dials_of,
    draw_seed,
    field_options,
    names_of,
    parse_schedule,
)
from langevin.cli.paths import FILE, usual_file
from langevin.cli.plugins import plugins_option
from langevin.cli.settings import SweepableCommand, sweep_options
from langevin.cli.sweep_settings import scheduler_option, spread
from langevin.errors import UsageError


@click.command(cls=SweepableCommand)
@click.option(
    "--manifold",
    shell_complete=names_of("manifolds"),
    help="Zero-loss set: cube, canal, ring ..., or your own as module:name.",
)
@click.option(
    "--potential",
    shell_complete=names_of("potentials"),
    help="Loss: double-well, quadratic ..., or your own as module:name.",
)
@dial_option("A dial of the landscape; repeatable.", manifold="manifolds", potential="potentials")
@field_options
@click.option(
    "--dim",
    type=COUNT,
    help="Dimension (short for -p dim=).  [default of the cube: 8, more if --samples needs it]",
)
@click.option(
    "--samples",
    help="Numbers of training samples: N, a:b[:step] (b excluded) or a,b,c.  [default of the cube: all, 0:dim]",
)
@click.option(
    "--temperature",
    type=NOT_NEGATIVE,
    help="theta in dX = -grad f dt + sqrt(2 theta) dW; 0 is gradient flow in a box.  [default: by the question]",
)
@click.option("--walkers", type=COUNT, help="Walkers in each ensemble.  [default: by the question]")
@click.option(
    "--precision", type=POSITIVE, help="Add walkers until the relative standard error is this small."
)
@click.option("--dt", type=POSITIVE, help="Time step.  [default: by landscape and question]")
@click.option(
    "--horizon",
    type=POSITIVE,
    help="Time at which a walker is censored, or a run ends.  [default: by the question]",
)
@click.option(
    "--frames",
    type=COUNT,
    help="Number of evenly spaced frames that a run without a target records.  [default: by the question]",
)
@click.option("--every", type=COUNT, help="Steps from a recorded frame to the next, instead of --frames.")
@click.option(
    "--start",
    metavar="X1,X2,...|FILE[:WALKER]",
    help="Where walkers start: a point, or the last states of a run file, of one walker or of each.  "
    "[default: that of the landscape]",
)
@click.option(
    "--check-dt", is_flag=True, help="Measure the bias of the step by a second run at half the step."
)
@click.option(
    "--dynamics",
    shell_complete=names_of("dynamics"),
    metavar="LAW",
    help="Law of motion: soft, projected, label-noise ..., or your own as module:name.  [default: by the landscape]",
)
@click.option(
    "--question",
    shell_complete=names_of("questions"),
    metavar="NAME",
    help="What to measure: a name of `langevin list questions`.  [default: by landscape and law of motion]",
)
@theory_option
@click.option(
    "--measure",
    type=click.Choice(["surface", "gibbs"]),
    help="Stationary distribution of projected motion.  [default: surface]",
)
@click.option(
    "--projection",
    type=click.Choice(["nearest", "shake", "midpoint", "flow", "gauss-newton"]),
    help="Retraction to the surface r = 0.  [default: by the law of motion]",
)
@click.option(
    "--noise",
    type=click.Choice(["isotropic", "tangent"]),
    help="Direction of a kick: any, or tangent to the surface.  [default: by the law of motion]",
)
@click.option(
    "--integrator",
    shell_complete=names_of("integrators"),
    help="A name of `langevin list integrators`, or your own as module:name.  [default: by the law of motion]",
)
@click.option(
    "-i",
    "integrator_pairs",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=dials_of(integrator="integrators"),
    help="A dial of the integrator; repeatable.",
)
@click.option(
    "--correction",
    type=click.Choice(["shift", "bridge", "none"]),
    help="Correction of the overshoot at a target.  [default: shift; none if steps are not Gaussian]",
)
@click.option(
    "--weight-decay", type=POSITIVE, help="lambda of lambda |x|^2 / 2 added to the loss.  [default: 0]"
)
@click.option(
    "--schedule",
    metavar="polynomial:SCALE,POWER",
    help="Step k is dt (1 + k/SCALE)^-POWER.  [default: every step is dt]",
)
@click.option(
    "--resume",
    type=FILE,
    help="Continue the interrupted run of this file. Give the other options again; the result has the same bits.",
)
@click.option(
    "--extend",
    type=FILE,
    help="Add time, walkers or precision to the finished run of this file, and replace it. "
    "Give its other options again.",
)
@click.option("--threads", type=COUNT, help="Threads; never changes a result.  [default: all processors]")
@scheduler_option
@plugins_option
@sweep_options
@common_options
def simulate(
    manifold: str | None, potential: str | None, pairs: tuple[str, ...], field: str | None,
    field_pairs: tuple[str, ...], integrator_pairs: tuple[str, ...],
    resume: Path | None, extend: Path | None, out: Path | None, scheduler: str | None, **options: Any,
) -> None:  # fmt: skip
    """Simulate a landscape, measure it, and compare the measurement with all its theories.

    \b
    Examples:
      langevin simulate --manifold cube --samples 0:8 --plot cube.png
      langevin simulate --manifold canal --dynamics projected --measure gibbs
      langevin simulate --manifold canal --dynamics label-noise --integrator heavy-ball -i momentum=0.8
      langevin simulate --manifold valley --integrator tangential -i convention=stratonovich
      langevin simulate --manifold sphere --field linear -f strength=2 -f direction=0,0,1
      langevin simulate --potential double-well -p barrier=2 --temperature 0.3
      langevin simulate --potential double-well -p barrier=2 --temperature 0.3 --theory mine:arrhenius
      langevin simulate --potential double-well -p barrier=2 --temperature 0.3 --resume double-well.h5
      langevin simulate --potential double-well -p barrier=2 --temperature 0.3 --extend double-well.h5 --walkers 4000
    """  # noqa: D301
    from langevin.cli.begun import check_out, seed_of_walks, target
    from langevin.cli.extended import seed_of, to_extend
    from langevin.cli.run_and_show import run_and_show

    found = None if extend is None else to_extend(extend, "toy", resume)
    if found is not None:
        options["seed"] = seed_of(found, "landscape", bool(manifold or potential), options["seed"])
        out = out or found.file
    if resume is not None:
        resume = target(resume)
        options["seed"] = seed_of_walks(resume, bool(manifold or potential), options["seed"])
        check_out(resume, out)
    make, dials, name = chosen_landscape(manifold, potential, pairs, options.pop("dim"), field, field_pairs)
    options |= parsed(options, integrator_pairs)
    path = resume or out or usual_file(f"{name}.h5", options["force"])
    run_and_show(make, dials, path, resume is not None, found, **options, **spread(scheduler))


def _integrator_dials(name: str | None, pairs: tuple[str, ...]) -> dict[str, Any]:
    from langevin.registry import factory

    if not pairs:
        return {}
    if name is None:
        raise UsageError(
            "-i sets a dial of the integrator that --integrator names",
            "-i goes with --integrator",
            "name one",
        )
    return parse_dials(pairs, factory("integrators", name), "-i")


def parsed(options: dict[str, Any], integrator_pairs: tuple[str, ...]) -> dict[str, Any]:
    """The options whose text means something else: dials of the integrator, schedule, seed, start.

    Args:
        options: by name, as typed.
        integrator_pairs: dials of the integrator, as NAME=VALUE.
    """
    from langevin.cli.starts import parse_start

    seed = draw_seed(options["seed"])
    if options["every"] is not None and options["frames"] is not None:
        raise UsageError(
            "--every and --frames both say what is recorded", "one of the two is enough", "drop the other"
        )
    return {
        "integrator_dials": _integrator_dials(options["integrator"], integrator_pairs),
        "schedule": None if options["schedule"] is None else parse_schedule(options["schedule"]),
        "seed": seed,
        "theories": theories_named(options["theories"]),
        "start": None if options["start"] is None else parse_start(options["start"], seed),
    }
