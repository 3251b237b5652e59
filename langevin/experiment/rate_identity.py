"""What decides the bits of rates, in texts that a file can keep: rates that go on must have the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from langevin.ensemble.splitting_result import Walks
from langevin.ensemble.splitting_starts import first_starts
from langevin.ensemble.splitting_task import kernels_hash
from langevin.experiment.own_landscape import content_hash, plain, text_hash
from langevin.experiment.rate_plan import RatePlan
from langevin.kernels.fingerprint import Unhashable
from langevin.provenance import versions

#: Changes with everything that an older reader would misread.
FORMAT = 1


def identity(plan: RatePlan, before: Sequence[Walks] = ()) -> str:
    """Everything that decides the bits of a run, as text: its settings, and hashes of its content.

    `before` are the walks of the run that it extends.
    """
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
        "replicas of the run that is extended": [walks.fluxes.size for walks in before] or None,
    }
    return json.dumps({"settings": settings, "content": content(plan)}, sort_keys=True, default=repr)


def content(plan: RatePlan) -> dict[str, str]:
    """SHA-256 of each thing that decides the bits in addition to the settings, by name, and the software in words."""
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


def _flat(item: Any) -> list[Any]:
    """The numbers and arrays in nested rows of them."""
    if isinstance(item, tuple | list):
        return [inner for part in item for inner in _flat(part)]
    return [item]
