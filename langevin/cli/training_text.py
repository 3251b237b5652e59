"""The text of `langevin train` about its networks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langevin.types import Measurement

if TYPE_CHECKING:
    from langevin.sgld.network_modules import Judged
    from langevin.types import Trajectory

#: Event or observable to its heading. The last frame of an observable is shown.
STEPS = {"memorised_step": "memorised", "arrival_step": "arrived", "generalised_step": "generalised"}
#: The event that `arrival_steps` measures.
EVENTS = {heading: event for event, heading in STEPS.items()}
FINAL = {
    "train_loss": "train loss",
    "test_loss": "test loss",
    "train_accuracy": "train acc.",
    "test_accuracy": "test acc.",
}
#: Largest number of further observables whose means are printed.
MOST_SHOWN = 20


def as_text(trajectory: Trajectory, judged: Mapping[str, Judged]) -> str:
    """Table of the networks, statistics of each setting, and bands of the preset.

    Args:
        trajectory: the run.
        judged: bands of the preset by name.
    """
    from langevin.sgld import split

    lines = table(trajectory)
    for part in split(trajectory):
        swept = ", ".join(f"{name} {part.meta[name]:g}" for name in trajectory.meta["swept"])
        lines += ["", *([f"{swept}:"] if swept else []), *summary(part)]
    for name, found in judged.items():
        where = "inside" if found.inside else "OUTSIDE"
        band = f"{found.lowest:g} ... {found.highest:g}"
        lines.append(f"preset: median {name} {found.median:.4g}, {where} the band {band}")
    return "\n".join(lines)


def as_record(trajectory: Trajectory, judged: Mapping[str, Judged], path: Path) -> dict[str, Any]:
    """The content of --json: every network, the statistics over them, the meta of the run, the bands of the preset.

    Args:
        trajectory: the run.
        judged: bands of the preset by name.
        path: file of the run.
    """
    from langevin.sgld import split

    swept, ended = trajectory.meta["swept"], ended_by(trajectory)
    chains = [
        {"status": ending}
        | ({"stopped_by": ended[chain]} if ended else {})
        | {name: float(trajectory.events[name][chain]) for name in swept}
        | {name: int(trajectory.events[name][chain]) for name in steps_of(trajectory)}
        | {
            name: float(trajectory.observables[name][chain, -1])
            for name in final_of(trajectory) | observed(trajectory)
        }
        for chain, ending in enumerate(endings(trajectory))
    ]
    parts = split(trajectory)
    settings = [
        {name: part.meta[name] for name in swept} | {"statistics": statistics(part)} for part in parts
    ]
    return {
        "out": str(path),
        "chains": chains,
        **({"settings": settings} if swept else {"statistics": statistics(trajectory)}),
        "bands": {name: [*found, found.inside] for name, found in judged.items()},
        "meta": dict(trajectory.meta),
    }


def steps_of(trajectory: Trajectory) -> dict[str, str]:
    """Headings of the events that this run defines: a regression has no accuracies, and perhaps no arrival."""
    defined = {name: heading for name, heading in STEPS.items() if name in trajectory.events}
    return {
        name: heading
        for name, heading in defined.items()
        if name != "arrival_step" or trajectory.meta["arrival"]
    }


def final_of(trajectory: Trajectory) -> dict[str, str]:
    """Headings of the observables that this run has."""
    return {name: heading for name, heading in FINAL.items() if name in trajectory.observables}


def observed(trajectory: Trajectory) -> dict[str, str]:
    """Requested observables that not every run has, with their headings, which are their names."""
    requested = trajectory.meta.get("observed", [])
    return {
        name: name
        for name in trajectory.observables
        if name.partition("[")[0] in requested or name in requested
    }


def ended_by(trajectory: Trajectory) -> list[str]:
    """The criterion that ended each network, as it was given, `-` for none; an empty list if no criterion was given."""
    if "stopped_by" not in trajectory.events:
        return []
    stop = trajectory.meta["stop"]
    words = [f"{name}={number:g}" for name, number in stop.items()] if isinstance(stop, Mapping) else stop
    return ["-" if place < 0 else words[place] for place in trajectory.events["stopped_by"].tolist()]


def endings(trajectory: Trajectory) -> list[str]:
    """How each network ended, in words; `hit` is one that a criterion stopped."""
    from langevin.types import Status

    return [Status(code).name.lower() for code in trajectory.events["status"]]


def table(trajectory: Trajectory) -> list[str]:
    """One line for each network, under a line of headings with a rule."""
    columns = {"chain": [str(chain) for chain in range(len(trajectory.events["status"]))]}
    for name in trajectory.meta["swept"]:
        columns[name.replace("_", " ")] = [f"{value:g}" for value in trajectory.events[name]]
    columns["status"] = endings(trajectory)
    columns |= {"ended by": ended} if (ended := ended_by(trajectory)) else {}
    for name, heading in steps_of(trajectory).items():
        columns[heading] = ["never" if step < 0 else str(step) for step in trajectory.events[name]]
    for name, heading in final_of(trajectory).items():
        columns[heading] = [f"{value:.4g}" for value in trajectory.observables[name][:, -1]]
    padded = []
    for heading, cells in columns.items():
        width = max(map(len, [heading, *cells]))
        padded.append([cell.rjust(width) for cell in [heading, "-" * width, *cells]])
    return ["  ".join(line) for line in zip(*padded, strict=True)]


def statistics(trajectory: Trajectory) -> dict[str, dict[str, Any]]:
    """Mean, standard error and n of each column of the table, over the networks that did not diverge.

    Steps are measured as `langevin compare` measures them: if some networks never came so far, the mean is a lower
    bound. `mixed` is then false. It is also false if networks diverged: the remaining networks are no fair sample.
    """
    from langevin.experiment.network_run import arrival_steps
    from langevin.measure.walkers import too_many_lost

    if all(ending == "diverged" for ending in endings(trajectory)):
        return {
            name: recorded(None)
            for name in (*steps_of(trajectory), *final_of(trajectory), *observed(trajectory))
        }
    found = {EVENTS[what]: recorded(mean) for what, (mean, _) in arrival_steps(trajectory).items()}
    sound = [ending != "diverged" for ending in endings(trajectory)]
    fair = not too_many_lost(trajectory)
    for name in final_of(trajectory) | observed(trajectory):
        sample = trajectory.observables[name][sound, -1]
        error = float(sample.std(ddof=1) / sample.size**0.5) if sample.size > 1 else math.inf
        found[name] = recorded(
            Measurement(float(sample.mean()), error, int(sample.size), "sample mean", fair)
        )
    return found


def recorded(mean: Measurement | None) -> dict[str, Any]:
    """A mean as values that JSON can hold; without networks there is none."""
    if mean is None:
        return {"mean": None, "error": None, "n": 0, "mixed": False, "lower_bound": False}
    error = mean.error if math.isfinite(mean.error) else None
    return {
        "mean": mean.value,
        "error": error,
        "n": mean.n,
        "mixed": mean.mixed,
        "lower_bound": mean.estimator == "lower bound",
    }


def summary(trajectory: Trajectory) -> list[str]:
    """Mean +- standard error over the networks, with their number."""
    from langevin.words import format_mean, too_few

    chains, diverged = len(trajectory.events["status"]), trajectory.counts["diverged"]
    lines = [f"{'mean +- s.e. over networks':<28}{'n':>26}"]
    found = statistics(trajectory)
    hidden = [*observed(trajectory)][MOST_SHOWN:]
    for name, numbers in found.items():
        if name in hidden:
            continue
        mean, error, bound = numbers["mean"], numbers["error"], "> " * numbers["lower_bound"]
        spread = math.inf if error is None else error
        shown = "-" if mean is None else bound + format_mean(mean, spread, numbers["n"])
        heading = f"{STEPS[name]} at step" if name in STEPS else FINAL.get(name, name)
        lines.append(f"{heading:<20}{shown:>24}{numbers['n']:>6} of {chains}")
    lines += too_few(numbers["n"] for numbers in found.values())
    if hidden:
        lines.append(f"and {len(hidden)} more observables, which are in the file")
    if diverged:
        lines.append(
            f"{diverged} of {chains} networks diverged and left no number: the means over the others are not mixed"
        )
    rules = {"arrived means": trajectory.meta["arrival"], "accuracy counts": trajectory.meta["right"]}
    meanings = "".join(f"; {words} {rule}" for words, rule in rules.items() if rule)
    if steps_of(trajectory):
        lines.append(
            "each step is the first recorded one of its event; errors include the distance to the recorded step before"
            + meanings
        )
    if not trajectory.meta["right"]:
        lines.append(
            "the targets are numbers and no labels, so there are no accuracies without `correct` of the Model"
        )
    return lines
