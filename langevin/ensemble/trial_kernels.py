"""The kernels of a landscape and a step, tried in plain Python before a run.

With a wrong derivative a simulation gives no error message, but has another distribution.

A step must read and write only the rows that it declares. Compiled code checks no bounds: a step that declares too few
rows writes into other arrays. Here a few walkers take the step in arrays of exactly the declared rows, between guard
values, with scratch filled with NaN. This finds a row that does not exist, a write outside an array, and a read of
scratch before it is written.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from langevin.dynamics import dynamics_of
from langevin.errors import UsageError
from langevin.kernels.passed import has_passed, mark_passed, trial_name
from langevin.kernels.targets import targets_of
from langevin.landscapes.contracts import findings, refuse_broken
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.singular import singular_point
from langevin.landscapes.starts import cloud_about, place_text
from langevin.landscapes.trial import Strict, guarded, inside, untouched
from langevin.types import FloatArray, Integrator, Kernel, Landscape, Problem

#: Largest time of a trial in seconds, except for the smallest number of points at which each kernel is tried.
SECONDS = 0.04
#: Distance from its start that a walker reaches, in standard deviations of free diffusion, and the smallest number of
#: steps for which this is computed: kernels that have passed for a short run are then not tried again for a longer one.
DEVIATIONS, LEAST_STEPS = 4.0, 10_000
#: Largest distance at which a point on a surface is searched, in units of the size of the start.
ABOUT = 2.0
#: Standard deviation of the trial points for gradient flow, over the size of the start.
TRIED = 0.1
#: Number of walkers that take the step: the first and the last.
LANES = 2


class SingularPointWarning(UserWarning):
    """A surface crosses itself, or has a tip, near the start."""


def check_kernels(
    problem: Problem,
    dt: float,
    steps: int,
    states: FloatArray,
    further: Mapping[str, Kernel | None] | None = None,
) -> None:
    """Try a landscape's kernels near the starts of a run; kernels that have passed are not tried again.

    Args:
        problem: the problem of the run.
        dt: the largest step of the run.
        steps: the number of steps of the run.
        states: the states (walkers, dim) at which walkers start.
        further: kernels of the signed distances to other sets than the landscape's targets, by name.

    Raises:
        UsageError: a kernel breaks a contract of `landscapes.contracts`.
    """
    landscape = problem.landscape
    dynamics = dynamics_of(problem.dynamics)
    descends, cold = dynamics.descends(landscape), dynamics.cold
    size = float(np.sqrt(np.mean(np.sum(states**2, axis=1))))
    heat = problem.temperature or _heat_of_flow(landscape, size)
    kick = math.sqrt(2.0 * heat * dt)
    farthest = DEVIATIONS * kick * math.sqrt(max(steps, LEAST_STEPS)) + (size if descends else 0.0)
    if landscape.is_surface and size > 0.0:
        farthest = min(farthest, ABOUT * size)
    name = _name(landscape, further or {}, (descends, cold), (size, heat, kick, farthest))
    if has_passed(name):
        return
    cloud = cloud_about(landscape, states, heat, kick, farthest, descends)
    # motion down the loss uses no retraction, and its points may be far from the surface
    tried = replace(landscape, retract=None, tangent=None) if descends else landscape
    for found in findings(tried, cloud, SECONDS, further=further):
        refuse_broken(landscape, found)
    if not cold or not _warn_of_singular_point(landscape, states[0], farthest):
        mark_passed(name)


def check_trial(problem: Problem, integrator: Integrator, dt: float, states: FloatArray) -> None:
    """Try the step of a run once from its starts, states (walkers, dim); a step that has passed is not tried again.

    Raises:
        UsageError: the step uses rows that it has not declared, writes outside an array, gives states that are not
            finite, or fails; or the gradient of the loss is not finite at the start.
    """
    step = integrator.build(problem.landscape)
    name = trial_name("step", step, problem.landscape.dim, _declared(problem, integrator))
    if has_passed(name):
        return
    with np.errstate(all="ignore"):
        wrong = _first_fault(problem, integrator, step, dt, states)
    if wrong:
        _refuse_slope(problem.landscape, states[[0, -1]])
        rows, carried, numbers = _declared(problem, integrator)
        raise UsageError(
            f"{integrator.name} fails its trial step: {wrong}",
            f"it declares {rows} rows of work, {carried} of memory and {numbers} numbers of noise for "
            f"{problem.landscape.dim} coordinates",
            "correct what it declares, or its step",
        )
    mark_passed(name)


def _refuse_slope(landscape: Landscape, places: FloatArray) -> None:
    """Refuse starts (places, dim) at which the gradient of the loss is not finite, since no step is possible there.

    Raises:
        UsageError: the gradient is not finite at one of the starts.
    """
    if landscape.gradient is None:
        return
    for place, slope in zip(places, evaluate(landscape, "gradient", places)):
        if not np.isfinite(slope).all():
            raise UsageError(
                f"the gradient of {landscape.name} is not finite at the start {place_text(place)}",
                "a start at which the loss is smooth",
                "start elsewhere (`langevin simulate --start`)",
            )


def _heat_of_flow(landscape: Landscape, size: float) -> float:
    """A temperature for the trial points of gradient flow, so that their spread is a tenth of the size of the start."""
    curvature = landscape.stiffness(0.0)
    return (TRIED * (size or 1.0)) ** 2 * (curvature if 0.0 < curvature < math.inf else 1.0)


def _warn_of_singular_point(landscape: Landscape, start: FloatArray, reach: float) -> bool:
    """Warn of a point within reach at which a surface has no tangent plane; returns whether there is such a point."""
    found = singular_point(landscape, start, reach)
    if found is None:
        return False
    place = place_text(np.round(found / reach, 3) * reach + 0.0)
    warnings.warn(
        f"{landscape.name} has a singular point at about {place}, at which its equations depend on one another: no "
        "law of diffusion is known there, and what a walker does depends on dt; leave it out by `walls`",
        SingularPointWarning,
        stacklevel=4,
    )
    return True


def _name(
    landscape: Landscape,
    further: Mapping[str, Kernel | None],
    kinds: tuple[bool, ...],
    scales: tuple[float, ...],
) -> str | None:
    """Name of a trial, from the kernels, the kinds of checks, and the scales of its points to a factor of two."""
    kernels = (
        landscape.value, landscape.gradient, landscape.residual, landscape.jacobian, landscape.fold, landscape.bounce,
        landscape.walls, landscape.retract, landscape.tangent, *targets_of(landscape),
        *further.values(), *(kernel for part in landscape.parts for kernel in (part.value, part.gradient)),
    )  # fmt: skip
    return trial_name(
        "kernels", landscape.dim, landscape.codim, landscape.retract_rows, kernels, landscape.parameters, kinds,
        [math.frexp(scale)[1] for scale in scales],
    )  # fmt: skip


def _declared(problem: Problem, integrator: Integrator) -> tuple[int, int, int]:
    """Number of rows of work and of memory, and of random numbers a step."""
    landscape = problem.landscape
    return (
        integrator.work_rows(landscape),
        integrator.memory_rows(landscape),
        landscape.dim + integrator.extra_noise,
    )


def _first_fault(
    problem: Problem, integrator: Integrator, step: Kernel, dt: float, states: FloatArray
) -> str | None:
    """The first fault of the step as text, None if it has no fault."""
    rows, carried, numbers = _declared(problem, integrator)
    dim = problem.landscape.dim
    drawn = np.random.default_rng(0).standard_normal((2, numbers, LANES))
    contents = {
        "x": states[[0, -1]].T,
        "noise": drawn[0],
        "noise of the step before": drawn[1],
        "work": np.full((rows, LANES), np.nan),
        "memory": np.zeros((carried, LANES)),
    }
    kinds = {name: np.float32 if name.startswith("noise") else np.float64 for name in contents}
    whole = {name: guarded(content, kinds[name]) for name, content in contents.items()}
    x, noise, previous, work, memory = (inside(whole[name], contents[name].shape) for name in contents)
    status = np.zeros(LANES, np.int64)
    try:
        step(
            x, noise.view(Strict), previous.view(Strict), work.view(Strict), memory.view(Strict), status, dt,
            problem.temperature, problem.landscape.parameters,
        )  # fmt: skip
    except Exception as error:
        return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    for name, array in whole.items():
        if not untouched(array):
            return f"it writes outside {name}"
    if x.shape != (dim, LANES):
        return f"it leaves x with the shape {x.shape}, not {(dim, LANES)}"
    if not (np.isfinite(x).all(axis=0) | (status != 0)).any():
        return "it leaves x not finite, so it reads scratch that it has not written, or the loss is not finite there"
    return None
