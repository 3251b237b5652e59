"""`langevin measure`: further numbers of a training that has ended, from the weights in its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langevin.cli.narrow import show
from langevin.cli.options import dial_option, names_of
from langevin.cli.paths import FILE


@click.command()
@click.argument("file", type=FILE)
@click.argument("model", shell_complete=names_of("models"))
@dial_option("Dial of the model; repeatable.", model="models")
@click.option("--preset", help="Dials of a known figure, by the name in the model's PRESETS.")
@click.option("--what", default="trace,lambda-max,norm", show_default=True, metavar="NAME,...",
              help="trace, lambda-max, gauss-newton, log-det, norm, norms, spectral, llc, ntk, cka, "
              "fourier.")  # fmt: skip
@click.option("--at", default="end", show_default=True, metavar="end|frames|STEP|...",
              help="At the end, when memorised, generalised or arrived, or at kept steps "
              "(`train --weights`).")  # fmt: skip
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE",
              help="Argument of the walks of llc: learning_rate [a tenth of the largest stable step], localisation "
              "[a hundredth of the largest curvature], inverse_temperature [n / log n], draws [200], every [20], "
              "burn_in [1000], chains [5], batch, seed.")  # fmt: skip
@click.option("--plot", type=FILE, help="Draw what was measured at kept steps to this file.")
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
    at: str,
    options: tuple[str, ...],
    plot: Path | None,
    out: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure the networks of the training in FILE, and add the numbers to the file.

    Type MODEL and its dials as for `langevin train`, because a file holds no functions. They are refused if name, dials
    or data are not those of the run. Each quantity becomes an event of the run (one number for each network) or, at
    kept steps, an observable. Its mean over the networks is also stored, for `langevin plot` and `langevin.load_sweep`.
    If the command is stopped, the file does not change.

    `trace` is exact up to 5000 weights, and estimated from 200 random sign vectors above. `norms` are those of each
    array of weights. `ntk` and `cka` compare the tangent kernel of the training set with that of the start, `fourier`
    is of the embedding of a network of tokens. `llc` is the local learning coefficient at n beta = n / log n, from 5
    walks with each of two steps; it is that of minima only. It takes some seconds for each network and place; the other
    quantities take much less.

    \b
    Examples:
      langevin measure parity.h5 models.parity
      langevin measure parity.h5 models.parity -p width=300 --what trace,log-det
      langevin measure parity.h5 models.parity --what norms,ntk --at memorised
      langevin measure parity.h5 models.parity --what trace --at frames --plot trace.png
    """  # noqa: D301
    import json
    import sys

    from tqdm import tqdm

    from langevin.cli.jobs import network_of, read_pair, single
    from langevin.cli.keeping import claim, numbers_table
    from langevin.cli.run_and_show import check_figure
    from langevin.comparison import measurement_record
    from langevin.errors import UsageError
    from langevin.experiment.measured_weights import measure_weights, places_of
    from langevin.store import check_writable, save
    from langevin.store.files import load_compared
    from langevin.words import counted

    names = [name.strip() for name in what.split(",")]
    target = out or file
    given = single(dict(map(read_pair, options)), "one value", "measure once for each of them")
    claim(target, plot)
    if plot is not None:
        check_figure(plot, "--plot")
    if target != file:
        check_writable(target, force)
    run, theory = load_compared(file)
    network, _, _ = network_of(model, pairs, preset)
    hidden = quiet or not sys.stderr.isatty()
    places, count = len(places_of(run, at)), len(run.events["status"])
    total = count * places
    if plot is not None and places < 2:
        raise UsageError(
            "--plot draws numbers over the steps, and they are measured at one",
            "--plot needs --at frames and a run with stored weights",
            "pass --at frames, or no --plot",
        )
    if not quiet:
        where = f" at {places} kept steps" if places > 1 else ""
        click.echo(f"measuring {what} of {counted(count, 'network')}{where}", err=True)
    with tqdm(total=total, unit="network", disable=hidden, leave=False) as bar:

        def show_progress(done: int) -> None:
            bar.update(done - bar.n)

        measured, rows = measure_weights(run, network, names, at, given, show_progress)
    save(target, _with_measured(measured, rows), force=force or target == file, theory=theory)
    if as_json:
        click.echo(
            json.dumps([{"at": at, "quantity": name, **measurement_record(one)} for at, name, one in rows])
        )
    else:
        show(numbers_table(_entries(rows), networks=True))
    if plot is not None:
        from langevin.figures.weights import draw_kept

        draw_kept(plot, measured, rows)
    if not quiet:
        click.echo(f"\nadded to {target}" + (f", drew {plot}" if plot else ""), err=as_json)


def _with_measured(run: Any, rows: list[Any]) -> Any:
    """The run whose meta has these numbers instead of older ones of the same name."""
    from dataclasses import replace

    again = {(name, tuple(sorted(at.items()))) for at, name, _ in rows}
    kept = run.meta.get("measured", [])
    before = [one for one in kept if (one["quantity"], tuple(sorted(one["at"].items()))) not in again]
    return replace(run, meta={**run.meta, "measured": [*before, *_entries(rows)]})


def _entries(rows: list[Any]) -> list[dict[str, Any]]:
    """The numbers as a run file keeps them."""
    from langevin.comparison import measurement_record
    from langevin.sweep.rows import measured_entry

    return [measured_entry(name, measurement_record(one), at) for at, name, one in rows]
