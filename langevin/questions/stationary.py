"""Does the walk settle in the Gibbs distribution? Means over a run, compared with quadrature and closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.errors import LangevinError, UsageError
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import steady, steps_in, walk
from langevin.experiment.settled import LONGER, moments_answer, settled_means
from langevin.experiment.time_scales import slowest_rate, slowing
from langevin.landscapes.curvature import usual_curvature
from langevin.landscapes.evaluate import evaluate, scalar_value
from langevin.measure.walkers import joined
from langevin.theory.escape import varying_diffusion, varying_law
from langevin.theory.surfaces.generator import Observable
from langevin.types import (
    Case,
    Curve,
    Diffusion,
    FloatArray,
    Integrator,
    Landscape,
    Measurement,
    Setting,
    Trajectory,
    Widening,
)

WALKERS = 1000
#: Default dt x largest curvature: for steps whose distribution in a quadratic well is exact, and for others, such as
#: Euler's, whose distribution is wider by 0.25 %.
STEP_EXACT, STEP = 0.49, 0.005
#: Default time to settle, in relaxation times of the stiffest direction, and in times 1 / (slowest known rate).
DURATION, RELAXATIONS = 20.0, 8.0
#: Above this number of steps of a walker, the default dt x curvature may be larger, up to the second number: a bias of
#: 1 %.
MANY_STEPS, COARSE_STEP = 1e6, 0.02
#: Largest number of steps of all walkers together; the number of walkers is reduced for it, but not below the second
#: number.
WORK, LEAST_WALKERS = 2e9, 500
#: The run has this number of parts, each as long as the time to settle; means are over all parts except the first.
PARTS = 4
#: Number of frames, and largest number of values in all frames.
FRAMES, NUMBERS = 64, 2e7
#: Distances between which the exponent of the fall is computed, and number of rays.
NEAR, MIDDLE, FAR, RAYS = 1e4, 1e6, 1e8, 8
#: Exponents that differ by less than this, relatively, are regarded as equal: the fall is then a power.
ALIKE = 0.01


def _applies(case: Case) -> bool:
    """A loss without equations, walls and a force that varies in time, which can confine, if no target is watched."""
    landscape = case.landscape
    free = landscape.is_slope or landscape.drive is not None
    return not (landscape.is_surface or landscape.is_body or free or case.watched)


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    theta = settings.temperature or 1.0
    usual = PARTS * _time(case, theta)
    time = settings.horizon or usual
    usual_dt = steady(_step(case, theta, time), integrator, case.landscape, theta)
    dt = settings.dt or min(usual_dt, time / FRAMES)
    if settings.horizon is None:
        time = min(usual, max(PARTS * _stiff_time(case, theta), dt * WORK / LEAST_WALKERS))
    steps = steps_in(time, dt, least=PARTS)
    walkers = int(min(WALKERS, max(LEAST_WALKERS, WORK / steps)))
    frames = min(FRAMES, max(PARTS, int(NUMBERS / (walkers * case.landscape.dim))), steps)
    return walk(case, integrator, settings, theta, dt, steps=steps, every=steps // frames, walkers=walkers)


def _time(case: Case, theta: float) -> float:
    """Default time to settle: until the slowest known direction no longer depends on the start.

    With inertia the motion is slower, and oscillations of x decay at most at the rate 1 / (2 inertia).
    """
    slowest, curvature = _slowest_rate(case, theta), usual_curvature(case.landscape, theta, case.diffusion)
    relaxation = RELAXATIONS / slowest if slowest else 0.0
    return max(
        _stiff_time(case, theta),
        relaxation * slowing(case.inertia, curvature) + 2.0 * RELAXATIONS * case.inertia,
    )


def _slowest_rate(case: Case, theta: float) -> float | None:
    """The slowest known rate; on a line where the diffusion varies, the rate of the law with this diffusion."""
    if case.diffusion is Diffusion.CONSTANT or case.landscape.dim > 1:
        return slowest_rate(case.landscape, theta)
    try:
        return varying_law.slowest_rate(case.landscape, case.diffusion, theta)
    except LangevinError:
        return slowest_rate(case.landscape, theta)


def _stiff_time(case: Case, theta: float) -> float:
    """The relaxation time of the stiffest direction."""
    curvature = usual_curvature(case.landscape, theta, case.diffusion)
    return DURATION / curvature * slowing(case.inertia, curvature) + 2.0 * RELAXATIONS * case.inertia


def _step(case: Case, theta: float, time: float) -> float:
    """Default step: coarser for long runs, and for steps whose distribution in a quadratic well is exact."""
    curvature = usual_curvature(case.landscape, theta, case.diffusion)
    if case.law is not None and (case.law.exact or case.law.widening == Widening()):
        return STEP_EXACT / curvature
    return min(max(STEP / curvature, time / MANY_STEPS), COARSE_STEP / curvature)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """E |x|^2, mean loss and known moments over the last three quarters of a run, compared with Gibbs moments."""
    landscape, theta = setting.case.landscape, setting.temperature

    def losses(states: FloatArray) -> FloatArray:
        return evaluate(landscape, "value", states)

    functions: dict[str, Observable] = {"E |x|^2": lambda states: (states**2).sum(axis=1), "E f": losses}
    functions |= {f"E {moment.name}": moment.function for moment in landscape.facts.moments}
    measured = settled_means(trajectory, functions)
    if not curves:  # the loss may not confine walkers; then no run is long enough
        measured = {
            name: replace(moment, note=moment.note.removesuffix(f"; {LONGER}"))
            for name, moment in measured.items()
        }
    measured |= {
        "E |x|^2": _with_variance(measured["E |x|^2"], setting),
        "E f": _with_variance_of_loss(measured["E f"], setting),
    }
    end = trajectory.duration
    title = f"Stationary law of {landscape.name}, theta = {theta:g}, dt = {setting.dt:.3g}, t = {end:.3g}"

    def draw(path: str) -> None:
        from langevin.figures.walks import GIBBS
        from langevin.figures.walks import stationary as figure

        density = None
        if curves:
            try:
                density = theory.gibbs.gibbs_density(_effective(setting), theta)
            except UsageError:
                density = None
        gibbs = landscape.diffusion is None or setting.case.diffusion is Diffusion.MOBILITY
        label = GIBBS if gibbs else "law of varying noise, quadrature"
        figure(path, np.asarray(trajectory.states[:, -1, 0]), density, title, label)

    answer = moments_answer(title, theta, measured, curves)
    return replace(answer, draw=draw) if landscape.dim == 1 else answer


def _with_variance(square: Measurement, setting: Setting) -> Measurement:
    """E |x|^2; `mixed` is False if the stationary distribution falls so slowly that E |x|^4 is infinite."""
    landscape = setting.case.landscape
    power = _power(setting)
    if power > landscape.dim + 4:
        return square
    infinite = "E |x|^2" if power <= landscape.dim + 2 else "E |x|^4"
    known = f"the stationary law falls as |x|^-{power:.3g} and {infinite} is infinite: no interval of E |x|^2 holds"
    return replace(square, mixed=False, note=joined(square.note, known))


def _with_variance_of_loss(loss: Measurement, setting: Setting) -> Measurement:
    """E f; `mixed` is False if E f^2 is infinite on a line where the diffusion varies."""
    landscape = setting.case.landscape
    if landscape.diffusion is None or landscape.dim > 1:
        return loss
    power, growth = _power(setting), varying_law.power_of_growth(landscape)
    if power > 2.0 * growth + 1.0:
        return loss
    known = f"the stationary law falls as |x|^-{power:.3g} and E f^2 is infinite: no interval of E f holds"
    return replace(loss, mixed=False, note=joined(loss.note, known))


def _effective(setting: Setting) -> Callable[[float], float]:
    """The loss on a line whose Gibbs distribution is the stationary one."""
    landscape = setting.case.landscape
    if landscape.diffusion is None:
        return scalar_value(landscape)
    return varying_diffusion.effective_loss(landscape, setting.case.diffusion, setting.temperature)


def _power(setting: Setting) -> float:
    """The exponent p of a stationary density that falls as |x|^-p; infinite if it is not known."""
    landscape, acts = setting.case.landscape, setting.case.diffusion
    if setting.case.gibbs:
        return power_of_fall(landscape, setting.temperature)
    if landscape.diffusion is not None and landscape.dim == 1:
        return varying_law.power_of_fall(landscape, acts, setting.temperature)
    return math.inf


def power_of_fall(landscape: Landscape, temperature: float) -> float:
    """The exponent p of exp(-f / theta) ~ |x|^-p; infinite if the distribution falls faster or is not a power.

    p is the largest exponent along random rays. A moment of order p - dim or above is then infinite, because the
    integral over the directions near this ray is already infinite.

    Args:
        landscape: one with a value kernel.
        temperature: theta, above 0.
    """
    generator = np.random.default_rng(0)
    rays = generator.standard_normal((RAYS, landscape.dim))
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    near, middle, far = (evaluate(landscape, "value", distance * rays) for distance in (NEAR, MIDDLE, FAR))
    with np.errstate(all="ignore"):
        first = (middle - near) / (temperature * math.log(MIDDLE / NEAR))
        second = (far - middle) / (temperature * math.log(FAR / MIDDLE))
        power = np.where(np.abs(first - second) <= ALIKE * np.abs(first), second, math.inf)
    return float(power.max()) if (np.isfinite(power) & (power > 0.0)).all() else math.inf


stationary = Question(
    name="stationary law",
    summary="Moments of the stationary law of a loss.",
    applies_to="a loss without equations and walls; if named, also a loss with a target, which then ends no walker",
    rank=100,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: (
        f"{case.landscape.name} was not found to confine its walkers, so no stationary mean of it is known"
    ),
)
