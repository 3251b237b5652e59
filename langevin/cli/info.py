"""`langevin info`: the content of a run file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.narrow import show
from langevin.cli.paths import FILE
from langevin.cli.reading import (
    finished_line,
    is_finished,
    opened,
    readable,
    unfinished_line,
    why_not_extended,
)
from langevin.words import counted

if TYPE_CHECKING:
    from langevin.types import Comparison, Trajectory

#: Letters of an entry that are shown.
WIDEST = 2000


@click.command()
@click.argument("file", type=FILE)
@click.option("--any-size", is_flag=True, help="Read also numbers that unpack to many times the file's size.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def info(file: Path, any_size: bool, as_json: bool) -> None:
    """Show what is in FILE: its origin, its shapes, how its walkers ended.

    An unfinished run is shown up to its last record. For the folder of a sweep the command shows how many points are
    finished, and their results.

    \b
    Example:
      langevin info run.h5
    """  # noqa: D301
    import json

    from langevin.store import check_data

    if file.is_dir() and (file / "plan.toml").is_file():
        from langevin.cli.swept import show_folder

        show_folder(file, as_json)
        return
    with readable(file):
        trajectory, theory = opened(file, any_size)
        check_data(trajectory)
        summary = summarise(trajectory, theory)
        state = unfinished_line(trajectory) or finished_line(trajectory)
        if as_json:
            click.echo(json.dumps(summary, indent=2))
        else:
            show(_as_text(file, state, summary))


def summarise(trajectory: Trajectory, theory: list[Comparison]) -> dict[str, Any]:
    """All results of the command as plain values.

    Args:
        trajectory: the run.
        theory: comparisons that are stored with it.
    """
    chains, draws, dim = trajectory.states.shape
    times = trajectory.times
    return {
        "finished": is_finished(trajectory),
        "extendable": is_finished(trajectory) and not why_not_extended(trajectory),
        "chains": chains,
        "draws": draws,
        "dim": dim,
        "first_time": float(times[0]) if draws else None,
        "last_time": float(times[-1]) if draws else None,
        "end_time": trajectory.meta.get("end_time"),
        "status": {cause: count for cause, count in trajectory.counts.items() if count},
        "tallies": trajectory.tallies,
        "observables": list(trajectory.observables),
        "events": list(trajectory.events),
        "weights": _kept(trajectory),
        "verdicts": dict(Counter(comparison.verdict for comparison in theory)),
        "meta": dict(trajectory.meta),
    }


def _as_text(file: Path, state: str, summary: dict[str, Any]) -> str:
    """The summary as a few lines and a table of the provenance."""
    import json

    from langevin.cli.keeping import numbers_table
    from langevin.comparison import format_table
    from langevin.sweep.rows import entries_of

    sizes = (summary["chains"], "walker"), (summary["draws"], "frame"), (summary["dim"], "coordinate")
    shape = " x ".join(counted(number, one) for number, one in sizes)
    span = f", time {summary['first_time']:g} to {summary['last_time']:g}" if summary["draws"] else ""
    rows = [("states", shape + span), ("walkers", _counted(summary["status"]))]
    if summary["meta"].get("kind") == "rate":  # its chains are replicas of an algorithm, which have no frames
        rows = [("replicas", f"{summary['chains']}, {_counted(summary['status']) or 'none finished'}")]
    rows += [("steps counted", _counted(summary["tallies"]))] if summary["tallies"] else []
    rows += [(key, ", ".join(_gathered(summary[key])) or "none") for key in ("observables", "events")]
    rows += [("comparisons", _counted(summary["verdicts"]) or "none")]
    rows += [("weights kept", ", ".join(summary["weights"]))] if summary["weights"] else []
    rows += [(key, json.dumps(value)) for key, value in summary["meta"].items() if key != "measured"]
    rows = [(_cut(key), _cut(value)) for key, value in rows]
    measured = entries_of(summary["meta"])
    below = (
        f"\n\nMeasured\n{numbers_table(measured, summary['meta'].get('kind') == 'network')}"
        if measured
        else ""
    )
    return f"{file}: {state}\n{format_table(('entry', 'value'), rows)}{below}"


def _kept(trajectory: Trajectory) -> list[str]:
    """The steps and moments at which weights of networks were kept, in words."""
    from langevin.sgld.records import MOMENTS, STEPS

    steps = trajectory.weights.get(STEPS)
    few = [] if steps is None or not steps.size else [
        f"{counted(steps.size, 'step')} from {int(steps[0])} to {int(steps[-1])}"
    ]  # fmt: skip
    return [*few, *(name for name in MOMENTS if name in trajectory.weights)]


def _gathered(names: list[str]) -> list[str]:
    """Names. The names of the parts of one quantity become one name: `norms[8 parts]`."""
    parts = Counter(name.partition("[")[0] for name in names if name.endswith("]"))
    several = {name for name, count in parts.items() if count > 1}
    shortened = [first if (first := name.partition("[")[0]) in several else name for name in names]
    return [f"{name}[{parts[name]} parts]" if name in several else name for name in dict.fromkeys(shortened)]


def _cut(text: str) -> str:
    """A text that a table can hold."""
    return text if len(text) <= WIDEST else f"{text[:WIDEST]} ... ({len(text)} letters, all with --json)"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {cause.replace('_', ' ')}" for cause, count in counts.items())
