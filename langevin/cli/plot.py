"""`langevin plot`: one picture of a run file or of a sweep; `langevin compare --plot` also draws a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.given import given_landscape, own_landscape_options
from langevin.cli.paths import FILE, FOLDER, usual_file
from langevin.cli.plugins import plugins_option

if TYPE_CHECKING:
    from langevin.experiment import Report
    from langevin.types import Comparison, Landscape, Trajectory


@click.command()
@click.argument("path", type=FOLDER, metavar="FILE|FOLDER")
@click.option("--out", "-o", type=FILE, help="Figure to draw (png, pdf, svg).  [default: NAME.png]")
@click.option("--quantity", help="Of a sweep: the measured quantity to draw.  [default: the first]")
@click.option("--show", type=click.Choice(["value", "verdict", "phase"]), default="value", show_default=True,
              help="Of a sweep over two axes: meaning of the colours.")  # fmt: skip
@click.option("--theory", help="Of a sweep: theory whose verdicts are shown.  [default: the first]")
@own_landscape_options
@click.option("--any-size", is_flag=True, help="Draw also a run that may need more than 1 GiB of memory.")
@click.option("--force", is_flag=True, help="Overwrite an existing figure.")
@plugins_option
def plot(
    path: Path, out: Path | None, quantity: str | None, show: str, theory: str | None, any_size: bool,
    force: bool, **named: Any,
) -> None:  # fmt: skip
    """Draw the run in FILE, or the sweep in FOLDER.

    A run is drawn as by `langevin compare --plot`: the answer of its question with the theories, the rates over the
    temperature, or the learning curves of networks. If the landscape is your own, give it by --manifold or --potential;
    without it the figure shows what the file holds.

    A sweep over one axis is drawn as a curve with its theories, over two axes as a phase diagram, over three as several
    of them. For trainings `--show phase` draws the phase of learning of most networks of a point: confusion,
    memorisation, grokking (the test set takes more than twice the steps of the training set) or comprehension.

    \b
    Examples:
      langevin plot double-well.h5
      langevin plot double-well-sweep
      langevin plot double-well-sweep --show verdict --out verdicts.pdf
      langevin plot modular-sweep --show phase
    """  # noqa: D301
    from langevin.cli.keeping import claim
    from langevin.cli.run_and_show import check_figure
    from langevin.errors import OutputError

    _check_options(path, any(named.values()), bool(quantity or theory or show != "value"))
    name = path.resolve().name
    target = out or usual_file(f"{name if path.is_dir() else Path(name).stem}.png", force)
    claim(target)
    check_figure(target, "--out")
    if target.exists() and not force:
        raise OutputError(
            f"{target} exists already: choose another name by --out, or pass --force to replace it"
        )
    if path.is_dir():
        _draw_sweep(path, target, quantity, show, theory)
    else:
        _draw_file(path, target, any_size, named)
    click.echo(f"figure to {target}")


def draw_run(
    figure: Path,
    trajectory: Trajectory,
    landscape: Landscape | None,
    report: Report | None,
    stored: Sequence[Comparison],
) -> None:
    """Draw the figure of the answer, or the record of the run if there is no answer.

    Args:
        figure: path of the figure.
        trajectory: the run of the file.
        landscape: a user-defined landscape, if one was given.
        report: the answer of the run.
        stored: comparisons that its file holds.

    Raises:
        UsageError: the run holds nothing to draw.
        OutputError: the figure cannot be written.
    """
    from langevin.experiment.recorded_question import ANSWER, allowed, draw_alone

    with allowed(trajectory, landscape, ANSWER):
        if report is not None:
            report.draw(str(figure))
        else:
            draw_alone(figure, trajectory, stored)


def _check_options(path: Path, of_run: bool, of_sweep: bool) -> None:
    """Refuse options of a run for a sweep, and options of a sweep for a run.

    Raises:
        UsageError: there is one.
    """
    from langevin.errors import UsageError

    if path.is_dir() and of_run:
        raise UsageError(
            "a sweep holds the numbers of its runs", "a sweep needs no landscape", "leave the landscape out"
        )
    if not path.is_dir() and of_sweep:
        raise UsageError(
            f"{path} is one run, and --quantity, --show and --theory choose what is drawn of a sweep",
            "they are for the folder of a sweep",
            "leave them out",
        )


def _draw_sweep(folder: Path, target: Path, quantity: str | None, show: str, theory: str | None) -> None:
    """Draw the finished points of a sweep, or the run of a single point."""
    from langevin.sweep.picture import draw_phases, draw_sweep
    from langevin.sweep.results import check_any, load_sweep

    sweep = load_sweep(folder)
    check_any(sweep)
    if show == "phase":
        draw_phases(target, sweep)
    elif len(files := {row.file for row in sweep.rows}) == 1 and not (quantity or theory):
        _draw_file(folder / files.pop(), target, any_size=False, named={})
    else:
        draw_sweep(target, sweep, quantity, theory, verdicts=show == "verdict")


def _draw_file(file: Path, target: Path, any_size: bool, named: Mapping[str, Any]) -> None:
    """Draw a run. If its question has no answer, print why the figure has no theory."""
    from langevin.cli.reading import check_counts, opened, readable
    from langevin.experiment.recorded_question import answer_question

    with readable(file):
        trajectory, stored = opened(file, any_size)
        if not any_size:
            check_counts(file, trajectory)
        landscape, doubts = given_landscape(trajectory, **named)
        report, reasons = answer_question(trajectory, landscape)
        draw_run(target, trajectory, landscape, report, stored)
        for line in [*doubts, *(reasons if report is None else [])]:
            click.echo(f"Remark: {''.join(one if one.isprintable() else '?' for one in line)}")
