"""`langevin compare`: measure a run file and lay theory beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from langevin.types import Comparison, Measurement, Trajectory


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--lags",
    nargs=2,
    type=float,
    metavar="SHORTEST LONGEST",
    help="Lags (in time) over which exponents are fitted.  [default: all that were recorded]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare(file: Path, lags: tuple[float, float] | None, as_json: bool) -> None:
    """Measure the run in FILE, of a toy or of a network, and lay theory beside it.

    Before it arrives on the zero-loss set a run should move ballistically, displacement^2 ~ t^2; on the set
    it should diffuse, displacement^2 ~ t. Both exponents are fitted, with their errors over walkers or seeds,
    and judged at a family-wise level of 5 %. Of a run that stops at a target the mean first-passage times
    are shown, and comparisons that were stored with the run are shown again.

    \b
    Examples:
      langevin compare run.h5
      langevin compare run.h5 --lags 0.01 1
    """  # noqa: D301
    import json

    from langevin.comparison import compare_exponents, comparison_record, measurement_record
    from langevin.store import load, load_theory
    from langevin.types import Status

    trajectory, stored = load(file), load_theory(file)
    has_target = bool((trajectory.events["status"] == Status.HIT).any())
    says_arrival = bool(
        {"arrival", "arrival_loss"} & {key for key, value in trajectory.meta.items() if value}
    )
    exponents = compare_exponents(trajectory, _checked(lags)) if says_arrival or not has_target else []
    passages = first_passages(trajectory) if has_target else []
    if as_json:
        record = {
            "exponents": [comparison_record(row) for row in exponents],
            "first_passage": [{**label, **measurement_record(time)} for label, time in passages],
            "stored": [comparison_record(row) for row in stored],
        }
        click.echo(json.dumps(record, indent=2))
    else:
        click.echo(_as_text(exponents, passages, stored))


def first_passages(trajectory: Trajectory) -> list[tuple[dict[str, Any], Measurement]]:
    """Mean first-passage time for each value of the event `samples`, or for all walkers without it."""
    import numpy as np

    from langevin.measure import mean_first_passage_time

    labels = trajectory.events.get("samples")
    if labels is None:
        return [({}, mean_first_passage_time(trajectory))]
    return [
        ({"samples": label}, mean_first_passage_time(trajectory, labels == label))
        for label in np.unique(labels).tolist()
    ]


def _checked(lags: tuple[float, float] | None) -> tuple[float, float] | None:
    from langevin.errors import UsageError

    if lags is not None and not 0 < lags[0] < lags[1] < float("inf"):
        raise UsageError(
            f"--lags {lags[0]} {lags[1]} is no window: give two positive times, the shorter first"
        )
    return lags


def _as_text(
    exponents: list[Comparison], passages: list[tuple[dict[str, Any], Measurement]], stored: list[Comparison]
) -> str:
    """The tables that the run has something for."""
    from langevin.comparison import comparison_table

    parts = []
    if exponents:
        parts.append("Exponent of the squared displacement\n" + _exponent_table(exponents))
    if passages:
        parts.append("Mean first-passage time\n" + _passage_table(passages))
    if stored:
        parts.append("Comparisons stored with the run\n" + comparison_table(stored))
    return "\n\n".join(parts)


def _exponent_table(exponents: list[Comparison]) -> str:
    from langevin.comparison import format_table, format_value
    from langevin.comparison.report import notes

    header = ("theory", "exponent", "95 % interval", "n", "predicted", "z", "verdict")
    rows = [
        (
            row.theory,
            format_value(row.measured.value, row.measured.error),
            _interval(row.measured),
            row.measured.n,
            row.predicted.value,
            row.z,
            row.verdict,
        )
        for row in exponents
    ]
    windows = [f"  {row.measured.estimator}" for row in exponents if row.measured.n]
    return "\n".join([format_table(header, rows), *windows, *notes(exponents)])


def _passage_table(passages: list[tuple[dict[str, Any], Measurement]]) -> str:
    from langevin.comparison import format_table, format_value

    header = ("samples", "mean time", "95 % interval", "n", "estimator", "note")
    rows = [
        (
            str(label.get("samples", "-")),
            format_value(time.value, time.error),
            _interval(time),
            time.n,
            time.estimator + ("" if time.mixed else " (not mixed)"),
            time.note,
        )
        for label, time in passages
    ]
    return format_table(header, rows)


def _interval(measurement: Measurement) -> str:
    import math

    from langevin.measure import confidence_interval

    if not (measurement.n > 1 and math.isfinite(measurement.error)):
        return "-"
    low, high = confidence_interval(measurement)
    return f"{low:.4g} to {high:.4g}"
