"""The task of a splitting, which decides its bits: checks before the first step, and a hash for a continuation."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np

from langevin.dynamics import default_integrator, dynamics_of
from langevin.ensemble import checks
from langevin.ensemble.blocks import NOISES
from langevin.ensemble.splitting_origin import first_starts
from langevin.ensemble.step_length import shifted_targets
from langevin.ensemble.trial_kernels import check_kernels
from langevin.errors import UsageError, unfit
from langevin.kernels.fingerprint import fingerprint
from langevin.kernels.splitting import build_climb
from langevin.types import Effort, FloatArray, Integrator, Kernel, Landscape, Problem, Sets, Watch

#: Largest number of steps for which walkers roam before the flux is measured.
MOST_STEPS = 2**22
#: Ratio of kick to coordinate below which adding the kick changes only the last digits of the coordinate.
LOST = 1e-13
#: Smallest number of independent runs of the whole algorithm from which an error is computed.
LEAST_REPLICAS = 10


@dataclass(frozen=True)
class Task:
    """A requested splitting: the arguments of `splitting`, without the watch."""

    problem: Problem
    integrator: Integrator
    dt: float
    sets: Sets
    effort: Effort
    correction: str
    seed: int


def task_of(
    problem: Problem, integrator: Integrator | None = None, *, dt: float, sets: Sets, effort: Effort,
    correction: str, seed: int,
) -> Task:  # fmt: skip
    """The task from these arguments of `splitting`, with the target in its landscape and with an integrator."""
    problem = _with_target(problem, sets.target)
    return Task(problem, integrator or default_integrator(problem), dt, sets, effort, correction, seed)


def check_task(task: Task) -> None:
    """Check a task before its first step.

    Raises:
        UsageError: a number out of range, a kernel that breaks its contract, or an integrator at whose steps paths
            cannot be split.
    """
    problem, integrator, dt, effort = task.problem, task.integrator, task.dt, task.effort
    check_effort(effort)
    checks.check_numbers(problem, int(effort.walkers) * int(effort.replicas), 1, dt, None, task.seed)
    if problem.temperature == 0.0:
        raise unfit("splitting", "needs a temperature above 0", "", "give one: at 0 no walker climbs")
    checks.check_law(problem, integrator)
    others = {"score": task.sets.score, "origin": _own_origin(task.sets)}
    check_kernels(problem, float(dt), int(effort.most_steps), first_starts(problem, task.seed), others)
    law = dynamics_of(problem.dynamics)
    checks.check_step(
        problem.landscape,
        problem.temperature,
        dt,
        law,
        checks.stability_of(integrator),
        checks.diffusion_of(integrator),
    )
    check_splittable(problem.landscape, integrator, task.correction)


def kernels_hash(task: Task) -> str:
    """SHA-256 of all functions that are compiled for a walk: step, landscape, target, origin, score, and the loop.

    It covers the text of their files and the constants to which they refer (`kernels.fingerprint`).

    Raises:
        Unhashable: a function refers to an object that cannot be hashed.
    """
    landscape, noise = task.problem.landscape, NOISES[task.integrator.noise]
    pieces = (
        task.integrator.build(landscape),
        task.sets.score,
        _own_origin(task.sets),
        shifted_targets(landscape, task.integrator),
    )
    return fingerprint(build_climb(*pieces, *noise, 0))[0]


def _own_origin(sets: Sets) -> Kernel | None:
    """The origin if it is a kernel, otherwise None."""
    return sets.origin if callable(sets.origin) else None


def _with_target(problem: Problem, target: Kernel | tuple[Kernel, ...] | None) -> Problem:
    """The problem with another target, if one is given; its width is not known."""
    if target is None:
        return problem
    facts = replace(problem.landscape.facts, target_width=None)
    return replace(problem, landscape=replace(problem.landscape, target=target, facts=facts))


def check_effort(effort: Effort) -> None:
    """Refuse numbers out of range."""
    ranges = {
        "walkers": (effort.walkers, 2, 2**22),
        "replicas": (effort.replicas, LEAST_REPLICAS, 2**10),
        "most_steps": (effort.most_steps, 1, 2**53),
    }
    walkers, kill, burn, least = effort.walkers, effort.kill, effort.burn, effort.least
    for name, (count, lowest, highest) in ranges.items():
        if not (_is(Integral, count) and lowest <= count <= highest):
            raise unfit(name, f"must be a whole number from {lowest} to {highest}", f"{count!r}")
    if kill is not None and not (_is(Integral, kill) and 1 <= kill < walkers):
        raise unfit("kill", f"must be a whole number from 1 to walkers - 1 = {walkers - 1}", f"{kill!r}")
    if burn is not None and not (_is(Real, burn) and 0.0 <= burn < math.inf):
        raise unfit("burn", "must be a time of at least 0", f"{burn!r}", "leave it out for a default")
    if not (_is(Real, least) and 1e-300 <= least < 1.0):
        raise unfit("least", "must be a probability from 1e-300 to below 1", f"{least!r}")


def check_lengths(burn: float | None, temperature: float, dt: float, states: FloatArray) -> None:
    """Refuse a burn above the longest time of roaming, and kicks below the round-off of the coordinates."""
    if burn is not None and burn > MOST_STEPS * dt:
        raise unfit("burn", f"must be at most {MOST_STEPS} steps of dt = {dt:g}", f"{burn:g}", "raise dt")
    kick, size = math.sqrt(2.0 * temperature * dt), float(np.abs(states).max(initial=0.0))
    if kick < LOST * size:
        raise UsageError(
            f"dt = {dt:g} moves no walker: kicks of {kick:.2g} are below the round-off of coordinates of {size:.2g}",
            f"kicks of at least {LOST:g} of the coordinates",
            f"use dt >= {(LOST * size) ** 2 / (2.0 * temperature):.2g}",
        )


def check_watch(watch: Watch) -> None:
    """Refuse a watch with observables or a journal, because splitting keeps no frames."""
    if watch.observe or watch.journal:
        raise UsageError(
            "splitting keeps no frames",
            "a watch with threads and progress only",
            "leave observe and journal out of its watch",
        )


def check_splittable(landscape: Landscape, integrator: Integrator, correction: str) -> None:
    """Refuse a force that varies in time, and integrators at whose steps paths cannot be split."""
    if landscape.drive is not None:
        raise UsageError(
            f"a force that varies in time acts on {landscape.name}, and a rate is the same at all times",
            "a force that does not vary in time",
            "measure times by `langevin simulate`",
        )
    if integrator.variable_step:
        raise UsageError(
            f"splitting counts steps of one length, which {integrator.name} does not take",
            "steps of one length",
            "use another integrator",
        )
    if integrator.uses_previous_noise:
        raise UsageError(
            f"{integrator.name} takes noise of the step before, which splitting does not keep",
            "steps that share no noise",
            "use euler_maruyama or heun",
        )
    if correction == "bridge":
        raise UsageError(
            "splitting watches step ends only",
            "the corrections shift and none",
            "use the correction shift or none",
        )


def level_of(origin: Any) -> float:
    """Check an origin that is not a kernel, and return it: the largest score inside the origin."""
    if not (_is(Real, origin) and math.isfinite(origin)):
        raise unfit(
            "origin", "must be a kernel or a finite number, the score up to which it goes", f"{origin!r}"
        )
    return float(origin)


def _is(kind: type, number: Any) -> bool:
    """Whether a value is a number of this kind; True and False are not numbers here."""
    return isinstance(number, kind) and not isinstance(number, bool)
