"""Rates as a run that a file can contain, and back with checks: one chain for each replica and temperature, no frames.

events       `temperature`, `flux` and `probability` of the replica; `step`, the rounds after which it was done; `time`,
             the mean time that it found, infinite if it died out; `status`, hit, or censored if it died out
meta         `runs` has for each temperature the common entries of its replicas
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble.splitting import Walks
from langevin.ensemble.splitting_halfway import LARGEST
from langevin.experiment.rate_plan import MOST_TEMPERATURES, RatePlan
from langevin.provenance import versions
from langevin.types import Status, Trajectory

KIND = "rate"
#: Entries of `Walks.meta`, and entries of one temperature; the other entries are equal at all temperatures.
OF_FILE = (
    "landscape", "dials", "dynamics", "integrator", "temperature", "dt", "seed", "walkers", "kill", "replicas",
    "target_shift", "origin", "failed", "versions",
)  # fmt: skip
OF_ONE = ("temperature", "dt", "seed", "target_shift", "origin", "failed")
#: Kinds of the common entries.
KINDS = {
    "landscape": str, "dials": dict, "dynamics": str, "integrator": str, "walkers": int, "kill": int, "replicas": int,
    "versions": dict,
}  # fmt: skip
#: The events with numbers of the replicas, which decide the other events, and their kinds.
NUMBERS = {"flux": "f", "probability": "f", "step": "i"}
#: Largest number of steps, and of abandoned walks.
MOST = 2**63


def rate_meta(plan: RatePlan) -> dict[str, Any]:
    """The meta of a run before its first step."""
    task = plan.tasks[0]
    score, effort = task.sets.score, task.effort
    return {
        "kind": KIND,
        "question": "first passage",
        "landscape": plan.landscape.name,
        "dials": dict(plan.landscape.dials),
        "dynamics": plan.dynamics.name,
        "integrator": task.integrator.name,
        "temperatures": plan.temperatures,
        "seed": int(plan.seed),
        "walkers": int(effort.walkers),
        "kill": int(effort.least_killed),
        "replicas": int(effort.replicas),
        "burn": effort.burn,
        "correction": task.correction,
        "score": None if score is None else f"{score.__module__}:{score.__qualname__}",
        "versions": versions("numpy", "numba"),
        **plan.origin,
    }


def rate_run(
    plan: RatePlan, finished: Sequence[Walks], so_far: Mapping[str, Any] | None = None
) -> Trajectory:
    """The finished temperatures as a run; `so_far` is the progress of an unfinished temperature.

    Args:
        plan: of the rates.
        finished: walks of the finished temperatures.
        so_far: progress of an unfinished temperature; None if the run is complete.
    """
    arrays = numbers_of(finished)
    with np.errstate(divide="ignore", over="ignore"):
        times = 1.0 / (arrays["flux"] * arrays["probability"])
    arrived = arrays["probability"] > 0.0
    replicas, thetas = plan.tasks[0].effort.replicas, plan.temperatures[: len(finished)]
    return Trajectory(
        times=np.empty(0),
        steps=np.empty(0, np.int64),
        states=np.empty((arrived.size, 0, plan.landscape.dim)),
        observables={},
        events={
            "status": np.where(arrived, Status.HIT, Status.CENSORED).astype(np.uint8),
            "step": arrays["step"],
            "time": times,
            "temperature": np.repeat(np.array(thetas), replicas),
            "flux": arrays["flux"],
            "probability": arrays["probability"],
        },
        meta={
            **rate_meta(plan),
            "runs": entries_of(finished),
            "complete": so_far is None,
            **({} if so_far is None else {"so_far": dict(so_far)}),
        },
    )


def numbers_of(finished: Sequence[Walks]) -> dict[str, NDArray[Any]]:
    """Numbers of all replicas, by the names of their events, temperature after temperature."""
    nothing = {"flux": np.empty(0), "probability": np.empty(0), "step": np.empty(0, np.int64)}
    parts = [
        {"flux": walks.fluxes, "probability": walks.probabilities, "step": walks.iterations}
        for walks in finished
    ]
    return {name: np.concatenate([empty, *(part[name] for part in parts)]) for name, empty in nothing.items()}


def entries_of(finished: Sequence[Walks]) -> list[dict[str, Any]]:
    """The common entries of the replicas of each temperature, in values that JSON can hold."""
    return [
        {name: walks.meta[name] for name in OF_ONE} | {"drift": walks.drift, "walked": walks.walked}
        for walks in finished
    ]


def walks_of(meta: Mapping[str, Any], entries: Any, arrays: Mapping[str, Any]) -> list[Walks]:
    """The walks that `numbers_of` and `entries_of` have written down; both may come from a file with any content.

    Args:
        meta: entries that are equal at all temperatures.
        entries: separate entries of each temperature.
        arrays: of numbers, by name.

    Raises:
        ValueError: an entry, a shape or a number that no run has.
    """
    _demand(all(isinstance(meta.get(name), kind) for name, kind in KINDS.items()))
    replicas = meta["replicas"]
    _demand(2 <= replicas <= 2**10 and 2 <= meta["walkers"] <= 2**22)
    _demand(isinstance(entries, list) and len(entries) <= MOST_TEMPERATURES)
    _demand(all(_is_entry(entry) for entry in entries))
    read = {name: _read(arrays, name, kind, len(entries) * replicas) for name, kind in NUMBERS.items()}
    fluxes, shares, rounds = (read[name].reshape(len(entries), replicas) for name in NUMBERS)
    _demand((np.isfinite(fluxes) & (fluxes > 0.0)).all() and ((shares >= 0.0) & (shares <= 1.0)).all())
    _demand((rounds >= 0).all())
    return [
        Walks(
            fluxes[index], shares[index], rounds[index], float(entry["drift"]), entry["walked"],
            {name: (entry if name in OF_ONE else meta)[name] for name in OF_FILE},
        )
        for index, entry in enumerate(entries)
    ]  # fmt: skip


def _is_entry(entry: Any) -> bool:
    """Whether it contains the common entries of the replicas of a temperature."""
    if not isinstance(entry, dict) or set(entry) != {*OF_ONE, "drift", "walked"}:
        return False
    positive = all(_is_number(entry[name]) and entry[name] > 0.0 for name in ("temperature", "dt"))
    counts = all(type(entry[name]) is int and 0 <= entry[name] < MOST for name in ("failed", "walked"))
    seeded = type(entry["seed"]) is int and 0 <= entry["seed"] < 2**64
    known = entry["origin"] == "kernel" or _is_number(entry["origin"])
    others = all(_is_number(entry[name]) for name in ("drift", "target_shift"))
    return positive and counts and seeded and known and others


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _read(arrays: Mapping[str, Any], name: str, kind: str, size: int) -> NDArray[Any]:
    """The numbers of an array, which may lie in a file, read only if they have this shape and kind."""
    array = arrays.get(name)
    _demand(array is not None and array.shape == (size,) and array.dtype.kind == kind)
    return np.array(array)


def _demand(holds: Any) -> None:
    if not holds:
        raise ValueError("numbers that no run has")
