"""Does the walk settle in the Gibbs law? Moments of the last frame beside quadrature and closed forms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.errors import UsageError
from langevin.experiment.moments_table import moments_answer
from langevin.experiment.question import Answer, Question
from langevin.experiment.settings import Settings
from langevin.experiment.settled import LONGER, all_settled
from langevin.experiment.slowest_rate import slowest_rate, slowing
from langevin.experiment.walk import steady, steps_in, walk
from langevin.landscapes.evaluate import evaluate, scalar_value
from langevin.landscapes.gibbs_tail import power_of_fall
from langevin.landscapes.usual_scale import usual_curvature
from langevin.measure.walkers import joined
from langevin.theory.surface_generator import Observable
from langevin.types import (
    Case,
    Curve,
    FloatArray,
    Integrator,
    Landscape,
    Measurement,
    Setting,
    Trajectory,
)

WALKERS = 6000
#: Default dt x largest curvature met: Euler-Maruyama widens a quadratic well by half of it, 0.25 %.
STEP = 0.005
#: Default duration in relaxation times of the stiffest direction, and in those of the slowest rate that is known.
DURATION, FORGETTINGS = 20.0, 8.0
#: Steps of a walker above which the default dt x curvature may rise up to the second number: a bias of 1 % at most.
MANY_STEPS, COARSE_STEP = 1e6, 0.02
#: Steps of all walkers together at most, by fewer walkers, but no fewer than so many.
WORK, LEAST_WALKERS = 2e9, 1000


def _applies(case: Case) -> bool:
    """A loss without equations and walls, in which no target is watched."""
    return not (case.landscape.is_surface or case.landscape.is_body or case.watched)


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    theta = settings.temperature or 1.0
    time = settings.horizon or _time(case, theta)
    dt = settings.dt or steady(_step(case.landscape, theta, time), integrator, case.landscape, theta)
    steps = steps_in(time, dt, least=2)
    walkers = int(min(WALKERS, max(LEAST_WALKERS, WORK / steps)))
    return walk(case, integrator, settings, theta, dt, steps=steps, every=steps // 2, walkers=walkers)


def _time(case: Case, theta: float) -> float:
    """Default duration: until the slowest direction that is known has forgotten the start.

    With inertia it is slower, and oscillations of x die out at the rate 1 / (2 inertia) at most.
    """
    slowest, curvature = slowest_rate(case.landscape, theta), usual_curvature(case.landscape, theta)
    forgotten = max(DURATION / curvature, FORGETTINGS / slowest if slowest else 0.0)
    return forgotten * slowing(case.inertia, curvature) + 2.0 * FORGETTINGS * case.inertia


def _step(loss: Landscape, theta: float, time: float) -> float:
    """Default step: coarser where a run is long."""
    curvature = usual_curvature(loss, theta)
    return min(max(STEP / curvature, time / MANY_STEPS), COARSE_STEP / curvature)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """E |x|^2, the mean loss and the known moments at the end of a run, beside those of the Gibbs law."""
    landscape, theta = setting.case.landscape, setting.temperature

    def losses(states: FloatArray) -> FloatArray:
        return evaluate(landscape, "value", states)

    functions: dict[str, Observable] = {"E |x|^2": lambda states: (states**2).sum(axis=1), "E f": losses}
    functions |= {f"E {moment.name}": moment.function for moment in landscape.facts.moments}
    measured = all_settled(trajectory, functions)
    if not curves:  # the loss may confine no walker, and then no run is long enough
        measured = {
            name: replace(moment, note=moment.note.removesuffix(f"; {LONGER}"))
            for name, moment in measured.items()
        }
    measured["E |x|^2"] = _with_variance(measured["E |x|^2"], setting)
    end = trajectory.duration
    title = f"Stationary law of {landscape.name}, theta = {theta:g}, dt = {setting.dt:.3g}, t = {end:.3g}"

    def draw(path: str) -> None:
        from langevin.figures.stationary import stationary as figure

        density = None
        if curves:
            try:
                density = theory.gibbs_density(scalar_value(landscape), theta)
            except UsageError:
                density = None
        figure(path, np.asarray(trajectory.states[:, -1, 0]), density, title)

    answer = moments_answer(title, theta, measured, curves)
    return replace(answer, draw=draw) if landscape.dim == 1 else answer


def _with_variance(square: Measurement, setting: Setting) -> Measurement:
    """E |x|^2, not mixed where the Gibbs law is known to fall so slowly that E |x|^4 is infinite."""
    landscape = setting.case.landscape
    power = power_of_fall(landscape, setting.temperature) if setting.case.gibbs else math.inf
    if power > landscape.dim + 4:
        return square
    infinite = "E |x|^2" if power <= landscape.dim + 2 else "E |x|^4"
    known = (
        f"the Gibbs law falls as |x|^-{power:.3g} and {infinite} is infinite: no interval of E |x|^2 holds"
    )
    return replace(square, mixed=False, note=joined(square.note, known))


stationary = Question(
    name="stationary law",
    summary="Moments of the Gibbs law of a loss.",
    asked_of="a loss without equations, walls and a target",
    rank=100,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    silence=lambda case: (
        f"{case.landscape.name} was not found to confine its walkers, so no Gibbs law of it is known"
    ),
)
