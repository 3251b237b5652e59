"""Rates that are not finished, as plain arrays, and back: the same bits go on, or a sentence says what has changed.

Nothing in a state is called or imported, and none of its arrays is read before its shape is that of the given plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble import splitting_halfway
from langevin.ensemble.splitting_starts import first_starts
from langevin.ensemble.splitting_task import kernels_hash
from langevin.errors import InputFileError
from langevin.experiment.own import content_hash, plain, text_hash
from langevin.experiment.rate_plan import RatePlan
from langevin.experiment.rate_record import KIND, entries_of, numbers_of, rate_meta, walks_of
from langevin.experiment.rate_walk import RateProgress
from langevin.kernels.fingerprint import Unhashable
from langevin.provenance import DAMAGED, check_unchanged, versions

#: Changes with everything that an older reader would misread.
FORMAT = 1
#: Begins the names of what is finished, and of what is halfway.
FINISHED, HALFWAY = "finished ", "halfway "


def identity(plan: RatePlan) -> str:
    """Everything that decides the bits of a run, as text: its settings, and hashes of its content."""
    first = plan.tasks[0]
    origin, effort = first.sets.origin, first.effort
    settings = {
        "format": FORMAT,
        "landscape": plan.landscape.name,
        "dials": plain(plan.landscape.dials),
        "dynamics": plan.dynamics.name,
        "integrator": first.integrator.name,
        "temperature": plan.temperatures,
        "dt": [task.dt for task in plan.tasks],
        "seed": plan.seed,
        "origin": "kernel" if callable(origin) else origin,
        "correction": first.correction,
        "walkers": effort.walkers,
        "kill": effort.least_killed,
        "replicas": effort.replicas,
        "burn": effort.burn,
        "least": effort.least,
        "most_steps": effort.most_steps,
    }
    return json.dumps({"settings": settings, "content": content(plan)}, sort_keys=True, default=repr)


def content(plan: RatePlan) -> dict[str, str]:
    """SHA-256 of each part of what decides the bits beside the settings, by its name, and the software in words."""
    first = plan.tasks[0]
    numbers = [np.asarray(part, float) for part in _flat(plan.landscape.parameters)]
    digest = hashlib.sha256(content_hash(plan.landscape).encode())
    for array in (*numbers, first_starts(first.problem, first.seed)):
        digest.update(f"{array.shape} ".encode() + np.ascontiguousarray(array).tobytes())
    try:
        functions = kernels_hash(first)
    except Unhashable:  # of these the text of their files has to do
        functions = text_hash(first.integrator.build(plan.landscape), first.sets.score, first.sets.origin)
    found = versions("numpy", "numba")
    found.pop("python")
    return {
        "content of the landscape": digest.hexdigest(),
        "score": text_hash(first.sets.score),
        "functions of the walk": functions,
        "software": ", ".join(f"{name} {value}" for name, value in found.items()),
    }


def pack(now: RateProgress) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """A run as far as it is: arrays by name, and what each temperature has of its own, in values that JSON can hold."""
    arrays = {f"{FINISHED}{name}": array for name, array in numbers_of(now.finished).items()}
    if now.halfway is not None:
        halfway = splitting_halfway.pack(now.halfway)
        arrays |= {f"{HALFWAY}{name}": array for name, array in halfway.items()}
    return arrays, {"kind": KIND, "runs": entries_of(now.finished)}


def unpack(plan: RatePlan, arrays: Mapping[str, Any], said: Mapping[str, Any]) -> RateProgress:
    """The progress that was packed.

    Args:
        plan: of the run that is to go on.
        arrays: by name; each is an array, or lies in a file.
        said: `runs`, what each temperature has of its own, and `identity`, what the run was begun with.

    Raises:
        InputFileError: of another run, or damaged.
    """
    check_unchanged(str(said.get("identity")), identity(plan))
    try:
        return _unpacked(plan, arrays, said)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise InputFileError(
            f"{DAMAGED}: an array is missing, or has another shape or numbers that no run has"
        ) from error


def _unpacked(plan: RatePlan, arrays: Mapping[str, Any], said: Mapping[str, Any]) -> RateProgress:
    """`unpack` of a state of this very run; a ValueError or KeyError where something is not what it must be."""
    named = {
        name.removeprefix(FINISHED): array for name, array in arrays.items() if name.startswith(FINISHED)
    }
    finished = walks_of(rate_meta(plan), said.get("runs"), named)
    for walks, task in zip(finished, plan.tasks, strict=False):
        here = task.problem.temperature, task.dt, task.seed
        if tuple(walks.meta[name] for name in ("temperature", "dt", "seed")) != here:
            raise ValueError("not the temperatures of this run")
    if len(finished) > len(plan.tasks):
        raise ValueError("more temperatures than the run has")
    inner = {name.removeprefix(HALFWAY): array for name, array in arrays.items() if name.startswith(HALFWAY)}
    halfway = splitting_halfway.unpack(plan.tasks[len(finished)], inner) if inner else None
    return RateProgress(tuple(finished), halfway)


def _flat(item: Any) -> list[Any]:
    """The numbers and arrays in nested rows of them."""
    if isinstance(item, tuple | list):
        return [inner for part in item for inner in _flat(part)]
    return [item]
