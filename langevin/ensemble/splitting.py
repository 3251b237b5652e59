"""Rates too small to wait for: the flux out of an origin times the chance to reach the target before coming back.

rate = flux out of A x P(B before A), and the mean time from the start to B is one over the rate. How often a walk
watched at step ends leaves A, and so how seldom it gets away, depends on dt and on A; only the product does not.
See `splitting_origin` for the flux, `splitting_rounds` for the probability.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble import checks
from langevin.ensemble.splitting_checks import check_counts, check_splittable, level_of
from langevin.ensemble.splitting_origin import Exits, chosen_origin, exits, roamers_at_start
from langevin.ensemble.splitting_rounds import Ascent, ascend
from langevin.ensemble.splitting_walks import Course
from langevin.ensemble.trial_step import check_trial
from langevin.errors import NumericalError, UsageError
from langevin.integrators import default_integrator
from langevin.kernels.targets import targets_of
from langevin.provenance import versions
from langevin.types import FloatArray, Integrator, Kernel, Measurement, Problem, Stop

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
    origin: Kernel | float | None = None,
    target: Kernel | tuple[Kernel, ...] | None = None,
    score: Kernel | None = None,
    walkers: int = 1000,
    kill: int | None = None,
    replicas: int = 16,
    burn: float | None = None,
    correction: str = "shift",
    seed: int | None = None,
    threads: int | None = None,
    least: float = 1e-100,
    most_steps: int = 10**8,
    progress: Callable[[int, int], None] | None = None,
) -> Splitting:
    """Measure the mean time from the landscape's start to a target that is hardly ever reached.

    The work is that of about walkers x replicas x |log p| walks from inside the barrier to either side: for a double
    well with p = 1e-13, found to 5 % with the default numbers, 7e7 steps, which take some seconds.

    Args:
        problem: landscape, temperature and law of motion.
        integrator: one step; by default the one that serves the problem's law.
        dt: time step.
        origin: the set A, a kernel like a target, or a number: A is where the score is at most that. By default
            a number below which three of four walkers are after a while. Any A that walkers visit gives the same rate.
        target: the set B instead of the landscape's own target.
        score: kernel score(x, out, parameters) of the height between A and B, finite, by default minus the
            distance to the target. It decides the variance, not the value.
        walkers: paths N of one replica.
        kill: least number k of paths that die in one round, by default a tenth of N.
        replicas: independent runs of the algorithm, from which the errors are taken, 10 or more.
        burn: time for which walkers roam before the flux is measured, at least; by default as long as is measured.
        correction: of the overshoot at the target, `shift` or `none` (see Stop).
        seed: 64-bit; drawn and kept in meta if not given.
        threads: of the machine; never changes a result.
        least: the probability below which the search for a way is given up.
        most_steps: of one walk between A and B.
        progress: called after every round with (round, replicas on the way).

    Raises:
        UsageError: a number out of range, steps of variable length or with a shared noise, sets that overlap.
        NumericalError: no way from A to B, a score that does not rise towards B, a walk that diverges or never ends.
    """
    seed = secrets.randbits(64) if seed is None else seed
    problem = _with_target(problem, target)
    integrator = integrator or default_integrator(problem)
    check_counts(walkers, kill, replicas, most_steps, burn, least)
    kill = max(1, walkers // 10) if kill is None else kill
    checks.check_numbers(problem, walkers * replicas, 1, dt, None, seed, 0)
    checks.check_law(problem, integrator)
    checks.check_step(problem.landscape, problem.temperature, dt, problem.dynamics)
    check_splittable(integrator, correction)
    margin = checks.target_margin(problem, integrator, Stop(correction), dt)
    threads = checks.thread_count(threads)
    with ThreadPoolExecutor(threads) as pool:
        course = Course(
            problem=problem,
            integrator=integrator,
            dt=float(dt),
            targets=targets_of(problem.landscape),
            score=score,
            origin=origin if callable(origin) else None,
            threshold=0.0 if origin is None or callable(origin) else level_of(origin),
            margin=margin,
            most_steps=int(most_steps),
            threads=threads,
            pool=pool,
        )
        roamers = roamers_at_start(course, seed, replicas * max(16, walkers // 10))
        check_trial(problem, integrator, course.dt, roamers.crowd.states)
        if origin is None:
            course = chosen_origin(course, roamers, seed)
        if course.origin is None and score is None and course.threshold >= -margin:
            raise UsageError(
                f"the origin, scores up to {course.threshold:.6g}, and the target, scores from {-margin:.6g}, "
                f"overlap: give a lower origin"
            )
        left = exits(course, roamers, seed, replicas, walkers, burn)
        ascent = ascend(course, left.starts, kill, seed, least, progress)
    meta = _meta(course, kill, walkers, replicas, seed, roamers.failed + ascent.failed)
    return _result(left, ascent, roamers.walked + ascent.walked, meta)


def _meta(course: Course, kill: int, walkers: int, replicas: int, seed: int, failed: int) -> dict[str, Any]:
    problem = course.problem
    return {
        "landscape": problem.landscape.name,
        "dials": dict(problem.landscape.dials),
        "dynamics": problem.dynamics,
        "integrator": course.integrator.name,
        "temperature": problem.temperature,
        "dt": course.dt,
        "seed": int(seed),
        "walkers": int(walkers),
        "kill": int(kill),
        "replicas": int(replicas),
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
            f"all {p.size} replicas died out, after at most {ascent.iterations.max()} rounds: the score does not rise "
            f"towards the target, or takes too few values for {meta['walkers']} walkers"
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
    return Measurement(float(values.mean()), error, values.size, estimator, mixed, note)


def _with_target(problem: Problem, target: Kernel | tuple[Kernel, ...] | None) -> Problem:
    """The problem with another target, whose width is not known."""
    if target is None:
        return problem
    facts = {name: fact for name, fact in problem.landscape.facts.items() if name != "target_width"}
    return replace(problem, landscape=replace(problem.landscape, target=target, facts=facts))
