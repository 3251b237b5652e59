"""Rates too small to wait for: the flux out of an origin times the chance to reach the target before coming back.

rate = flux out of A x P(B before A), and the mean time from the start to B is one over the rate. How often a walk
watched at step ends leaves A, and so how seldom it gets away, depends on dt and on A; only the product does not.
See `splitting_origin` for the flux, `splitting_rounds` for the probability.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.dynamics import default_integrator, dynamics_of
from langevin.ensemble import checks
from langevin.ensemble.splitting_checks import (
    check_effort,
    check_lengths,
    check_splittable,
    check_watch,
    level_of,
)
from langevin.ensemble.splitting_origin import Exits, chosen_origin, exits, roamers_at_start
from langevin.ensemble.splitting_rounds import Ascent, ascend
from langevin.ensemble.splitting_starts import first_starts
from langevin.ensemble.splitting_walks import Course
from langevin.ensemble.trial_kernels import check_kernels
from langevin.ensemble.trial_step import check_trial
from langevin.errors import NumericalError, UsageError, unfit
from langevin.kernels.targets import targets_of
from langevin.provenance import versions
from langevin.types import (
    Effort,
    FloatArray,
    Integrator,
    Kernel,
    Measurement,
    Positive,
    Problem,
    Sets,
    Stop,
    Watch,
)

#: The flux is not steady if it changes by more standard errors than this.
UNSTEADY = 4.0
#: Of the replicas, no larger share may die out: the error of the others says little then.
MOST_EXTINCT = 0.25


@dataclass(frozen=True)
class Splitting:
    """What splitting leaves: measurements over replicas, each a run of the whole algorithm, and how they went.

    `rate` is the mean over replicas of flux x probability, per unit time; `mean_time` is one over it. A replica
    that died out has the probability 0. `relative_variance` is that of one replica's probability, `ideal_variance`
    is |log p| / N. `walked` counts the steps of all walkers. Arrays are (replicas,).
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
) -> Splitting:
    """Measure the mean time from the landscape's start to a target that is hardly ever reached.

    The work is that of about walkers x replicas x |log p| walks from inside the barrier to either side: for a double
    well with p = 1e-13, found to 5 % with the default numbers, 7e7 steps, which take some seconds.

    Args:
        problem: landscape, temperature and law of motion.
        integrator: one step; by default the one that serves the problem's law.
        dt: time step.
        sets: the origin A, the target B and the height between them; by default the landscape's own target.
        effort: paths, replicas, and where to give up.
        correction: of the overshoot at the target, `shift` or `none` (see Stop).
        seed: 64-bit; drawn and kept in meta if not given.
        watch: threads, and whom to tell of every round; there are no frames to observe.

    Raises:
        UsageError: a number out of range, a kernel that breaks its contract, steps of variable length or with a shared
            noise, sets that overlap.
        NumericalError: no way from A to B, a score that does not rise towards B, a walk that diverges or never ends.
    """
    seed = secrets.randbits(64) if seed is None else seed
    sets, effort, watch = sets or Sets(), effort or Effort(), watch or Watch()
    problem = _with_target(problem, sets.target)
    integrator = integrator or default_integrator(problem)
    check_effort(effort)
    check_watch(watch)
    checks.check_numbers(problem, int(effort.walkers) * int(effort.replicas), 1, dt, None, seed)
    if problem.temperature == 0.0:
        raise unfit("splitting", "needs a temperature above 0", "", "give one: without heat no walker climbs")
    checks.check_law(problem, integrator)
    beside = {"score": sets.score, "origin": sets.origin if callable(sets.origin) else None}
    check_kernels(problem, float(dt), int(effort.most_steps), first_starts(problem, seed), beside)
    checks.check_step(
        problem.landscape, problem.temperature, dt, dynamics_of(problem.dynamics), integrator.stability
    )
    check_splittable(integrator, correction)
    margin = checks.target_margin(problem, integrator, Stop(correction), dt)
    threads = checks.thread_count(watch.threads)
    with ThreadPoolExecutor(threads) as pool:
        course = Course(
            problem=problem,
            integrator=integrator,
            dt=float(dt),
            targets=targets_of(problem.landscape),
            score=sets.score,
            origin=sets.origin if callable(sets.origin) else None,
            threshold=0.0 if sets.origin is None or callable(sets.origin) else level_of(sets.origin),
            margin=margin,
            most_steps=int(effort.most_steps),
            threads=threads,
            pool=pool,
        )
        roamers = roamers_at_start(course, seed, effort.replicas * max(16, effort.walkers // 10))
        check_lengths(effort.burn, problem.temperature, course.dt, roamers.crowd.states)
        check_trial(problem, integrator, course.dt, roamers.crowd.states)
        if sets.origin is None:
            course = chosen_origin(course, roamers, seed)
        if course.origin is None and sets.score is None and course.threshold >= -margin:
            raise UsageError(
                f"the origin, scores up to {course.threshold:.6g}, and the target, scores from {-margin:.6g}, "
                f"overlap",
                "two sets without a common state",
                "give a lower origin",
            )
        left = exits(course, roamers, seed, effort)
        ascent = ascend(course, left.starts, effort, seed, watch.progress)
    meta = _meta(course, effort, seed, roamers.failed + ascent.failed)
    return _result(left, ascent, roamers.walked + ascent.walked, meta)


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


def _result(left: Exits, ascent: Ascent, walked: int, meta: dict[str, Any]) -> Splitting:
    p, flux = ascent.probability, left.flux
    died = int((p == 0.0).sum())
    if died == p.size:
        raise NumericalError(
            f"all {p.size} replicas died out, after at most {ascent.iterations.max()} rounds",
            remedy=f"the score does not rise "
            f"towards the target, or takes too few values for {meta['walkers']} walkers",
        )
    notes = {
        f"{died} of {p.size} replicas died out": died > 0,
        f"the flux was not steady ({left.drift:+.1f} standard errors): give a longer burn": abs(left.drift)
        > UNSTEADY,
        f"{meta['failed']} walks given up by the integrator": meta["failed"] > 0,
    }
    mixed = died <= MOST_EXTINCT * p.size and abs(left.drift) <= UNSTEADY and not meta["failed"]
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
        iterations=ascent.iterations,
        extinctions=died,
        walked=walked,
        meta=meta,
    )


def _mean(values: FloatArray, estimator: str, mixed: bool, note: str) -> Measurement:
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    return Measurement(float(values.mean()), error, values.size, estimator, mixed, note, Positive())


def _with_target(problem: Problem, target: Kernel | tuple[Kernel, ...] | None) -> Problem:
    """The problem with another target, whose width is not known."""
    if target is None:
        return problem
    facts = replace(problem.landscape.facts, target_width=None)
    return replace(problem, landscape=replace(problem.landscape, target=target, facts=facts))
