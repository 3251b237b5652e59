"""`langevin export`: a run file for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from langevin.cli.paths import FILE
from langevin.cli.reading import opened, readable


@click.command()
@click.argument("file", type=FILE)
@click.argument("out", type=FILE, metavar="OUT.(nc|csv|npz)")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option("--any-size", is_flag=True, help="Read also numbers that unpack to many times the file's size.")
def export(file: Path, out: Path, force: bool, any_size: bool) -> None:
    """Write the run in FILE for other programs: netCDF, CSV or NumPy, by the suffix of OUT.

    Times, states, observables and the end of each chain are in all three. netCDF and NumPy also hold the configuration.
    netCDF needs xarray and h5netcdf.

    \b
    Examples:
      langevin export cube.h5 cube.csv
      langevin export parity.h5 parity.nc
    """  # noqa: D301
    from langevin.cli.keeping import claim
    from langevin.store.exported import export as write
    from langevin.words import counted

    claim(out)
    with readable(file):
        run, _ = opened(file, any_size)
        write(run, out, force=force)
    chains, draws, _ = run.states.shape
    click.echo(f"{counted(chains, 'chain')} x {counted(draws, 'frame')} to {out}")
