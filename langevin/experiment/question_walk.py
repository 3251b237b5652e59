"""The walk for a question, from the settings; a walk without heat starts where the law of its step expects a drift.

Label noise causes a drift down the slope of tr H. At the usual start of many sets this slope is 0 by symmetry, for
example at the end of an ellipsoid's axis. A walk from there cannot distinguish the laws.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.ensemble.checks import diffusion_of
from langevin.errors import UsageError
from langevin.experiment.one_ensemble import every_of, one_ensemble, walkers_of
from langevin.experiment.question import Settings
from langevin.landscapes.curvature import stiffness_under
from langevin.landscapes.starts import all_at, place_text, usual_point
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.types import (
    Case,
    Factors,
    FloatArray,
    Integrator,
    Landscape,
    Problem,
    Starter,
    StepLaw,
    StepSchedule,
    Trajectory,
)

KICK_VARIANCE = 1e-3
#: Default dt x largest curvature of a field.
FIELD_STEP = 0.01
#: Largest default step over the smallest unstable step.
STEADY = 0.25
#: Least duration of a drift over the lag of a kick: the drift, late by two such lags, is then 2 % less than its law.
LAGS = 100.0
#: Dimensions of a set up to which each direction has this variance: in all, half a per cent of a unit of curvature.
FEW = 10
#: Steps that can be counted, steps of a schedule that a horizon may need, and the round-off of their sum.
MOST_STEPS, MOST_SCHEDULED, ROUND_OFF = 2**53, 20_000_000, 1e-12
#: Drift at the usual start over the fastest that was found, above which walkers start there.
FAST = 0.1
#: Points that are tried, and how far they lie from the usual start in lengths on which the set changes.
TRIED, REACH = 16, 0.5
#: Change of the law's potential over its size that is round-off.
EVEN = 1e-9


def walk(
    case: Case,
    integrator: Integrator,
    settings: Settings,
    temperature: float,
    dt: float,
    *,
    steps: int,
    every: int,
    walkers: int,
    start: FloatArray | Starter | None = None,
    least: int = 0,
) -> Trajectory:
    """A run of a case with the measure, the seed, the schedule and the watch of the settings.

    Args:
        case: landscape and law of motion.
        integrator: the step.
        settings: of the run.
        temperature: theta.
        dt: time of a step, if the settings have no schedule.
        steps: number of steps of length dt. With a schedule, a requested horizon takes more of them; a default
            horizon does not.
        every: steps from a recorded frame to the next, if neither the settings nor an extended run give it.
        walkers: number of walkers, if the settings give none.
        start: the point (dim,) where all start instead of where the landscape starts them, or a starter, if the
            settings give none.
        least: frames after the first that the statistic of the question needs, evenly spaced except for the last.

    Raises:
        UsageError: fewer frames than these are requested.
    """
    landscape = case.landscape
    if start is not None and settings.start is None:
        landscape = replace(landscape, start=start if callable(start) else all_at(start))
        settings = replace(settings, extra_meta={**settings.extra_meta, "usual_start": False})
    if settings.schedule is not None and settings.horizon is not None:
        count = steps_until(settings.horizon, dt, settings.schedule)
        steps, every = count, math.ceil(count / max(1, steps // every))
    distance = every_of(settings, steps, every)
    if steps < least * distance:
        raise UsageError(
            f"frames at the multiples of {distance} steps are {steps // distance} in {steps} steps, too few for the "
            "statistic of this question",
            f"at least {least}",
            "record more (`langevin simulate --frames` or `langevin simulate --every`)",
        )
    return one_ensemble(
        Problem(landscape, temperature, case.dynamics.name, settings.measure),
        integrator,
        settings,
        walkers=range(walkers_of(settings, walkers)),
        steps=steps,
        dt=steps_of(settings, dt),
        every=distance,
        seed=settings.seed,
    )


def steady(dt: float, integrator: Integrator, landscape: Landscape, temperature: float) -> float:
    """A default step, or a quarter of the integrator's stability limit, if this is shorter.

    Args:
        dt: the default step.
        integrator: the step whose limit counts.
        landscape: with the curvatures of its loss and field.
        temperature: theta.
    """
    curvature = stiffness_under(landscape, temperature, diffusion_of(integrator))
    if landscape.field is not None:
        curvature = max(curvature, landscape.field.stiffness(temperature))
    return min(dt, STEADY * integrator.stability_at(curvature) / curvature) if curvature > 0.0 else dt


def field_step(dt: float, landscape: Landscape, temperature: float, finest: float = FIELD_STEP) -> float:
    """A default step, or the shorter one that resolves the field: dt x its largest curvature is at most `finest`.

    Args:
        dt: the default step.
        landscape: perhaps with a field.
        temperature: theta.
        finest: largest dt x curvature of the field.
    """
    curvature = 0.0 if landscape.field is None else landscape.field.stiffness(temperature)
    return min(dt, finest / curvature) if curvature > 0.0 else dt


def steps_in(time: float, dt: float, least: int = 1) -> int:
    """Number of steps of a time, at least `least`.

    Args:
        time: duration.
        dt: time of a step.
        least: fewest steps.

    Raises:
        UsageError: more steps than can be counted.
    """
    if not time / dt < MOST_STEPS:
        raise UsageError(
            f"a time of {time:.3g} takes {time / dt:.3g} steps of dt = {dt:.3g}, of which 2^53 can be counted",
            "at most 2^53 steps",
            "lower --horizon, or raise --dt",
        )
    return max(least, round(time / dt))


def unlagged(dt: float, time: float, law: StepLaw) -> float:
    """The step dt, or a shorter one if the lag of the law would delay the drift by too large a part of the run.

    Args:
        dt: time of a step.
        time: duration of the run.
        law: with the lag, in steps.
    """
    return min(dt, time / (LAGS * law.lag)) if law.lag > 0.0 else dt


def steps_of(settings: Settings, dt: float) -> float | StepSchedule:
    """The step, or the schedule of steps that the settings request.

    Args:
        settings: of the run.
        dt: time of a step whose factor is 1.
    """
    return dt if settings.schedule is None else StepSchedule(dt, settings.schedule)


def steps_until(time: float, dt: float, factors: Factors) -> int:
    """The fewest steps of length dt x factor whose sum reaches a time.

    Args:
        time: the sum to reach.
        dt: time of a step whose factor is 1.
        factors: step numbers to factors of dt.

    Raises:
        UsageError: more than `MOST_SCHEDULED`.
    """
    done, reached, size = 0, 0.0, 1024
    while done < MOST_SCHEDULED:
        sums = reached + np.cumsum(dt * factors(np.arange(done, done + size)))
        over = np.flatnonzero(sums >= time * (1.0 - ROUND_OFF))
        if over.size:
            return done + int(over[0]) + 1
        done, reached, size = done + size, float(sums[-1]), min(2 * size, 2**20)
    raise UsageError(
        f"{done} steps of the schedule add up to the time {reached:.4g} only, below the horizon {time:g}",
        "a horizon that the steps reach",
        "take a lower horizon, a larger dt, or a schedule that falls more slowly",
    )


def kick_variance(integrator: Integrator, landscape: Landscape) -> float:
    """Default variance of a kick along each direction of a set of unit size.

    The step bias is proportional to the square of the whole kick, so beyond `FEW` dimensions of the set each direction
    gets less. Times whose error is of order 1/2 in dt need a smaller variance.

    Args:
        integrator: the step.
        landscape: a surface.
    """
    along = max(1.0, (landscape.dim - landscape.codim) / FEW)
    return KICK_VARIANCE / along / (1.0 if integrator.weak_order >= 1.0 else 16.0)


def rounded(number: float) -> float:
    """To two digits, for a default that people read."""
    return float(f"{number:.2g}")


def fastest_curve_point(
    curve: theory.surfaces.SurfaceCurve, law: SurfaceLaw, usual: FloatArray
) -> FloatArray | None:
    """The point (dim,) of a closed curve where the drift is fastest; None if it is fast enough at the usual one.

    Args:
        curve: traced.
        law: of the step.
        usual: the usual start, (dim,).
    """
    drift = theory.surfaces.curve_drift(curve, law, 1.0)
    speeds, here = np.abs(drift(curve.arcs)), np.abs(drift(theory.surfaces.arc_positions(curve, usual[None])))
    if _is_even(law, curve.curvatures) or here[0] >= FAST * speeds.max():
        return None
    place: FloatArray = curve.points[speeds.argmax()]
    return place


def fastest_point(manifold: Landscape, law: SurfaceLaw) -> FloatArray | None:
    """The point (dim,) about the usual start where the drift is fastest; None if it is fast enough at the usual one.

    Args:
        manifold: the zero-loss set.
        law: of the step.
    """
    usual = usual_point(manifold)
    reach = REACH * theory.surfaces.surface_shape(manifold, usual).length
    moves = np.random.default_rng(0).standard_normal((TRIED, manifold.dim))
    moves *= reach / np.linalg.norm(moves, axis=1, keepdims=True)
    places = np.vstack([usual[None], theory.surfaces.on_surface(manifold, usual + moves)])
    shapes = [theory.surfaces.surface_shape(manifold, place) for place in places]
    speeds = [float(np.linalg.norm(shape.gradient(law))) for shape in shapes]
    if _is_even(law, np.array([shape.curvatures for shape in shapes])) or speeds[0] >= FAST * max(speeds):
        return None
    place: FloatArray = places[int(np.argmax(speeds))]
    return place


def _is_even(law: SurfaceLaw, curvatures: FloatArray) -> bool:
    """Whether the potential of a law is the same at all points, of curvatures (points, codim)."""
    levels = law.potential(curvatures)
    return bool(np.ptp(levels) <= EVEN * np.abs(levels).max())


def start_notes(trajectory: Trajectory) -> list[str]:
    """Where the walkers of a run started together, if it is not at the usual start of the landscape."""
    if trajectory.meta.get("usual_start") is not False:
        return []
    return [
        f"walkers started at {place_text(trajectory.states[0, 0])}, not at the usual start of the landscape"
    ]
