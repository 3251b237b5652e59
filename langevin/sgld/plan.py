"""A whole training as one record, and quantities that follow from it: laws of a sweep, recorded steps, clock."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld.criteria import criteria_of
from langevin.sgld.model import Model, Observer
from langevin.sgld.records import NUMBERS, STEPS, Computation, Criterion, Law, Protocol, Recording
from langevin.sgld.start_from import Start, started
from langevin.types import FloatArray, Trajectory

#: The fields of a plan that are numbers, and those that are records, with their types.
COUNTS = ("steps", "chains", "seed")
RECORDS = {"law": Law, "protocol": Protocol, "recording": Recording, "computation": Computation}
#: Largest number of recorded frames of a run.
MOST = 2**24
#: Entries of the meta that have one value for each setting if a number on which they depend is swept.
LISTED = (*NUMBERS, "noise_sd")
#: Prefix of the names of arrays in a state that have a row for each network; the first are its weights at the end.
LEAF = "leaf "


@dataclass(frozen=True)
class Plan:
    """The data that all networks of a run share: the arguments of `langevin.sgld.train`, which describes them.

    `chains` networks are trained in each setting of a sweep, and network c of the run is number c % chains in setting
    c // chains.
    """

    law: Law
    steps: int
    chains: int = 5
    seed: int = 0
    protocol: Protocol = Protocol()
    recording: Recording = Recording()
    computation: Computation = Computation()

    @property
    def start(self) -> Start | None:
        """Weights from which networks start; None if `init` of the model draws them."""
        return started(self.protocol.start)

    @cached_property
    def laws(self) -> tuple[Law, ...]:
        """The law of each setting of the sweep."""
        return settings(self.law, self.protocol.sweep)

    @cached_property
    def recorded(self) -> NDArray[np.int64]:
        """The recorded steps in rising order; the steps at which weights are kept are among them."""
        steps, every = schedule(self.steps, self.recording.frames), self.recording.weights
        if isinstance(every, str):
            return steps
        return np.asarray(np.union1d(steps, np.arange(0, self.steps + 1, every)), np.int64)

    @cached_property
    def kept(self) -> NDArray[np.int64]:
        """The recorded steps at which the weights of every network are kept, in rising order."""
        which = self.recording.weights
        if isinstance(which, str):
            return self.recorded[: None if which == "frames" else 0]
        return self.recorded[np.flatnonzero(self.recorded % which == 0)]

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria, any of which ends a network."""
        return criteria_of(self.protocol.stop)

    @property
    def total(self) -> int:
        """Number of networks over all settings."""
        return len(self.laws) * self.chains

    def law_of(self, chain: int) -> Law:
        """The first law of network `chain`."""
        return self.laws[chain // self.chains]


def flat(plan: Plan) -> dict[str, Any]:
    """The numbers of a plan and the fields of its records, by name."""
    found = {name: getattr(plan, name) for name in COUNTS}
    for name in RECORDS:
        found |= vars(getattr(plan, name))
    return found


def with_settings(plan: Plan, given: Mapping[str, Any]) -> Plan:
    """The plan with some of its numbers, and of the fields of its records, replaced by name.

    Raises:
        UsageError: there is no number or field of this name.
    """
    known = flat(plan)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UsageError(
            f"{unknown[0]!r} is no setting of a training", allowed=f"these are {', '.join(known)}"
        )
    records = {name: getattr(plan, name) for name in RECORDS}
    replaced: dict[str, Any] = {
        name: replace(record, **{key: value for key, value in given.items() if key in vars(record)})
        for name, record in records.items()
    }
    return replace(plan, **replaced, **{name: given[name] for name in COUNTS if name in given})


def observers(model: Model, plan: Plan) -> tuple[tuple[str, Observer], ...]:
    """The observables of the model and those of the plan, by name."""
    return (*model.observe.items(), *plan.recording.observe.items())


def noise_sd(learning_rate: Any, temperature: Any) -> Any:
    """Standard deviation of the thermal noise that a step adds to each weight, sqrt(2 lr theta).

    With momentum it is the standard deviation per step of free motion after many steps.
    """
    return (2 * learning_rate * temperature) ** 0.5


def factors(plan: Plan, first: int, last: int) -> FloatArray:
    """Factors of the learning rate of the steps first, ..., last - 1."""
    if plan.protocol.schedule is None:
        return np.ones(last - first)
    return np.asarray(plan.protocol.schedule(np.arange(first, last)), np.float64)


def clock(plan: Plan, steps: NDArray[np.int64]) -> FloatArray:
    """Time after these numbers of steps in units of the learning rate: the sum of the factors of the earlier steps."""
    if plan.protocol.schedule is None:
        return np.asarray(steps, np.float64)
    elapsed: FloatArray = np.concatenate([[0.0], np.cumsum(factors(plan, 0, plan.steps))])[steps]
    return elapsed


def schedule(steps: int, frames: int | Sequence[int]) -> NDArray[np.int64]:
    """Recorded steps, rising, from 0 (the initial weights) to `steps`.

    Args:
        steps: Length of the run.
        frames: The steps to record besides 0 and the last, or about how many: then half of them are
            geometric, which shows the approach to the zero-loss set from the first step on,
            and half a regular grid, so that whenever the weights arrive there, the motion after
            arrival is seen at lags over two decades.

    Raises:
        UsageError: fewer than 2 frames, or too many, or a frame outside 0 ... steps.
    """
    if isinstance(frames, int):
        if not 2 <= frames <= MOST:
            raise UsageError(f"frames is {frames}", f"2 frames or more, at most {MOST}", "record at least 2")
        half = -(-frames // 2)
        chosen = np.concatenate([np.geomspace(1, max(steps, 1), half), np.linspace(0, steps, half + 1)])
    else:
        chosen = np.asarray(frames)
        if chosen.size and not (0 <= chosen.min() and chosen.max() <= steps):
            raise UsageError("a frame lies outside the run", f"frames go from 0 to {steps}")
    every = np.concatenate([[0, steps], np.round(chosen)])
    return np.unique(every.astype(np.int64))


def changed(law: Law, numbers: Mapping[str, Any]) -> Law:
    """The law with some of its `NUMBERS` replaced."""
    return replace(law, **numbers)


def settings(law: Law, sweep: Mapping[str, Sequence[float]]) -> tuple[Law, ...]:
    """The law at every combination of the values of a sweep, the last number varying fastest.

    Raises:
        UsageError: a swept name is not a number of the law, or has no values.
    """
    for name, values in sweep.items():
        if name not in NUMBERS:
            raise UsageError(
                f"a sweep is over numbers of the law, and {name} is not one of them",
                f"one of {', '.join(NUMBERS)}",
                "name one of these",
            )
        if not len(values):
            raise UsageError(f"the sweep over {name} has no values", "one value or more", "give at least one")
    return tuple(changed(law, dict(zip(sweep, values))) for values in product(*sweep.values()))


def split(trajectory: Trajectory) -> list[Trajectory]:
    """One Trajectory for each setting of a sweep, as if it had been run alone; without a sweep, the run itself.

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
