"""`langevin run`: a sim, which tests whether a claim of a source holds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.options import SEED, names_of
from langevin.cli.paths import FOLDER

if TYPE_CHECKING:
    from langevin.experiment.claims import Answer

OPTIONS = [
    click.option("--quick", is_flag=True, help="Under 20 seconds: the same picture with larger errors."),
    click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of all randomness."),
    click.option(
        "--out",
        type=FOLDER,
        help="Folder for figure.png, table.csv and run.json, new or empty.  [default: results/NAME, where a new "
        "answer replaces the one before; none with --quick]",
    ),
    click.option("--force", is_flag=True, help="Replace the answer in the folder of --out."),
]


def sim_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that a sim has."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("name", metavar="NAME", shell_complete=names_of("sims"))
@sim_options
def run(name: str, quick: bool, seed: int, out: Path | None, force: bool) -> None:
    """Run a sim: simulate what a claim of a paper is about, measure it, and compute the verdict.

    NAME is one of `langevin list sims`, or the dotted name of a module of your own, found from the working directory.
    If the run is stopped, the folder of the answer does not change; it never holds a part of an answer.

    \b
    Examples:
      langevin run cube_grokking_time --quick
      langevin run sims.cube_grokking_time
    """  # noqa: D301
    from langevin.experiment.sims import find_sim

    show(find_sim(name), quick, seed, out, force)


def as_script(sim: Callable[..., Answer]) -> None:
    """The function of `python -m sims.NAME`: the same as `langevin run sims.NAME`."""
    from langevin.cli import guarded

    @click.command(help=f"{sys.modules['__main__'].__doc__}")
    @sim_options
    def script(quick: bool, seed: int, out: Path | None, force: bool) -> None:
        show(sim, quick, seed, out, force)

    name = f"python -m sims.{Path(sys.argv[0]).stem}"
    guarded(lambda: script.main(prog_name=name, standalone_mode=False))


def show(sim: Callable[..., Answer], quick: bool, seed: int, out: Path | None, force: bool) -> None:
    """Run the sim, print the answer, keep it, and print where it is kept."""
    from langevin.experiment.claims import answer_text
    from langevin.experiment.sims import run_sim

    def show_answer(answer: Answer) -> None:
        if quick:
            click.echo("Quick run: fewer walkers, larger errors; the full run is the one to quote.\n")
        click.echo(answer_text(answer))

    _, folder = run_sim(sim, quick, seed, out, force, show_answer)
    if folder is not None:
        click.echo(f"\nkept in {folder}: figure.png, table.csv, run.json")
