"""Checks before the first step of a run: they refuse wrong arguments, and warn of coarse steps."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable
from concurrent.futures import Executor
from numbers import Integral, Real
from typing import Any

import numpy as np

from langevin.dynamics import dynamics_of, refusal_of, refusal_of_cold
from langevin.errors import UsageError, unfit
from langevin.kernels.streams import WALKERS
from langevin.landscapes.curvature import stiffness_under
from langevin.types import Diffusion, Dynamics, Factors, Integrator, Landscape, Problem, Stop, Watch

#: Largest size in bytes of the frames that a run may hold in memory.
MEMORY_BYTES = 2**33


class StepSizeWarning(UserWarning):
    """The step is stable but coarse for the stiffness of the landscape."""


def check_numbers(
    problem: Problem, walkers: int, steps: int, dt: float, every: int | None, seed: int
) -> None:
    """Refuse numbers outside their ranges: a UsageError with one sentence for each."""
    theta = problem.temperature
    if not (_is(Real, theta) and math.isfinite(theta) and theta >= 0.0):
        raise unfit("temperature", "must be finite and above 0, or 0 for gradient flow", f"{theta!r}")
    if not (_is(Real, dt) and math.isfinite(dt) and dt > 0.0):
        raise unfit("dt", "must be finite and above 0", f"{dt!r}")
    check_count("steps", steps)
    if every is not None:
        check_count("every", every)
    if not (_is(Integral, seed) and 0 <= seed < 2**64):
        raise unfit("seed", "must be a whole number from 0 to 2^64 - 1", f"{seed!r}")
    frames = 2 if every is None else int(steps // every) + 2
    size = 8 * walkers * problem.landscape.dim * frames
    if size > MEMORY_BYTES:
        raise UsageError(
            f"{walkers} walkers x {frames} frames x dim {problem.landscape.dim} take {size / 2**30:.1f} GiB, above "
            f"the limit of {MEMORY_BYTES / 2**30:.0f} GiB",
            "at most the limit",
            "raise `every`, or run fewer walkers",
        )


def walker_numbers(walkers: int | range | None) -> range:
    """The numbers of the walkers, which select their noise; they begin at 0 if only a count is given."""
    if not isinstance(walkers, range):
        check_count("walkers", walkers)
        walkers = range(int(walkers or 0))
    if walkers.step != 1 or not 0 <= walkers.start < walkers.stop <= WALKERS:
        raise unfit(
            "walkers",
            "must be a count, or a range in steps of 1, of numbers from 0 to 2^32 - 1, which the counter can "
            "hold",
            f"{walkers!r}",
        )
    return walkers


def check_count(name: str, count: Any) -> None:
    """Refuse a count that is not a whole number from 1 to 2^53 - 1, which a double holds exactly."""
    if not (_is(Integral, count) and 1 <= count < 2**53):
        raise unfit(name, "must be a whole number of at least 1 and below 2^53", f"{count!r}")


def _is(kind: type, number: Any) -> bool:
    """Whether a value is a number of this kind; True and False are not numbers here."""
    return isinstance(number, kind) and not isinstance(number, bool)


def check_law(problem: Problem, integrator: Integrator) -> None:
    """Refuse an integrator whose law of motion or measure is not the one of the problem."""
    refusal = refusal_of(dynamics_of(problem.dynamics), problem.landscape)
    if refusal:
        raise UsageError(
            refusal,
            "the law of motion must be possible on this landscape",
            "choose another law of motion, by dynamics",
        )
    if integrator.dynamics != problem.dynamics:
        raise UsageError(
            f"{integrator.name} integrates {integrator.dynamics} motion, the problem requires {problem.dynamics}",
            "both must have the same law of motion",
            "choose another integrator or dynamics",
        )
    if problem.measure is not None and integrator.measure is None:
        raise UsageError(
            f"measure is for projected motion, got {problem.measure!r} with {problem.dynamics}",
            "it must be None with other motion",
            "leave it out",
        )
    if problem.measure is not None and problem.measure != integrator.measure:
        raise UsageError(
            f"{integrator.name} samples the {integrator.measure} measure, the problem requires {problem.measure}",
            "both must have the same distribution",
            "drop one of the two",
        )
    _check_heat(problem, integrator)


def _check_heat(problem: Problem, integrator: Integrator) -> None:
    """Refuse temperature 0 if no motion is left, and for integrators that need a temperature above 0."""
    if problem.temperature > 0.0:
        return
    dynamics = dynamics_of(problem.dynamics)
    if not dynamics.descends(problem.landscape):
        raise refusal_of_cold(dynamics, problem.landscape)
    if integrator.rejections or (integrator.law is not None and integrator.law.exact):
        raise UsageError(
            f"{integrator.name} accepts its steps by the law exp(-f / theta), which temperature 0 does not have",
            "the temperature must be above 0",
            "give a temperature above 0, or another integrator",
        )


def stability_of(integrator: Integrator) -> float | Callable[[float], float]:
    """The limit of stability of a step (see `Integrator`); infinite if the law of the step is exact at any length."""
    exact = integrator.law is not None and integrator.law.exact
    return math.inf if exact else integrator.stability


def diffusion_of(integrator: Integrator) -> Diffusion:
    """How the diffusion of a landscape acts in the steps of an integrator."""
    return Diffusion.CONSTANT if integrator.law is None else integrator.law.diffusion


def check_step(
    landscape: Landscape,
    temperature: float,
    dt: float,
    dynamics: Dynamics,
    stability: float | Callable[[float], float] = 2.0,
    acts: Diffusion = Diffusion.CONSTANT,
) -> None:
    """Refuse an unstable step of motion down a loss (dt x curvature >= limit), warn of a coarse one (> limit / 4).

    Motion on a surface goes down its field, if the surface has one. `stability` is the limit, a number or a function of
    the curvature (see `Integrator`). `acts` determines how the diffusion of the landscape acts.
    """
    downhill = landscape if dynamics.descends(landscape) else landscape.field
    if downhill is None:
        return
    curvature = stiffness_under(downhill, temperature, acts)
    limit = stability(curvature) if callable(stability) else stability
    if dt * curvature >= limit:
        raise unfit(
            f"dt = {dt:g} is unstable: dt x largest curvature = {dt:g} x {curvature:g} = {dt * curvature:.3g}",
            f"must stay below {limit:.4g}",
            "",
            f"use dt <= {0.1 * limit / curvature:.2g}",
        )
    if dt * curvature > 0.25 * limit:
        warnings.warn(
            f"dt = {dt:g} is coarse: dt x largest curvature = {dt * curvature:.3g}; below {0.25 * limit:.3g} (dt <= "
            f"{0.25 * limit / curvature:.2g}) the step bias is small",
            StepSizeWarning,
            stacklevel=3,
        )


def check_schedule(
    schedule: Factors | None, integrator: Integrator, first: int, last: int, stop: Stop | None
) -> None:
    """Refuse factors of the steps first ... last - 1 out of range, and a schedule if one step is assumed."""
    if schedule is None:
        return
    if stop is not None or integrator.variable_step:
        raise UsageError(
            "a schedule does not go with stop or variable steps, which have one dt",
            "one of a schedule and a stop, and steps of one length",
            "drop one of the two",
        )
    factors = np.asarray(schedule(np.arange(first, last)), np.float64)
    if (
        factors.shape != (last - first,)
        or not (np.isfinite(factors) & (factors > 0.0) & (factors <= 1.0)).all()
    ):
        raise UsageError(
            "a schedule must turn an array of step numbers into an array of factors of the same size, above 0 and at "
            "most 1",
            allowed="its dt is the largest step",
        )


def check_frames(integrator: Integrator, every: int | None, stop: Stop | None) -> None:
    """Refuse frames if the walkers have no common time, and a horizon out of range."""
    if stop is not None and not (_is(Real, stop.horizon) and stop.horizon > 0.0):
        raise unfit("horizon", "must be a time above 0", f"{stop.horizon!r}", "leave it out for none")
    if not integrator.variable_step:
        return
    if every is not None:
        raise UsageError(
            f"{integrator.name} steps have no common time to record at",
            "no frames with such steps",
            "leave `every` out",
        )
    if stop is None:
        raise UsageError(
            f"{integrator.name} steps need a target to stop at", "a stop", "give stop, or use reflected"
        )


def last_step(first: int, steps: int, dt: float, end: float = math.inf) -> int:
    """Number of the last of `steps` steps after step `first`, or of the first step that ends at or after time `end`.

    Raises:
        UsageError: more steps than can be counted, or no step before the end.
    """
    last = first + int(steps)
    check_count("first_step + steps", last)
    if end < last * dt:
        last = math.ceil(end / dt)
    if last <= first:
        raise unfit(
            "horizon",
            f"must be later than the start of the run, {first} steps of {dt:g} after the first",
            f"{end:g}",
            "raise it",
        )
    return last


def thread_count(threads: int | None) -> int:
    """The requested number of threads, or the number of processors that this process may use."""
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not (_is(Integral, threads) and threads >= 1):
        raise unfit("threads", "must be a whole number of at least 1", f"{threads!r}")
    return int(threads)


def task_threads(watch: Watch, executor: Executor | None) -> int:
    """The number of threads of a simulation, or of each task of an executor.

    A task has one thread by default, since many tasks share a machine.

    Raises:
        UsageError: threads or tasks out of range, or tasks without an executor.
    """
    if watch.tasks is not None:
        check_count("tasks", watch.tasks)
        if executor is None:
            raise unfit("tasks", "are those of an executor", f"{watch.tasks}", "give one, or leave tasks out")
    return thread_count(1 if executor is not None and watch.threads is None else watch.threads)
