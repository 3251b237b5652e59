"""`langevin measure`: more numbers of a training that has ended, on the weights that its file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langevin.cli.paths import FILE


@click.command()
@click.argument("file", type=FILE)
@click.argument("model")
@click.option("-p", "pairs", multiple=True, metavar="NAME=VALUE", help="Dial of the model; repeatable.")
@click.option("--preset", help="Dials of a known figure, by the name in the model's PRESETS.")
@click.option("--what", default="trace,lambda-max,norm", show_default=True, metavar="NAME,...",
              help="trace, lambda-max, gauss-newton, log-det, norm, spectral.")  # fmt: skip
@click.option("--out", "-o", type=FILE, help="File to write.  [default: FILE itself, replaced]")
@click.option("--force", is_flag=True, help="Overwrite another file that exists.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--quiet", "-q", is_flag=True, help="No narration and no progress bar.")
def measure(
    file: Path,
    model: str,
    pairs: tuple[str, ...],
    preset: str | None,
    what: str,
    out: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure the networks of the training in FILE at its end, and add the numbers to the file.

    MODEL and its dials are typed as for `langevin train`, since a file holds no functions; they are refused if name,
    dials or data are not those of the run. Each quantity becomes an event of the run, a number of each network, and its
    mean over the networks is among what was measured, for `langevin plot` and `langevin.load_sweep`. The file is
    replaced whole or not at all. `trace` is exact up to 5000 weights, from 200 random signs above.

    \b
    Examples:
      langevin measure parity.h5 models.parity
      langevin measure parity.h5 models.parity -p width=300 --what trace,log-det
    """  # noqa: D301
    import json
    import sys

    from tqdm import tqdm

    from langevin.cli.jobs import network_of
    from langevin.cli.keeping import claim
    from langevin.comparison import measurement_record
    from langevin.experiment.measured_weights import measure_weights
    from langevin.store import check_writable, save
    from langevin.store.files import load_compared

    names = [name.strip() for name in what.split(",")]
    target = out or file
    claim(target)
    if target != file:
        check_writable(target, force)
    run, theory = load_compared(file)
    network, _, _ = network_of(model, pairs, preset)
    hidden = quiet or not sys.stderr.isatty()
    with tqdm(total=len(run.events["status"]), unit="network", disable=hidden, leave=False) as bar:
        measured, rows = measure_weights(run, network, names, lambda done: bar.update(done - bar.n))
    save(target, _told(measured, rows), force=force or target == file, theory=theory)
    if as_json:
        click.echo(
            json.dumps([{"at": at, "quantity": name, **measurement_record(one)} for at, name, one in rows])
        )
    else:
        click.echo(_table(rows))
    if not quiet:
        click.echo(f"\nadded to {target}", err=as_json)


def _told(run: Any, rows: list[Any]) -> Any:
    """The run whose meta has these numbers in the place of older ones of the same name."""
    from dataclasses import replace

    from langevin.comparison import measurement_record
    from langevin.sweep.rows import measured_entry

    names = {name for _, name, _ in rows}
    before = [one for one in run.meta.get("measured", []) if one.get("quantity") not in names]
    added = [measured_entry(name, measurement_record(one), at) for at, name, one in rows]
    return replace(run, meta={**run.meta, "measured": [*before, *added]})


def _table(rows: list[Any]) -> str:
    from langevin.comparison import format_table, format_value

    axes = [*rows[0][0]]
    lines = [
        (*at.values(), name, format_value(one.value, one.error), one.n, one.note or "-")
        for at, name, one in rows
    ]
    return format_table((*axes, "quantity", "mean over networks", "n", "note"), lines)
