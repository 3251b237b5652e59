"""The requested rates: temperatures, the splitting at each of them, and the inputs that decide the bits."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from langevin.dynamics import dynamics_of, refusal_of, usual_dynamics
from langevin.ensemble.checks import diffusion_of
from langevin.ensemble.splitting import Walks
from langevin.ensemble.splitting_origin import first_starts
from langevin.ensemble.splitting_task import Task, check_task, kernels_hash, task_of
from langevin.errors import UsageError, unfit
from langevin.experiment.own_landscape import content_hash, plain, text_hash
from langevin.experiment.time_scales import usual_step
from langevin.kernels.fingerprint import Unhashable
from langevin.kernels.streams import derived_seed
from langevin.landscapes.contracts import check_shapes, check_slopes
from langevin.provenance import versions
from langevin.types import Dynamics, Effort, Landscape, Problem, Sets

#: Default dt x largest curvature met: with the shift correction the step bias is below 1 %.
STEP = 0.05
#: Default standard deviation of a step in a body, as a part of the target's width.
STEP_IN_BODY = 1.0 / 16.0
#: Default standard deviation of a step on a surface, as a length.
STEP_ON_SURFACE = 0.03
#: Default barrier / theta: escapes are then too rare for plain simulation.
BARRIER = 20.0
#: Largest number of temperatures of one run.
MOST_TEMPERATURES = 1000

#: Version of the format: it changes if an older version would misread a file.
FORMAT = 1


@dataclass(frozen=True)
class RatePlan:
    """The inputs that decide the bits of a run: a task of splitting at each temperature, with a seed from `seed`.

    `origin` has the entries of the run's meta on the origin of a user-defined landscape.
    """

    landscape: Landscape
    dynamics: Dynamics
    tasks: tuple[Task, ...]
    seed: int
    origin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def temperatures(self) -> list[float]:
        """The temperature of each task."""
        return [task.problem.temperature for task in self.tasks]


def rate_plan(
    landscape: Landscape,
    temperatures: Sequence[float] | None = None,
    *,
    seed: int,
    dynamics: str | None = None,
    dt: float | None = None,
    sets: Sets | None = None,
    effort: Effort | None = None,
    correction: str = "shift",
    origin: Mapping[str, Any] | None = None,
) -> RatePlan:
    """The plan of these arguments of `rare_escape`, with defaults for missing ones; `origin` as in `RatePlan`.

    Raises:
        UsageError: a landscape without target, or a number out of range.
    """
    if landscape.target is None:
        raise UsageError(
            f"{landscape.name} has no target to reach",
            "a rate needs a target, as double-well and the cube have",
            "add the kernel `target` to a landscape of your own",
        )
    check_shapes(landscape)
    check_slopes(landscape)
    law = usual_dynamics(landscape) if dynamics is None else dynamics_of(dynamics)
    refusal = refusal_of(law, landscape)
    if refusal:
        raise UsageError(
            refusal,
            "the law of motion must be possible on this landscape",
            "name another by --dynamics, or leave it out",
        )
    tasks = tuple(
        task_of(
            Problem(landscape, theta, law.name),
            dt=dt or _step(landscape, law, theta),
            sets=sets or Sets(),
            effort=effort or Effort(),
            correction=correction,
            seed=derived_seed(seed, index),
        )
        for index, theta in enumerate(_temperatures(landscape, temperatures))
    )
    return RatePlan(landscape, law, tasks, seed, origin or {})


def check_plan(plan: RatePlan) -> None:
    """Refuse settings that cannot work at one of the temperatures, before the first step.

    Raises:
        UsageError: as `splitting`.
    """
    for task in plan.tasks:
        check_task(task)


def identity(plan: RatePlan, before: Sequence[Walks] = ()) -> str:
    """Everything that decides the bits of a run, as text: its settings, and hashes of its content.

    `before` are the walks of the run that it extends.

    Args:
        plan: the plan.
        before: walks of the run that is extended.
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
    except Unhashable:  # for these, the text of their files must suffice
        functions = text_hash(first.integrator.build(plan.landscape), first.sets.score, first.sets.origin)
    found = versions("numpy", "numba")
    found.pop("python")
    return {
        "content of the landscape": digest.hexdigest(),
        "score": text_hash(first.sets.score),
        "functions of the walk": functions,
        "software": ", ".join(f"{name} {value}" for name, value in found.items()),
    }


def _temperatures(landscape: Landscape, given: Sequence[float] | None) -> list[float]:
    if given is not None:
        if not given or not all(0.0 < theta < math.inf for theta in given):
            raise unfit("temperatures", "must be numbers above 0, at least one", f"{list(given)}")
        if len(given) > MOST_TEMPERATURES:
            raise unfit("temperatures", f"must be at most {MOST_TEMPERATURES}", f"{len(given)}")
        return [float(theta) for theta in given]
    if landscape.facts.barrier is None:
        raise UsageError(
            f"{landscape.name} has no barrier to choose a temperature by",
            "the default temperature is computed from the barrier",
            "name one or several by --temperature",
        )
    return [landscape.facts.barrier / BARRIER]


def _step(landscape: Landscape, law: Dynamics, theta: float) -> float:
    """Time step by the curvature and the slope of a loss, by the target of a body, or by a length on a surface."""
    if not (landscape.is_body or law.descends(landscape)):
        return STEP_ON_SURFACE**2 / (2.0 * theta)
    if not landscape.is_body:
        return usual_step(landscape, theta, STEP, diffusion_of(law.integrator(landscape, None)))
    if landscape.facts.target_width is None:
        raise UsageError(
            f"the width of the target of {landscape.name} is not known",
            "the default step is computed from the width of the target",
            "give --dt",
        )
    return float((STEP_IN_BODY * landscape.facts.target_width) ** 2 / (2.0 * theta))


def _flat(item: Any) -> list[Any]:
    """The numbers and arrays in nested rows of them."""
    if isinstance(item, tuple | list):
        return [inner for part in item for inner in _flat(part)]
    return [item]
