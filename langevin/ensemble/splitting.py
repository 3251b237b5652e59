"""Very small rates: the flux out of an origin A times the probability to reach the target B before a return to A.

rate = flux out of A x P(B before A), and the mean time from the start to B is one over the rate. The walk is observed
at the ends of steps only, so both the flux and the probability depend on dt and on A; their product does not. See
`splitting_origin` for the flux, `splitting_rounds` for the probability. Means are over
replicas, from the results of the walks of each.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble import checks
from langevin.ensemble.splitting_halfway import Halfway
from langevin.ensemble.splitting_origin import Exits, Roamers, chosen_origin, exits, roamers_at_start
from langevin.ensemble.splitting_rounds import Ascent, ascend, set_out
from langevin.ensemble.splitting_spread import ascend_over
from langevin.ensemble.splitting_task import Task, check_lengths, check_task, check_watch, level_of, task_of
from langevin.ensemble.splitting_walks import Course
from langevin.ensemble.step_length import shifted_targets, target_margin
from langevin.ensemble.trial_kernels import check_trial
from langevin.errors import NumericalError, UsageError
from langevin.provenance import versions
from langevin.types import Effort, FloatArray, Integrator, Measurement, Positive, Problem, Sets, Stop, Watch

#: The flux counts as not steady if its change is above this number of standard errors.
UNSTEADY = 3.0
#: Largest fraction of the replicas that may die out: with more, the error of the others is not reliable.
MOST_EXTINCT = 0.25


@dataclass(frozen=True)
class Walks:
    """The results of the walks of a splitting, from which its measurements are computed; arrays are (replicas,).

    A replica that died out has the probability 0. `iterations` counts the rounds. `drift` is the change of the flux
    while it was measured, in standard errors. `walked` counts the steps of all walkers.
    """

    fluxes: FloatArray
    probabilities: FloatArray
    iterations: NDArray[np.int64]
    drift: float
    walked: int
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Splitting:
    """The result of a splitting: measurements over replicas, each of which is a run of the whole algorithm.

    `rate` is the mean over replicas of flux x probability, per unit time; `mean_time` is one over it. A replica
    that died out has the probability 0; `extinctions` counts these. `relative_variance` is that of one replica's
    probability, `ideal_variance` is |log p| / N. `iterations` counts the rounds of each replica, `walked` the steps of
    all walkers. Arrays are (replicas,).
    """

    flux: Measurement
    probability: Measurement
    rate: Measurement
    mean_time: Measurement
    relative_variance: float
    ideal_variance: float
    fluxes: FloatArray
    probabilities: FloatArray
    iterations: NDArray[np.int64]
    extinctions: int
    walked: int
    meta: Mapping[str, Any]


def measured(walks: Walks) -> Splitting:
    """Compute the measurements of a splitting from the results of its walks.

    Raises:
        NumericalError: every replica died out.
    """
    p, flux, meta = walks.probabilities, walks.fluxes, walks.meta
    extinct = int((p == 0.0).sum())
    if extinct == p.size:
        raise NumericalError(
            f"all {p.size} replicas died out, after at most {walks.iterations.max()} rounds",
            remedy=f"the score does not rise "
            f"towards the target, or takes too few values for {meta['walkers']} walkers",
        )
    notes = {
        f"{extinct} of {p.size} replicas died out": extinct > 0,
        f"the flux was not steady ({walks.drift:+.1f} standard errors): give a longer burn": abs(walks.drift)
        > UNSTEADY,
        f"{meta['failed']} walks given up by the integrator": meta["failed"] > 0,
    }
    mixed = extinct <= MOST_EXTINCT * p.size and abs(walks.drift) <= UNSTEADY and not meta["failed"]
    note = "; ".join(text for text, holds in notes.items() if holds)
    rate = _mean(flux * p, "flux x probability", mixed, note)
    return Splitting(
        flux=_mean(flux, "exits / time", mixed, note),
        probability=_mean(p, "adaptive multilevel splitting", mixed, note),
        rate=rate,
        mean_time=replace(
            rate,
            value=1.0 / rate.value,
            error=rate.error / rate.value**2,
            estimator="1 / (flux x probability)",
        ),
        relative_variance=float(p.var(ddof=1) / p.mean() ** 2),
        ideal_variance=-math.log(p.mean()) / meta["walkers"],
        fluxes=flux,
        probabilities=p,
        iterations=walks.iterations,
        extinctions=extinct,
        walked=walks.walked,
        meta=meta,
    )


def _mean(values: FloatArray, estimator: str, mixed: bool, note: str) -> Measurement:
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return Measurement(float(values.mean()), error, values.size, estimator, mixed, note, Positive())


def splitting(
    problem: Problem,
    integrator: Integrator | None = None,
    *,
    dt: float,
    sets: Sets | None = None,
    effort: Effort | None = None,
    correction: str = "shift",
    seed: int | None = None,
    watch: Watch | None = None,
    executor: Executor | None = None,
) -> Splitting:
    """Measure the mean time from the landscape's start to a target that is very seldom reached.

    The work is that of about walkers x replicas x |log p| walks that start inside the barrier and end in A or B. For a
    double well with p = 1e-13, measured to 5 % with the default numbers, it is 7e7 steps, which take some seconds.

    Args:
        problem: landscape, temperature and law of motion.
        integrator: one step; by default the one for the problem's law.
        dt: time step.
        sets: the origin A, the target B and the height between them; by default the landscape's target.
        effort: number of paths and replicas, and the probability below which the search ends.
        correction: for the overshoot at the target, `shift` or `none` (see Stop).
        seed: a 64-bit number; by default drawn, and kept in meta.
        watch: threads, and the function that reports every round; there are no frames to observe.
        executor: whose workers simulate, each task some of the replicas, as in `langevin.simulate`. The first phase, a
            few per cent of the work, is done in this process.

    Returns:
        Mean time, rate, flux and probability, each with its error over replicas.

    Raises:
        UsageError: a number out of range; a kernel that breaks its contract; steps of variable length, or steps that
            share noise; sets that overlap; a landscape that the workers of an executor cannot import, or of which they
            have another version.
        NumericalError: no path from A to B; a score that does not rise towards B; a walk that diverges or never ends.
        WorkersLost: the workers of an executor have died.
    """
    seed = secrets.randbits(64) if seed is None else seed
    watch = watch or Watch()
    check_watch(watch)
    progress = watch.progress

    def after(now: Halfway) -> None:
        if progress:
            progress(now.ascent.label, int(now.ascent.going.sum()))

    task = task_of(
        problem, integrator, dt=dt, sets=sets or Sets(), effort=effort or Effort(), correction=correction, seed=seed
    )  # fmt: skip
    check_task(task)
    checks.task_threads(watch, executor)
    return measured(walked(task, watch.threads, after, executor=executor, tasks=watch.tasks))


def walked(
    task: Task,
    threads: int | None,
    after: Callable[[Halfway], None],
    begun: Halfway | None = None,
    executor: Executor | None = None,
    tasks: int | None = None,
) -> Walks:
    """The walks of `splitting`, from which `splitting_result.measured` computes the rate.

    Args:
        task: everything that decides their bits, after its checks.
        threads: number of threads, which never changes a bit; by default all of the machine, and one for each task of
            an executor.
        after: a function that is called with the present state after the first climb and after every round; with an
            executor it is called after every few rounds.
        begun: a state with which `after` was called: the walks continue from it.
        executor: whose workers simulate.
        tasks: number of parts into which the replicas are divided for the executor.

    Raises:
        UsageError: as `splitting`.
        NumericalError: as `splitting`.
    """
    effort, seed = task.effort, task.seed
    workers = checks.thread_count(threads)
    with ThreadPoolExecutor(workers) as pool:
        course = _course(task, workers, pool)
        roamers = roamers_at_start(course, seed, effort.replicas * max(16, effort.walkers // 10))
        check_lengths(effort.burn, task.problem.temperature, course.dt, roamers.crowd.states)
        check_trial(task.problem, task.integrator, course.dt, roamers.crowd.states)
        if task.sets.origin is None and begun is None:
            course = chosen_origin(course, roamers, seed)
        elif task.sets.origin is None and begun is not None:
            course = replace(course, threshold=begun.threshold)
        _check_apart(course)
        now = begun or _halfway(course, exits(course, roamers, seed, effort), roamers, seed)
        if begun is None:
            after(now)

        def report(ascent: Ascent) -> None:
            after(replace(now, ascent=ascent))

        if executor is None:
            ascent = ascend(course, now.ascent, effort, seed, report)
        else:
            alone = replace(course, threads=threads or 1)
            ascent = ascend_over(executor, alone, now.ascent, effort, seed, report, tasks)
    return Walks(
        fluxes=now.flux,
        probabilities=ascent.probability,
        iterations=ascent.iterations,
        drift=now.drift,
        walked=now.walked + ascent.walked,
        meta=_meta(course, effort, seed, now.failed + ascent.failed),
    )


def _course(task: Task, workers: int, pool: ThreadPoolExecutor) -> Course:
    """The data that all walks share; an origin that will be chosen later is not in it yet."""
    problem, origin = task.problem, task.sets.origin
    return Course(
        problem=problem,
        integrator=task.integrator,
        dt=float(task.dt),
        targets=shifted_targets(problem.landscape, task.integrator),
        score=task.sets.score,
        origin=origin if callable(origin) else None,
        threshold=0.0 if origin is None or callable(origin) else level_of(origin),
        margin=target_margin(problem, task.integrator, Stop(task.correction), task.dt),
        most_steps=int(task.effort.most_steps),
        threads=workers,
        pool=pool,
    )


def _check_apart(course: Course) -> None:
    """Refuse an origin and a target that overlap, if both are sets of heights."""
    if course.origin is None and course.score is None and course.threshold >= -course.margin:
        raise UsageError(
            f"the origin, scores up to {course.threshold:.6g}, and the target, scores from {-course.margin:.6g}, "
            f"overlap",
            "two sets without a common state",
            "give a lower origin",
        )


def _halfway(course: Course, left: Exits, roamers: Roamers, seed: int) -> Halfway:
    """The state of a splitting after the first climb of its paths, which begin at the exits that roaming found."""
    ascent = set_out(course, left.starts, seed)
    return Halfway(course.threshold, left.flux, left.drift, roamers.walked, roamers.failed, ascent)


def _meta(course: Course, effort: Effort, seed: int, failed: int) -> dict[str, Any]:
    problem = course.problem
    return {
        "landscape": problem.landscape.name,
        "dials": dict(problem.landscape.dials),
        "dynamics": problem.dynamics,
        "integrator": course.integrator.name,
        "temperature": problem.temperature,
        "dt": course.dt,
        "seed": int(seed),
        "walkers": int(effort.walkers),
        "kill": int(effort.least_killed),
        "replicas": int(effort.replicas),
        "target_shift": course.margin,
        "origin": course.threshold if course.origin is None else "kernel",
        "failed": failed,
        "versions": versions("numpy", "numba"),
    }
