"""`langevin plot`: one picture of a sweep."""

from __future__ import annotations

from pathlib import Path

import click

from langevin.cli.paths import FILE, FOLDER


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--out", "-o", type=FILE, help="Figure to draw (png, pdf, svg).  [default: FOLDER.png]")
@click.option("--quantity", help="What to draw, of what was measured.  [default: the first]")
@click.option("--show", type=click.Choice(["value", "verdict", "phase"]), default="value", show_default=True,
              help="What the colours of two axes mean.")  # fmt: skip
@click.option("--theory", help="Whose verdicts are shown.  [default: the first]")
@click.option("--force", is_flag=True, help="Overwrite an existing figure.")
def plot(
    folder: Path, out: Path | None, quantity: str | None, show: str, theory: str | None, force: bool
) -> None:
    """Draw the sweep in FOLDER: a curve with its theories over one axis, a phase diagram over two, several over three.

    `--show phase` is of trainings: in which phase of learning most networks of a point are, confusion, memorisation,
    grokking (the test set takes more than twice the steps of the training set) or comprehension.

    \b
    Examples:
      langevin plot double-well-sweep
      langevin plot double-well-sweep --show verdict --out verdicts.pdf
      langevin plot modular-sweep --show phase
    """  # noqa: D301
    from langevin.cli.keeping import claim
    from langevin.cli.running import check_figure
    from langevin.errors import OutputError
    from langevin.sweep.picture import draw_phases, draw_sweep
    from langevin.sweep.results import check_any, load_sweep

    target = out or Path(f"{folder.resolve().name}.png")
    claim(target)
    check_figure(target, "--out")
    if target.exists() and not force:
        raise OutputError(
            f"{target} exists already: choose another name by --out, or pass --force to replace it"
        )
    sweep = load_sweep(folder)
    check_any(sweep)
    if show == "phase":
        draw_phases(target, sweep)
    else:
        draw_sweep(target, sweep, quantity, theory, verdicts=show == "verdict")
    click.echo(f"figure to {target}")
