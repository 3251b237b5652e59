"""Where does a walk settle along a curve if its noise changes along the curve?

There are two kinds of noise: across the curve, 2 D a^gamma with heat along it (`integrators.power_law`); and along the
curve, a diffusion that is a power of its mean stiffness, Ito or not (`integrators.tangential`). The fractions of time
in the quarters of the length, flattest to stiffest, are compared with the expected law and its rivals. For a valley
with a periodic profile, the curve is one period.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.errors import UsageError
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import rounded, steps_in, walk
from langevin.experiment.settled import shares_answer
from langevin.integrators import power_law
from langevin.theory.surfaces.cached import closed_curve_of
from langevin.types import Case, Curve, FloatArray, Integrator, Setting, StepLaw, Trajectory

WALKERS = 600
#: Default temperature of motion along the surface, and dt x stiffness of descent.
TEMPERATURE, STABLE_STEP = 0.1, 0.2
LOOSENESS = 0.015
#: Default duration in units of the time in which the slowest part of the walk covers a radian of the curve.
RELAXATIONS = 40.0
#: Default of the largest number of steps, and number of frames, evenly spaced.
MOST_STEPS, FRAMES = 4_000_000, 80
#: Smallest number of frames, so that the second half of the run has enough for fractions of time.
LEAST_FRAMES = 8


def _applies(case: Case) -> bool:
    """A closed curve of changing stiffness, and noise that changes with it, with heat along the curve."""
    law = case.law
    if law is None or case.watched:
        return False
    first = uneven_noise.name in case.dynamics.questions
    uneven = bool(law.uneven_power) or (
        law.across and law.heat > 0 and (law.exponent, law.heat) != (0.0, 1.0)
    )
    return (uneven or first) and closed_curve_of(case.landscape) is not None


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    """Let walkers relax along a closed curve or a valley."""
    curve, law = closed_curve_of(case.landscape), case.law
    assert curve is not None and law is not None
    if law.heat == 0:
        integrator, law = _warmed(law, curve, settings)
    theta, dt, duration = _defaults(case, law, curve, settings)
    every = max(1, math.ceil(steps_in(duration, dt) / FRAMES))
    return walk(
        case, integrator, settings, theta, dt, steps=FRAMES * every, every=every, walkers=WALKERS, least=LEAST_FRAMES
    )  # fmt: skip


def _warmed(
    law: StepLaw, curve: theory.surfaces.SurfaceCurve, settings: Settings
) -> tuple[Integrator, StepLaw]:
    """The step with additional heat along the curve: half of the variation of its potential.

    Raises:
        UsageError: the user explicitly set no heat.
    """
    if "tangential" in settings.integrator_dials:
        raise UsageError(
            "power-law noise without heat along the curve has no stationary distribution except its end point",
            "noise with heat along the curve",
            "give -i tangential above 0, or leave it out",
        )
    heat = rounded(float(np.ptp(theory.surfaces.law_of(law).potential(curve.curvatures))) / 2)
    integrator = power_law(law.exponent, heat)
    return integrator, replace(law, heat=heat)


def _defaults(
    case: Case, law: StepLaw, curve: theory.surfaces.SurfaceCurve, settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration: the looseness that the laws allow, and long enough for relaxation."""
    radian = (curve.length / (2 * math.pi)) ** 2
    loose = theory.surfaces.looseness(curve, theory.surfaces.uneven_variance(curve, law))
    if law.across:
        theta = settings.temperature or rounded(LOOSENESS / loose)
        dt = settings.dt or STABLE_STEP / max(case.landscape.stiffness(theta), float(curve.curvatures.max()))
        slowest = law.heat
    else:
        theta = settings.temperature or TEMPERATURE
        dt = settings.dt or LOOSENESS / (2 * theta * loose)
        slowest = float(theory.surfaces.uneven_variance(curve, law).min())
    return theta, dt, settings.horizon or min(RELAXATIONS * radian / (theta * slowest), MOST_STEPS * dt)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    landscape, curve = setting.case.landscape, closed_curve_of(setting.case.landscape)
    assert curve is not None
    settles = f"{trajectory.meta['integrator']} should settle in the law {curves[0].name!r}" if curves else ""
    line = f"a curve of length {curve.length:.6g}; {settles}"
    if landscape.facts.profile is not None:
        states: FloatArray = np.zeros_like(trajectory.states)
        states[..., 0] = trajectory.states[..., 0] % curve.length
        trajectory = replace(trajectory, states=states)
    return shares_answer(f"Law along the {landscape.name}, uneven noise", line, curve, curves, trajectory)


uneven_noise = Question(
    name="law of uneven noise",
    summary="Shares of time along a closed curve or a valley under noise that changes with the stiffness.",
    applies_to="a closed curve or a valley whose stiffness changes, in motion whose noise changes with it",
    rank=30,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: f"no law of uneven noise is known for {case.dynamics.name} motion",
)
