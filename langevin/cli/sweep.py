"""`langevin sweep`: many runs from a plan file."""

from __future__ import annotations

from pathlib import Path

import click

from langevin.cli.paths import FILE
from langevin.cli.plugins import plugins_option
from langevin.cli.sweep_settings import place_options, scheduler_option


@click.command()
@click.argument("plan", type=FILE, required=False)
@click.option(
    "--out", "-o", type=FILE, metavar="FOLDER", help="Folder of the run files.  [default: that of the plan]"
)
@click.option(
    "--jobs",
    metavar="N",
    help="Number of runs at once, each in its own process.  [default: one for each processor]",
)
@click.option(
    "--task", metavar="I/N", help="Only every Nth run, from the Ith on: for job arrays of a cluster."
)
@click.option(
    "--threads", metavar="N", help="Threads of each run.  [default: number of processors / number of jobs]"
)
@click.option(
    "--dry-run", is_flag=True, help="List the runs, what is there already, and what the rest will cost."
)
@click.option("--retry-failed", is_flag=True, help="Repeat the failed runs.")
@click.option("--force", is_flag=True, help="Repeat runs whose functions or versions have changed.")
@click.option("--plot", type=FILE, help="Also draw the figure (png, pdf, svg) to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON on stdout.")
@click.option("--quiet", "-q", is_flag=True, help="No narration and no progress bar.")
@scheduler_option
@place_options
@click.option("--template", is_flag=True, help="Print an example of a plan file, and exit.")
@plugins_option
def sweep(plan: Path | None, out: Path | None, plot: Path | None, template: bool, **given: object) -> None:
    """Make every run of PLAN, a TOML file, that is not finished yet, and show the results of all runs.

    A plan names a command (simulate, rate or train), settings with one value, and settings with several values: a grid
    of all combinations, lists that go together, or single points. Each run is a file in one folder, named by its
    settings. A sweep that was interrupted continues by the same command; a finished run is never made twice, and two
    sweeps at once on one folder share the work. The seed of each run is derived from the seed of the plan and the
    settings of the run.

    A sweep needs no plan file if options of simulate, rate or train have several values: a,b,c or lin:a:b:n or
    log:a:b:n, or for whole numbers a:b[:step], which excludes b.

    \b
    Examples:
      langevin sweep --template > plan.toml
      langevin sweep plan.toml --dry-run
      langevin sweep plan.toml --jobs 4 --plot plan.png
      langevin sweep plan.toml --task 3/16
      langevin simulate --potential double-well --temperature 0.2,0.3 -p barrier=lin:0.5:1:3
    """  # noqa: D301
    from langevin.cli.sweeping import make_sweep
    from langevin.errors import UsageError
    from langevin.sweep.plan_file import TEMPLATE, read_plan

    if template:
        click.echo(TEMPLATE, nl=False)
        return
    if plan is None:
        raise UsageError(
            "PLAN is missing", "it must be the name of a plan file", "`langevin sweep --template` prints one"
        )
    found, folder = read_plan(plan)
    options = {name.replace("_", "-"): value for name, value in given.items() if value not in (None, False)}
    options["json"] = options.pop("as-json", False)
    make_sweep(found, {**options, "out": str(out or folder or f"{plan.stem}-sweep"), "plot": plot})
