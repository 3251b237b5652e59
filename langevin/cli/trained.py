"""What `langevin train` prints of its networks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langevin.sgld.presets import Judged
    from langevin.types import Trajectory

#: Event or observable to its heading; of an observable the last frame is shown.
STEPS = {"memorised_step": "memorised", "arrival_step": "arrived", "generalised_step": "generalised"}
FINAL = {
    "train_loss": "train loss",
    "test_loss": "test loss",
    "train_accuracy": "train acc.",
    "test_accuracy": "test acc.",
}


def as_text(trajectory: Trajectory, judged: Mapping[str, Judged]) -> str:
    """Table of the networks, statistics of each setting, and bands of the preset."""
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
    """What --json prints: every network, the statistics over them, the meta of the run, the bands of the preset."""
    from langevin.sgld import split

    swept = trajectory.meta["swept"]
    chains = [
        {"status": ending}
        | {name: float(trajectory.events[name][chain]) for name in swept}
        | {name: int(trajectory.events[name][chain]) for name in STEPS}
        | {name: float(trajectory.observables[name][chain, -1]) for name in FINAL}
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


def endings(trajectory: Trajectory) -> list[str]:
    """How each network ended, in words; `hit` is one that a criterion stopped."""
    from langevin.types import Status

    return [Status(code).name.lower() for code in trajectory.events["status"]]


def table(trajectory: Trajectory) -> list[str]:
    """One line a network, under one line of headings."""
    columns = {"chain": [str(chain) for chain in range(len(trajectory.events["status"]))]}
    for name in trajectory.meta["swept"]:
        columns[name.replace("_", " ")] = [f"{value:g}" for value in trajectory.events[name]]
    columns["status"] = endings(trajectory)
    for name, heading in STEPS.items():
        columns[heading] = ["never" if step < 0 else str(step) for step in trajectory.events[name]]
    for name, heading in FINAL.items():
        columns[heading] = [f"{value:.4g}" for value in trajectory.observables[name][:, -1]]
    padded = []
    for heading, cells in columns.items():
        width = max(map(len, [heading, *cells]))
        padded.append([cell.rjust(width) for cell in [heading, *cells]])
    return ["  ".join(line) for line in zip(*padded, strict=True)]


def statistics(trajectory: Trajectory) -> dict[str, dict[str, float | int | bool | None]]:
    """Mean, standard error and n of each column of the table, over the networks that have a value.

    `mixed` is false where networks diverged: those left are no fair sample.
    """
    from langevin.measure.walkers import too_many_lost

    sound = [ending != "diverged" for ending in endings(trajectory)]
    values = {name: trajectory.events[name][trajectory.events[name] >= 0] for name in STEPS}
    values |= {name: trajectory.observables[name][sound, -1] for name in FINAL}
    fair = not too_many_lost(trajectory)
    return {
        name: {
            "mean": float(sample.mean()) if sample.size else None,
            "error": float(sample.std(ddof=1) / sample.size**0.5) if sample.size > 1 else None,
            "n": int(sample.size),
            "mixed": fair,
        }
        for name, sample in values.items()
    }


def summary(trajectory: Trajectory) -> list[str]:
    """Mean +- standard error over the networks, with their number."""
    chains, diverged = len(trajectory.events["status"]), trajectory.counts["diverged"]
    lines = [f"{'mean +- s.e. over networks':<28}{'n':>26}"]
    for name, numbers in statistics(trajectory).items():
        mean, error = numbers["mean"], numbers["error"]
        shown = "-" if mean is None else f"{mean:.4g}" + ("" if error is None else f" +- {error:.2g}")
        heading = f"{STEPS[name]} at step" if name in STEPS else FINAL[name]
        lines.append(f"{heading:<20}{shown:>24}{numbers['n']:>6} of {chains}")
    if diverged:
        lines.append(
            f"{diverged} of {chains} networks diverged, and are left out: the means over the others are not mixed"
        )
    lines.append(f"steps are the first recorded ones; arrived means {trajectory.meta['arrival']}")
    return lines
