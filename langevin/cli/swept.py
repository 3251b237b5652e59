"""What a terminal shows of a sweep: its progress and the results of its points. Trainings have a separate table."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.narrow import show
from langevin.cli.training_text import STEPS
from langevin.sweep.folder import State, failure_of, state_of
from langevin.sweep.rows import DELAY, PHASE, SHARE
from langevin.words import counted, format_mean, too_few

if TYPE_CHECKING:
    from langevin.cli.points import Job
    from langevin.cli.sweep_point import Made
    from langevin.cli.sweep_settings import SweepSettings
    from langevin.store.decode import Findings
    from langevin.sweep.results import Sweep
    from langevin.sweep.rows import Row

FAMILY = "verdicts are judged at a family-wise level of 5 % over all points and theories of the sweep"
#: Largest number of lines of a table on a terminal.
MOST_LINES = 60
MEMORISED, GENERALISED = (
    f"step at which it {STEPS[name]}" for name in ("memorised_step", "generalised_step")
)
HEADER = ("memorised", "generalised", "delay", "share", "phase of most", "n")
MEANING = (
    "delay: steps from memorising to generalising, of networks that memorised; share: of networks that generalised; "
    "all else: --json, or `langevin plot FOLDER --quantity NAME`"
)


@contextmanager
def progress(
    jobs: Sequence[Job], quiet: bool
) -> Iterator[tuple[Callable[[Job, Made], None], Callable[[], None]]]:
    """Functions that report an ended point, and the passing of time: a bar on a terminal, a line elsewhere."""
    from tqdm import tqdm

    from langevin.cli.points import shown

    shows_bar = not quiet and sys.stderr.isatty()
    with tqdm(total=len(jobs), unit="point", disable=not shows_bar, leave=False) as bar:

        def show_point(job: Job, made: Made) -> None:
            bar.update()
            outcome = (
                made.measured_line or made.message or ("made by another sweep" if made.taken else "was there")
            )
            line = f"{shown(job.point.place)}: {outcome}"
            bar.set_description_str(line[:60])
            if not quiet and not shows_bar:
                click.echo(f"{bar_count(bar, jobs)} {line} ({made.seconds:.1f} s)", err=True)

        done = [0]

        def bar_count(bar: Any, jobs: Sequence[Job]) -> str:
            done[0] += 1
            return f"{done[0]} of {len(jobs)}:"

        yield show_point, bar.refresh


def show_sweep(jobs: Sequence[Job], how: SweepSettings, known: Mapping[Path, Findings]) -> None:
    """Print the table of a sweep, draw its figure, and refuse it at last if points failed.

    `known` are the findings of the files that were written just now.

    Raises:
        NumericalError: points failed.
    """
    from langevin.cli.points import check_points
    from langevin.sweep.results import sweep_of

    files = [job.place.file for job in jobs if state_of(job.place) is State.FINISHED]
    sweep = sweep_of(how.folder, files, known)
    if how.as_json:
        click.echo(json.dumps(as_record(jobs, sweep), indent=2))
    else:
        show("\n\n".join(filter(None, [table(sweep), states_line(how.folder, jobs)])))
    if how.plot is not None and sweep.rows:
        from langevin.sweep.picture import draw_phases, draw_sweep

        draw = draw_phases if how.figure == "phases" else draw_sweep
        draw(how.plot, sweep)
        if not how.quiet:
            click.echo(f"figure to {how.plot}", err=how.as_json)
    check_points(jobs)


def show_folder(folder: Path, as_json: bool) -> None:
    """Print the results of the finished points of a folder, and the progress of the other points of its plan.

    Args:
        folder: of the sweep.
        as_json: whether JSON is printed.

    Raises:
        InputFileError: the plan of the folder cannot be read.
    """
    from langevin.cli.points import jobs_in
    from langevin.sweep.folder import PLAN
    from langevin.sweep.plan_file import read_plan
    from langevin.sweep.results import load_sweep

    jobs = jobs_in(read_plan(folder / PLAN)[0], folder)
    sweep = load_sweep(folder)
    if as_json:
        click.echo(json.dumps(as_record(jobs, sweep), indent=2))
        return
    failed = [job for job in jobs if state_of(job.place) is State.FAILED]
    lines = [f"failed: {_name(job)}: {failure_of(job.place)}" for job in failed[:MOST_LINES]]
    show("\n\n".join(filter(None, [table(sweep), "\n".join(lines), states_line(folder, jobs)])))


def _name(job: Job) -> str:
    from langevin.cli.points import shown

    return shown(job.point.place)


def table(sweep: Sweep) -> str:
    """A line for each number and theory, shortened if there are many; without theories, no columns for them.

    Trainings have a line for each point.
    """
    from langevin.comparison import format_table

    if not sweep.rows:
        return ""
    if of_trainings(sweep):
        return trainings_table(sweep, MOST_LINES)
    compared = any(row.theory for row in sweep.rows)
    theory_columns = ("theory", "predicted", "verdict") if compared else ()
    header = (*(name.removeprefix("p.") for name in sweep.axes), "quantity", "measured", "n", *theory_columns)
    lines = [_cells(sweep, row)[: len(header)] for row in sweep.rows[:MOST_LINES]]
    rest = len(sweep.rows) - MOST_LINES
    more = (
        f"\n... and {rest} lines more: langevin.load_sweep({str(sweep.folder)!r}).to_dataframe()"
        if rest > 0
        else ""
    )
    return "\n".join([format_table(header, lines) + more, *([FAMILY] if compared else [])])


def states_line(folder: Path, jobs: Sequence[Job]) -> str:
    """How many points are finished, begun, failed or missing.

    Args:
        folder: of the sweep.
        jobs: its points.
    """
    counts = by_state(jobs)
    counts_text = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return f"{folder}: {counted(len(jobs), 'point')}, {counts_text}"


def by_state(jobs: Sequence[Job]) -> dict[str, int]:
    """Number of points by their state."""
    states = [state_of(job.place) for job in jobs]
    return {state.value: states.count(state) for state in State}


def as_record(jobs: Sequence[Job], sweep: Sweep) -> dict[str, Any]:
    """The sweep as values that JSON can hold.

    Args:
        jobs: the points.
        sweep: their results.
    """
    numbers = ("value", "error", "n", "mixed", "note", "theory", "predicted", "remainder", "in_range", "z", "ratio",
               "verdict", "file")  # fmt: skip
    return {
        "folder": str(sweep.folder),
        "points": by_state(jobs),
        "failed": {
            job.place.file.name: failure_of(job.place) for job in jobs if state_of(job.place) is State.FAILED
        },
        "axes": {name: list(values) for name, values in sweep.axes.items()},
        "fixed": dict(sweep.fixed),
        "rows": [
            {
                **sweep.place(row),
                "quantity": row.quantity,
                **{name: _plain(getattr(row, name)) for name in numbers},
            }
            for row in sweep.rows
        ],
    }


def _cells(sweep: Sweep, row: Row) -> tuple[Any, ...]:
    from langevin.comparison import format_value

    predicted = "-" if not row.theory or not row.in_range else f"{row.predicted:.6g}"
    value = f"> {row.value:.4g}" if row.bound else format_value(row.value, row.error)
    if row.quantity == PHASE:  # a code, whose name is in the note
        value = row.note.partition(",")[0] or value
    return (
        *sweep.place(row).values(),
        row.quantity,
        value,
        row.n,
        row.theory or "-",
        predicted,
        row.verdict or "-",
    )


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def of_trainings(sweep: Sweep) -> bool:
    """Whether all points are trainings with known steps of memorising and generalising."""
    by_file: dict[str, set[str]] = {}
    for row in sweep.rows:
        by_file.setdefault(row.file, set()).add(row.quantity)
    return all({MEMORISED, GENERALISED} <= quantities for quantities in by_file.values())


def trainings_table(sweep: Sweep, most: int) -> str:
    """A line for each point.

    Args:
        sweep: trainings.
        most: largest number of lines.
    """
    from langevin.comparison import format_table

    points: dict[tuple[float | str, ...], dict[str, Row]] = {}
    for row in sweep.rows:
        points.setdefault(tuple(sweep.place(row).values()), {})[row.quantity] = row
    shown = [*points.items()][:most]
    lines = [(*place, *_cells_of_training(found)) for place, found in shown]
    header = (*(name.removeprefix("p.") for name in sweep.axes), *HEADER)
    rest = len(points) - len(shown)
    more = f"... and {rest} points more: langevin.load_sweep({str(sweep.folder)!r}).to_dataframe()"
    few = too_few(found[name].n for _, found in shown for name in (GENERALISED, DELAY) if name in found)
    return "\n".join([format_table(header, lines), *([more] if rest else []), *few, MEANING])


def _cells_of_training(found: dict[str, Row]) -> tuple[str | int, ...]:
    memorised, generalised = found[MEMORISED], found[GENERALISED]
    delay, share, phase = (found.get(name) for name in (DELAY, SHARE, PHASE))
    return (
        _number(memorised.value, memorised.error, memorised.n, memorised.bound),
        _number(generalised.value, generalised.error, generalised.n, generalised.bound),
        _number(delay.value, delay.error, delay.n, delay.bound) if delay else "-",
        f"{share.value:.2g}" if share else "-",
        phase.note.partition(" networks")[0] if phase else "-",
        generalised.n,
    )


def _number(value: float, error: float, n: int, bound: bool) -> str:
    if bound:
        return f"> {value:.4g}"
    return format_mean(value, math.inf if math.isnan(error) else error, n)
