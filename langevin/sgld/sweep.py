"""Several settings of the law's numbers in one run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.sgld.records import NUMBERS, STEPS, Law
from langevin.types import Trajectory

#: Entries of the meta that have one value a setting when what they depend on is swept.
LISTED = (*NUMBERS, "noise_sd")
#: Begins the names of what a state has of each network; the first of these are its weights at the end.
LEAF = "leaf "


def changed(law: Law, numbers: Mapping[str, Any]) -> Law:
    """The law with some of its `NUMBERS` replaced."""
    return replace(law, **numbers)


def settings(law: Law, sweep: Mapping[str, Sequence[float]]) -> tuple[Law, ...]:
    """The law at every combination of the values of a sweep, the last number varying fastest.

    Raises:
        UsageError: what is swept is no number of the law, or has no values.
    """
    for name, values in sweep.items():
        if name not in NUMBERS:
            raise UsageError(
                f"a sweep is over numbers of the law, and {name} is none",
                f"one of {', '.join(NUMBERS)}",
                "name one of these",
            )
        if not len(values):
            raise UsageError(f"the sweep over {name} has no values", "one value or more", "give at least one")
    return tuple(changed(law, dict(zip(sweep, values))) for values in product(*sweep.values()))


def split(trajectory: Trajectory) -> list[Trajectory]:
    """One Trajectory a setting of a sweep, each as if it had been run alone; without a sweep, the run itself.

    Parts keep the weights of their networks, and cannot be extended.

    Args:
        trajectory: a run of networks.
    """
    swept = trajectory.meta.get("swept")
    if not swept:
        return [trajectory]
    return [_part(trajectory, setting) for setting in np.unique(trajectory.events["setting"]).tolist()]


def _part(trajectory: Trajectory, setting: int) -> Trajectory:
    chosen = np.asarray(trajectory.events["setting"]) == setting
    own = np.flatnonzero(chosen)
    events = {name: np.asarray(event)[chosen] for name, event in trajectory.events.items()}
    meta: dict[str, Any] = {
        name: value[setting] if name in LISTED and isinstance(value, list) else value
        for name, value in trajectory.meta.items()
    } | {"swept": [], "setting": setting}
    swept_rate = "learning_rate" in trajectory.meta["swept"]
    if swept_rate:
        meta["clock"] = "learning rate x steps"
    if "temperature" in trajectory.meta["swept"] and meta["temperature"] and meta["rank"] is not None:
        meta["arrival_loss"] = meta["temperature"] * meta["rank"]
    elif not meta["temperature"]:
        meta |= {"arrival": "train accuracy 1" if meta.get("right") else None, "rank": None}
    unit = meta["learning_rate"] if swept_rate and math.isfinite(meta["learning_rate"]) else 1.0
    if "end_time" in meta:
        meta["end_time"] *= unit
    if trajectory.state:
        meta["not_extendable"] = "it is one setting of a sweep, which is extended as a whole"
    return replace(
        trajectory,
        times=unit * trajectory.times,
        states=trajectory.states[chosen],
        observables={name: value[chosen] for name, value in trajectory.observables.items()},
        events=events,
        meta=meta,
        state={name: kept[own] for name, kept in trajectory.state.items() if name.startswith(LEAF)},
        weights={name: kept if name == STEPS else kept[own] for name, kept in trajectory.weights.items()},
    )
