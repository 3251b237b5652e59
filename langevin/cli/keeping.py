"""What a command keeps: the files that it will write, and the numbers that it measured, as its run file keeps them.

The names of files are claimed before the work, and the content is kept after it even if a name is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.begun import FOUND, MEASURED_LINE, provenance
from langevin.errors import OutputError
from langevin.stopping import uninterrupted
from langevin.store import claimed, discard, save
from langevin.store.atomic import free_name
from langevin.store.claims import check_claim
from langevin.sweep.rows import findings_of, measured_entry, measured_line

if TYPE_CHECKING:
    from langevin.experiment.rare_escape import RareEscape
    from langevin.experiment.report import Report
    from langevin.types import Comparison, Trajectory

#: Largest number of steps whose numbers a terminal shows.
MOST_STEPS = 8


def claim(*paths: str | Path | None) -> None:
    """Claim the names of the files that this command will write, until the command ends.

    Raises:
        OutputError: another run writes one of them, or the operating system refuses.
    """
    click.get_current_context().with_resource(claimed(*paths))


def keep(
    path: Path,
    run: Trajectory,
    force: bool,
    theory: Sequence[Comparison] = (),
    measured: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write the finished run under its name, or, if that is refused, under a free name in the same folder.

    Signals are handled after the write. The parts that were kept during the run are removed at the end of the command,
    because the command may read them.

    Args:
        path: of the file.
        run: the run.
        force: whether an existing file is replaced.
        theory: comparisons made on the run.
        measured: numbers measured on it, as `langevin.sweep.rows.measured_entry` makes them.

    Raises:
        OutputError: the file has appeared in the meantime and `force` is not given, another run has taken its claim, or
            the operating system refuses; the sentence states the file that contains the run.
    """
    with uninterrupted():
        try:
            check_claim(path)
            run = replace(run, meta={**run.meta, **provenance(), "measured": list(measured)})
            save(path, run, force=force, theory=theory)
        except OutputError as refused:
            free = free_name(path)
            try:
                save(free, run, theory=theory)
            except OutputError:
                raise refused from None
            raise OutputError(f"{refused}; this run was saved to {free}") from refused
        context = click.get_current_context()
        context.meta[MEASURED_LINE], context.meta[FOUND] = measured_line(measured), findings_of(run, theory)
        context.call_on_close(partial(discard, path))


def toy_measured(report: Report) -> list[dict[str, Any]]:
    """The numbers that a question measured in a toy run."""
    from langevin.comparison import measurement_record

    return [measured_entry(name, measurement_record(number)) for name, number in report.measured.items()]


def rates_measured(report: RareEscape) -> list[dict[str, Any]]:
    """The mean time at each temperature."""
    return [
        measured_entry("mean time", record["mean_time"], {"temperature": theta})
        for theta, record in zip(report.record["temperatures"], report.record["runs"], strict=True)
    ]


def weights_measured(run: Trajectory) -> list[dict[str, Any]]:
    """The numbers that `langevin measure` added to the file of a training.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: entries that no run has.
    """
    from langevin.cli.training_text import FINAL, STEPS
    from langevin.sweep.rows import DELAY, PHASE, SHARE, entries_of

    own = {
        PHASE,
        SHARE,
        DELAY,
        *(f"step at which it {heading}" for heading in STEPS.values()),
        *FINAL.values(),
    }
    network = run.meta.get("kind") == "network"
    return [one for one in entries_of(run.meta) if one["quantity"] not in own] if network else []


def numbers_table(entries: Sequence[Mapping[str, Any]], networks: bool = False) -> str:
    """A line for each number as `measured_entry` keeps it. Numbers at many steps are shown at some of them.

    Args:
        entries: the numbers.
        networks: whether they are means over networks.
    """
    import math

    from langevin.comparison import format_table
    from langevin.words import ENOUGH, format_mean, too_few

    axes = list(dict.fromkeys(name for one in entries for name in one["at"]))
    steps = sorted({one["at"]["step"] for one in entries if "step" in one["at"]})
    shown = {steps[i * (len(steps) - 1) // (MOST_STEPS - 1)] for i in range(MOST_STEPS)} if steps else set()
    heading, lines = "mean over networks" if networks else "value", []
    for one in sorted(entries, key=lambda one: str(one["quantity"])):
        if one["at"].get("step", None) not in {None, *shown}:
            continue
        value, error = (math.nan if one[key] is None else float(one[key]) for key in ("value", "error"))
        number = format_mean(value, error, one["n"] if networks else ENOUGH)
        places = [f"{one['at'][name]:g}" if name in one["at"] else "-" for name in axes]
        bound = "> " if one.get("bound") is True else ""
        lines.append((one["quantity"], *places, bound + number, one["n"], one["note"] or "-"))
    rest = f"\nand {len(steps) - len(shown)} more steps in the file" if len(steps) > len(shown) else ""
    few = too_few(one["n"] for one in entries) if networks else []
    return "\n".join([format_table(("quantity", *axes, heading, "n", "note"), lines) + rest, *few])


def networks_measured(run: Trajectory) -> list[dict[str, Any]]:
    """Steps at which networks memorised and generalised, losses and accuracies, in each setting of a sweep."""
    from langevin.cli.training_text import FINAL, STEPS, statistics
    from langevin.sgld import split

    found = []
    for part in split(run):
        at = {name: float(part.meta[name]) for name in run.meta["swept"]}
        numbers_of = statistics(part)
        for name in sorted(numbers_of, key=lambda name: name != "generalised_step"):
            numbers = numbers_of[name]
            quantity = f"step at which it {STEPS[name]}" if name in STEPS else FINAL.get(name, name)
            note = "networks never came so far" if numbers["lower_bound"] else ""
            kept = {key: numbers[key] for key in ("error", "n", "mixed")}
            record = {"value": numbers["mean"], "note": note, "bound": numbers["lower_bound"], **kept}
            found.append(measured_entry(quantity, record, at))
        found += [*_grokked(part, at), *_phase(part, at)]
    return found


def _grokked(part: Trajectory, at: dict[str, float]) -> list[dict[str, Any]]:
    """The share of networks that generalised, and the delay of networks that memorised; none without accuracies.

    Networks that diverged have not generalised. The delay leaves them out.
    """
    from dataclasses import replace

    import numpy as np

    from langevin.comparison import measurement_record
    from langevin.measure import networks
    from langevin.measure.occupancy import share_of
    from langevin.sweep.rows import DELAY, SHARE

    if not {"memorised_step", "generalised_step"} <= set(part.events):
        return []
    share = share_of(np.asarray(part.events["generalised_step"]) >= 0, SHARE)
    found = [measured_entry(SHARE, measurement_record(share), at)]
    if part.counts["diverged"] == len(part.events["status"]):
        return found
    by_step = replace(part, times=part.steps.astype(np.float64))
    first, last = networks.memorisation_times(by_step), networks.generalisation_times(by_step)
    known = ~first.censored
    if known.any():
        late = last._replace(
            time=(last.time - first.time)[known],
            censored=last.censored[known],
            gap=(last.gap + first.gap)[known],
        )
        mean = networks.mean_time(late)
        record = measurement_record(mean) | {"bound": mean.estimator == "lower bound"}
        found.append(measured_entry(DELAY, record, at))
    return found


def _phase(part: Trajectory, at: dict[str, float]) -> list[dict[str, Any]]:
    """The phase of most networks of a setting, as a number; no phase for a regression."""
    from langevin.measure.phases import LEARNED, RIGHT, phase
    from langevin.sweep.rows import PHASE

    if not {LEARNED, RIGHT} <= set(part.events):
        return []
    most, count = phase(part)
    total = len(part.events["status"])
    record = {"value": float(most), "error": 0.0, "n": total, "mixed": 2 * count > total}
    return [
        measured_entry(PHASE, {**record, "note": f"{most.name.lower()}, {count} of {total} networks"}, at)
    ]
