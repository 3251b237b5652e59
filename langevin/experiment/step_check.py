"""Tests of the contracts of an integrator: the rows that it declares, its compiled step, and its weak order."""

from __future__ import annotations

import cmath
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numba
import numpy as np

from langevin.ensemble import simulate
from langevin.ensemble.checks import StepSizeWarning
from langevin.ensemble.trial_kernels import check_trial
from langevin.errors import LangevinError, UsageError
from langevin.kernels.compile import OPTIONS
from langevin.landscapes.contracts import Finding
from langevin.landscapes.smallest import growing_line, half_line, point
from langevin.manifolds import sphere
from langevin.potentials import driven_well, quadratic
from langevin.types import FloatArray, Integrator, Kernel, Landscape, Problem, Start

#: Steps to the common time, and walkers: the error of the mean is some percent of the error of the step.
COUNTS, WALKERS = (4, 8), 400_000
#: A step with a memory takes a while to take up speed, unless it only counts there, or its law has inertia.
SLOWER = 20
#: Distance of a slope at these steps from its limit.
CURVATURE = 0.3
#: Walkers and steps of the comparison with plain Python.
LANES, STEPS = 5, 8
#: Plain Python and compiled code round sums of products differently.
ROUND_OFF = 1e-10


@dataclass(frozen=True)
class Case:
    """An expectation of function(states), states (walkers, dim), that is known exactly at a time."""

    problem: Problem
    function: Callable[[FloatArray], FloatArray]
    exact: float
    time: float
    start: list[float]


def check_integrator(integrator: Integrator, landscape: Landscape | None = None) -> list[Finding]:
    """Try an integrator on a landscape, by default the smallest that its dynamics needs.

    The order is always measured on the smallest, where the answer is known. A failure ends the check, because the
    later checks would also fail.

    Args:
        integrator: to check.
        landscape: to step on; by default the smallest one.

    Raises:
        UsageError: unknown dynamics, or a landscape that the integrator does not support.
    """
    case = case_of(integrator)
    problem = Problem(landscape, 0.01, integrator.dynamics) if landscape else case.problem
    dt = 0.01 / max(1.0, problem.landscape.stiffness(problem.temperature))
    step = integrator.build(problem.landscape)
    found = [_trial(problem, integrator, dt)]
    if found[-1].passed:
        found.append(_compiled(problem, integrator, step, dt))
    if found[-1].passed:
        found.append(_order(integrator, case))
    return found


def case_of(integrator: Integrator) -> Case:
    """The case for an integrator's dynamics: a well, a sphere, a half line, or a line where the diffusion grows."""
    dynamics, theta = integrator.dynamics, 0.02
    inertia = integrator.law.inertia if integrator.law else 0.0
    if dynamics in ("soft", "label-noise", "power-law"):
        well = quadratic() if dynamics == "soft" else point()
        time = 2.0 if inertia else 1.0  # time to turn round
        kept = kept_in_well(inertia, time) ** 2
        exact = kept * 1.5**2 + theta * (1.0 - kept)
        return Case(Problem(well, theta, dynamics), lambda states: states[:, 0] ** 2, exact, time, [1.5])
    if dynamics == "projected":
        ball = sphere(dim=10, stiffness=1.0)
        north = [1.0, *np.zeros(9)]
        return Case(
            Problem(ball, 1.0 / 9.0, dynamics), lambda states: states[:, 0], math.exp(-0.5), 0.5, north
        )
    if dynamics == "reflected":
        exact = math.sqrt(2.0 / math.pi)
        return Case(Problem(half_line(), 0.5, dynamics), lambda states: states[:, 0], exact, 1.0, [0.0])
    if dynamics in ("mobility", "ito-noise"):
        # d E x^2 / dt = 2 theta + rate E x^2, of which the mobility adds 4 theta x^2 by the drift 2 theta x
        rate = theta * (6.0 if dynamics == "mobility" else 2.0)
        grown = math.exp(10.0 * rate)
        exact = grown + 2.0 * theta * (grown - 1.0) / rate
        return Case(
            Problem(growing_line(), theta, dynamics), lambda states: states[:, 0] ** 2, exact, 10.0, [1.0]
        )
    if dynamics == "driven":
        # from 1.5, with k = a = 1 and omega = 2
        exact = 1.5 * math.exp(-1.0) + (math.cos(2.0) + 2.0 * math.sin(2.0) - math.exp(-1.0)) / 5.0
        well = driven_well(frequency=2.0)
        return Case(Problem(well, theta, dynamics), lambda states: states[:, 0], exact, 1.0, [1.5])
    raise UsageError(
        f"{integrator.name} serves the dynamics {dynamics!r}, and there is no such law",
        "it must be one of `langevin list dynamics`",
        "name one of them in the integrator",
    )


def kept_in_well(inertia: float, time: float) -> float:
    """E x(t) / x(0) in a well of curvature 1: e^-t, and of inertia * x'' + x' + x = 0 with x'(0) = 0.

    The same part of the start remains if velocities start in their law, because x'(0) is then independent of x(0). Then
    x(t) is stationary from a stationary start: E x(t)^2 = kept^2 x(0)^2 + theta (1 - kept^2).

    Args:
        inertia: correlation time of the velocity; 0 for overdamped motion.
        time: t.
    """
    if inertia == 0.0:
        return math.exp(-time)
    damping = 0.5 / inertia
    turning = cmath.sqrt(damping**2 - 1.0 / inertia)
    if turning == 0.0:
        return math.exp(-damping * time) * (1.0 + damping * time)
    fast = -damping - turning
    slow = 1.0 / (inertia * fast)
    return ((fast * cmath.exp(slow * time) - slow * cmath.exp(fast * time)) / (fast - slow)).real


def _trial(problem: Problem, integrator: Integrator, dt: float) -> Finding:
    try:
        check_trial(problem, integrator, dt, _starts(problem, LANES))
    except LangevinError as error:
        return Finding("trial step", False, str(error))
    return Finding("trial step", True, "keeps to its rows, and ends at a finite place")


def _compiled(problem: Problem, integrator: Integrator, step: Kernel, dt: float) -> Finding:
    """The compiled step alone, compared with the same kernel in plain Python."""
    name = "compiled as in plain Python"
    plain = _walked(problem, integrator, step, dt)
    try:
        compiled = _walked(problem, integrator, numba.njit(step, **OPTIONS), dt)
    except numba.core.errors.NumbaError as error:
        return Finding(name, False, f"it does not compile: {str(error).strip().partition(chr(10))[0]}")
    apart = float(np.abs(compiled - plain).max())
    return Finding(name, apart <= ROUND_OFF * (1.0 + float(np.abs(plain).max())), f"{apart:.1e} apart")


def _walked(problem: Problem, integrator: Integrator, step: Kernel, dt: float) -> FloatArray:
    """Places (dim, LANES) after some steps with a fixed noise."""
    landscape, generator = problem.landscape, np.random.default_rng(1)
    x = np.ascontiguousarray(_starts(problem, LANES).T)
    work = np.full((integrator.work_rows(landscape), LANES), np.nan)
    memory, status = np.zeros((integrator.memory_rows(landscape), LANES)), np.zeros(LANES, np.int64)
    shape = (STEPS + 1, landscape.dim + integrator.extra_noise, LANES)
    noise = generator.standard_normal(shape).astype(np.float32)
    with np.errstate(all="ignore"):
        for now in range(STEPS):
            drawn = noise[now + 1], noise[now]
            step(x, *drawn, work, memory, status, dt, problem.temperature, landscape.parameters)
    return x


def _starts(problem: Problem, count: int) -> FloatArray:
    """Starts of the landscape, (count, dim)."""
    heat = 0.0 if problem.dynamics == "projected" else problem.temperature
    uniforms = np.random.default_rng(0).uniform(0.05, 0.95, (count, problem.landscape.dim))
    return problem.landscape.start(uniforms, heat)


def _order(integrator: Integrator, case: Case) -> Finding:
    """The order that the error of an expectation shows at two steps is not below the declared one."""
    name, declared = "weak order", integrator.weak_order
    if integrator.variable_step:
        return Finding(name, True, "not measured: its steps have no common time")
    inert = integrator.law is not None and integrator.law.inertia > 0.0
    has_memory = integrator.memory(case.problem.landscape).count > 0 and not integrator.tallies
    slower = SLOWER if has_memory and not inert else 1
    (large, noise), (small, rest) = (_error(integrator, case, slower * count) for count in COUNTS)
    if abs(large) <= 4.0 * noise:
        return Finding(
            name, True, f"no error is seen at {slower * COUNTS[0]} steps: {large:.1e} +- {noise:.1e}"
        )
    measured = math.log(abs(large / small)) / math.log(COUNTS[1] / COUNTS[0])
    error = math.hypot(noise / large, rest / small) / math.log(COUNTS[1] / COUNTS[0])
    detail = f"{measured:.2f} +- {error:.2f} measured at {case.problem.landscape.name}, {declared:g} declared"
    return Finding(name, measured >= declared - min(CURVATURE, 0.5 * declared) - 3.0 * error, detail)


def _error(integrator: Integrator, case: Case, count: int) -> tuple[float, float]:
    """Error of the expectation with `count` steps, and its standard error."""
    with warnings.catch_warnings():  # errors of coarse steps are what is measured
        warnings.simplefilter("ignore", StepSizeWarning)
        run = simulate(
            case.problem, integrator, walkers=WALKERS, steps=count, dt=case.time / count, seed=count,
            start=Start(case.start, first_step=0),
        )  # fmt: skip
    values = case.function(run.states[:, -1])
    return float(values.mean() - case.exact), float(values.std() / math.sqrt(values.size))
