"""`langevin gallery`: results/README.md from the answers of the sims."""

from __future__ import annotations

from pathlib import Path

import click

from langevin.cli.paths import FOLDER


@click.command()
@click.option("--results", type=FOLDER, default=Path("results"), show_default=True,
              help="Folder of the answers.")  # fmt: skip
@click.option("--sims", type=FOLDER, default=Path("sims"), show_default=True,
              help="Folder of the sims that made them.")  # fmt: skip
@click.option("--without-stale", is_flag=True,
              help="Leave out answers whose sim has changed since, and name them, instead of refusing.")  # fmt: skip
def gallery(results: Path, sims: Path, without_stale: bool) -> None:
    """Write results/README.md: for each claim its picture, number, verdict and command.

    \b
    Example:
      langevin gallery
    """  # noqa: D301
    from langevin.experiment.gallery import write_gallery

    click.echo(f"written: {write_gallery(results, sims, without_stale)}")
