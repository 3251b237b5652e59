"""`langevin compare`: measure a run file, compare it with theory, and print what that gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.given import given_landscape, own_landscape_options, theories_named, theory_option
from langevin.cli.narrow import show
from langevin.cli.paths import FILE
from langevin.cli.plugins import plugins_option
from langevin.cli.reading import check_counts, opened, readable, unfinished_line
from langevin.errors import UsageError
from langevin.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langevin.experiment import Report
    from langevin.experiment.own_theory import OwnTheory
    from langevin.types import Comparison, Landscape, Measurement, Trajectory

#: Texts for one comparison and for several comparisons.
SAME = (
    "comparison stored with the run has the same result",
    "comparisons stored with the run have the same results",
)
#: Text below times that are measured without a landscape.
WITHOUT_STEPS = "these errors do not contain that of the steps, which only the landscape gives"


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--lags",
    nargs=2,
    type=float,
    metavar="SHORTEST LONGEST",
    help="Lags (in time) over which exponents are fitted.  [default: all that were recorded]",
)
@own_landscape_options
@theory_option
@click.option(
    "--any-size",
    is_flag=True,
    help="Measure also a run that may need more than 1 GiB of memory, or much time.",
)
@click.option("--plot", type=FILE, help="Also draw the figure of the answer (png, pdf, svg) to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@plugins_option
def compare(
    file: Path, lags: tuple[float, float] | None, theories: tuple[str, ...], any_size: bool, plot: Path | None,
    as_json: bool, **named: Any,
) -> None:  # fmt: skip
    """Measure the run in FILE, of a toy or of a network, and compare it with theory.

    The content of the file decides what is measured: the time to reach a target, the drift along a canal, the
    displacement on a sphere, the stationary law in a potential, the rates of `langevin rate`; of networks, when they
    memorised and generalised, and whether the loss is that of their temperature. If a theory does not apply, the reason
    is printed. The command also fits the exponents of the squared displacement, for each value of `--set`. Under a
    constant gradient motion is ballistic, displacement^2 ~ t^2; under thermal noise alone a flat zero-loss set gives
    diffusion, displacement^2 ~ t. If a run moves by another law, the reason why no comparison is made is printed. The
    family-wise level of the verdicts is 5 %.

    A file holds no functions: give a landscape of your own again by --manifold or --potential. It is refused if it has
    changed since the run.

    \b
    Examples:
      langevin compare run.h5
      langevin compare double-well-rate.h5 --plot rates.png
      langevin compare run.h5 --lags 0.01 1
      langevin compare run.h5 --potential mywell:mywell
      langevin compare run.h5 --theory mine:arrhenius
    """  # noqa: D301
    from langevin.cli.keeping import claim
    from langevin.cli.plot import draw_run
    from langevin.cli.run_and_show import check_figure

    claim(plot)
    figure = None if plot is None else check_figure(plot, "--plot")
    own = theories_named(theories)
    with readable(file):
        trajectory, stored = opened(file, any_size)
        if not any_size:
            check_counts(file, trajectory)
        landscape, doubts = given_landscape(trajectory, **named)
        report = _compare(trajectory, stored, _checked(lags), landscape, own, doubts, as_json)
        if figure is not None:
            draw_run(figure, trajectory, landscape, report, stored)
            click.echo(f"\nfigure to {figure}", err=as_json)
        _check_walkers(report, trajectory)


def _compare(
    trajectory: Trajectory, stored: list[Comparison], lags: tuple[float, float] | None, landscape: Landscape | None,
    own: Sequence[OwnTheory], doubts: list[str], as_json: bool,
) -> Report | None:  # fmt: skip
    """Show the results of the run. Return its answer, if there is one."""
    import json

    from langevin.cli.keeping import numbers_table, weights_measured
    from langevin.comparison import comparison_record, measurement_record
    from langevin.experiment.answering import has_target
    from langevin.experiment.recorded_question import answer_question, censored, is_rate
    from langevin.measure.exponent import FEWEST_LAGS

    rates = is_rate(trajectory)
    if rates and lags is not None:
        raise UsageError(
            "--lags is of displacements, which a run of `langevin rate` does not record",
            "it is for runs of walkers or of networks",
            "leave --lags out",
        )
    target = has_target(trajectory) and trajectory.meta.get("kind") != "network" and not rates
    passages = first_passages(censored(trajectory)) if target else []
    report, lines = answer_question(trajectory, landscape, own)
    arrives = any(trajectory.meta.get(key) for key in ("arrival", "arrival_loss"))
    moves = arrives and (len(trajectory.times) > FEWEST_LAGS or lags is not None)
    wants_exponents = moves or not (arrives or target or rates)
    measured, reasons = _exponents(trajectory, landscape, lags) if wants_exponents else ([], [])
    lines = list(dict.fromkeys([*filter(None, [unfinished_line(trajectory)]), *doubts, *lines, *reasons]))
    if arrives and not moves and not target:
        lines.append(
            f"{counted(len(trajectory.times), 'frame was', 'frames were')} recorded, too few for an exponent of the "
            "motion: `langevin simulate --frames` records more"
        )
    if as_json:
        record = {
            "question": None if report is None else report.record,
            "remarks": lines,
            "exponents": [
                {**({"setting": name} if name else {}), **comparison_record(row)}
                for name, rows in measured
                for row in rows
            ],
            "first_passage": [{**label, **measurement_record(time)} for label, time in passages],
            "stored": [comparison_record(row) for row in stored],
            "weights": weights_measured(trajectory),
        }
        click.echo(json.dumps(record, indent=2))
    else:
        show(as_text(report, lines, measured, [] if report else passages, stored))
        if weighed := weights_measured(trajectory):
            show(f"\nMeasured on the weights\n{numbers_table(weighed, networks=True)}")
    return report


def _check_walkers(report: Report | None, trajectory: Trajectory) -> None:
    """Refuse a run with too many lost walkers, after its answer has been shown.

    Raises:
        NumericalError: too many walkers were lost.
    """
    from langevin.experiment.rare_escape import check_walks
    from langevin.experiment.recorded_question import is_rate
    from langevin.experiment.report import check_survivors

    if not is_rate(trajectory):
        check_survivors(trajectory)
    elif report is not None:
        check_walks(trajectory)


def _exponents(
    trajectory: Trajectory, landscape: Landscape | None, lags: tuple[float, float] | None
) -> tuple[list[tuple[str, list[Comparison]]], list[str]]:
    """Exponents of the displacement in each setting, and reasons for missing ones."""
    from langevin.experiment.exponents import exponents
    from langevin.experiment.recorded_question import EXPONENTS, TooLong, allowed, known

    try:
        with allowed(trajectory, landscape, EXPONENTS):
            return exponents(trajectory, landscape or known(trajectory), lags)
    except TooLong as reason:
        return [], [f"no exponent of the motion: {reason}"]


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
    if lags is not None and not 0 < lags[0] < lags[1] < float("inf"):
        raise UsageError(
            f"--lags {lags[0]} {lags[1]} is not a range of lags",
            "0 < shortest < longest must hold",
            "give two positive times, the shorter first",
        )
    return lags


def as_text(
    report: Report | None, lines: list[str], exponents: list[tuple[str, list[Comparison]]],
    passages: list[tuple[dict[str, Any], Measurement]], stored: list[Comparison],
) -> str:  # fmt: skip
    """The tables for which the run has data."""
    from langevin.comparison import comparison_table

    parts = [] if report is None else [_printable(report.text)]
    if lines:
        parts.append(_printable("\n".join(f"Remark: {line}" for line in lines)))
    if passages:
        parts.append("Mean first-passage time\n" + _passage_table(passages))
    for name, rows in exponents:
        title = "Exponent of the squared displacement" + (f", {_printable(name)}" if name else "")
        parts.append(f"{title}\n{_exponent_table(rows)}")
    if stored:
        parts.append(
            _stored(report, stored) or "Comparisons stored with the run\n" + comparison_table(stored)
        )
    return "\n\n".join(parts)


def _printable(text: str) -> str:
    """The text without control characters for the terminal: names in it come from a file."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)


def _stored(report: Report | None, stored: list[Comparison]) -> str:
    """A line, if the comparisons stored with the run equal the comparisons of the answer."""
    from langevin.comparison import comparison_record

    again = [] if report is None else [comparison_record(row) for row in report.comparisons]
    same = all(comparison_record(row) in again for row in stored)
    return f"The {counted(len(stored), *SAME)}." if same else ""


def _exponent_table(exponents: list[Comparison]) -> str:
    from langevin.comparison import format_percent, format_prediction, format_table, format_value

    header = ("theory", "exponent", "95 % interval", "n", "predicted", "z", "verdict", "detectable")
    rows = [
        (
            row.theory,
            format_value(row.measured.value, row.measured.error),
            _interval(row.measured),
            row.measured.n,
            format_prediction(row.predicted),
            row.z,
            row.verdict,
            format_percent(row.detectable),
        )
        for row in exponents
    ]
    windows = [f"  {row.measured.estimator}" for row in exponents if row.measured.n]
    notes = [f"  {row.theory}: {_printable(row.measured.note)}" for row in exponents if row.measured.note]
    return "\n".join([format_table(header, rows), *windows, *notes])


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
    return f"{format_table(header, rows)}\n{WITHOUT_STEPS}"


def _interval(measurement: Measurement) -> str:
    import math

    from langevin.measure import confidence_interval

    if not (measurement.n > 1 and math.isfinite(measurement.error)):
        return "-"
    low, high = confidence_interval(measurement)
    return f"{low:.4g} to {high:.4g}"
