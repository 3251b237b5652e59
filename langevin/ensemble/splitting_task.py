"""What decides the bits of a splitting: checked before a step is taken, and hashed for one that goes on later."""

from __future__ import annotations

from dataclasses import dataclass, replace

from langevin.dynamics import default_integrator, dynamics_of
from langevin.ensemble import checks
from langevin.ensemble.noises import NOISES
from langevin.ensemble.splitting_checks import check_effort, check_splittable
from langevin.ensemble.splitting_starts import first_starts
from langevin.ensemble.trial_kernels import check_kernels
from langevin.errors import unfit
from langevin.kernels.fingerprint import fingerprint
from langevin.kernels.splitting import build_climb
from langevin.kernels.targets import watched_targets
from langevin.types import Effort, Integrator, Kernel, Problem, Sets


@dataclass(frozen=True)
class Task:
    """A splitting as it is asked for: the arguments of `splitting`, but who looks on."""

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
    """The task of these arguments of `splitting`, with its target in the landscape and its step chosen."""
    problem = _with_target(problem, sets.target)
    return Task(problem, integrator or default_integrator(problem), dt, sets, effort, correction, seed)


def check_task(task: Task) -> None:
    """Refuse what cannot work, before a step is taken.

    Raises:
        UsageError: a number out of range, a kernel that breaks its contract, a step that cannot be split at.
    """
    problem, integrator, dt, effort = task.problem, task.integrator, task.dt, task.effort
    check_effort(effort)
    checks.check_numbers(problem, int(effort.walkers) * int(effort.replicas), 1, dt, None, task.seed)
    if problem.temperature == 0.0:
        raise unfit("splitting", "needs a temperature above 0", "", "give one: without heat no walker climbs")
    checks.check_law(problem, integrator)
    others = {"score": task.sets.score, "origin": _own_origin(task.sets)}
    check_kernels(problem, float(dt), int(effort.most_steps), first_starts(problem, task.seed), others)
    law = dynamics_of(problem.dynamics)
    checks.check_step(problem.landscape, problem.temperature, dt, law, checks.stability_of(integrator))
    check_splittable(integrator, task.correction)


def kernels_hash(task: Task) -> str:
    """SHA-256 of all functions that a walk compiles in: step, landscape, target, origin, score, and the loop.

    It covers the text of their files and the constants that they name (`kernels.fingerprint`).

    Raises:
        Unhashable: one refers to an object of unknown content.
    """
    landscape, noise = task.problem.landscape, NOISES[task.integrator.noise]
    pieces = (
        task.integrator.build(landscape),
        task.sets.score,
        _own_origin(task.sets),
        watched_targets(landscape),
    )
    return fingerprint(build_climb(*pieces, *noise, 0))[0]


def _own_origin(sets: Sets) -> Kernel | None:
    """The kernel of an origin that is one."""
    return sets.origin if callable(sets.origin) else None


def _with_target(problem: Problem, target: Kernel | tuple[Kernel, ...] | None) -> Problem:
    """The problem with another target, whose width is not known."""
    if target is None:
        return problem
    facts = replace(problem.landscape.facts, target_width=None)
    return replace(problem, landscape=replace(problem.landscape, target=target, facts=facts))
