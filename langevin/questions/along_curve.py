"""Where does a walk settle along a curve? The fractions of time in its quarters, flattest to stiffest, and rival laws.

The curve is any one-dimensional surface that is closed or ends at walls, also a user-defined one: its length and its
Hessian are computed from residual and Jacobian. The step decides which law is valid, not the curve.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from langevin import theory
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import rounded, steps_in, walk
from langevin.experiment.settled import shares_answer
from langevin.theory.surfaces.cached import curve_of
from langevin.types import Case, Curve, Integrator, Setting, StepLaw, Trajectory

#: Few walkers for a long time: each of them shows whether it has mixed. With the default looseness they are enough to
#: exclude an error of 10 % in the fraction of a quarter.
WALKERS = 400
#: Default temperature of projected motion; it only sets the unit of time.
TEMPERATURE = 0.1
#: Defaults: looseness (`theory.surfaces.looseness`), dt x stiffness of soft motion, duration in
#: (length / 2 pi)^2 / theta.
LOOSENESS, STABLE_STEP, RELAXATIONS = 0.015, 0.4, 80.0
#: Default of the largest number of steps, and number of frames, evenly spaced.
MOST_STEPS, FRAMES = 4_000_000, 80
#: Smallest number of frames, so that the second half of the run has enough for fractions of time.
LEAST_FRAMES = 8


def _applies(case: Case) -> bool:
    """A curve that can be traced, and a step that spreads evenly along it."""
    law, landscape = case.law, case.landscape
    if law is None or law.heat == 0 or case.watched or landscape.facts.profile is not None:
        return False
    curve = curve_of(landscape)
    return curve is not None and (not law.uneven_power or theory.surfaces.is_even(curve))


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    """Let walkers move around the curve until their states no longer depend on the start."""
    curve, law = curve_of(case.landscape), case.law
    assert curve is not None and law is not None
    theta, dt, duration = _defaults(case, law, curve, settings)
    every = max(1, math.ceil(steps_in(duration, dt) / FRAMES))
    return walk(
        case, integrator, settings, theta, dt, steps=FRAMES * every, every=every, walkers=WALKERS, least=LEAST_FRAMES
    )  # fmt: skip


def _defaults(
    case: Case, law: StepLaw, curve: theory.surfaces.SurfaceCurve, settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration: the looseness that the laws allow, and long enough to go around several times."""
    speed = law.heat * float(curve.curvatures.mean() ** law.uneven_power)
    if law.across:
        softest = curve.curvatures[:, 0] ** (law.exponent - 1)
        theta = settings.temperature or rounded(LOOSENESS / theory.surfaces.looseness(curve, softest))
        dt = settings.dt or STABLE_STEP / max(case.landscape.stiffness(theta), float(curve.curvatures.max()))
    else:
        theta = settings.temperature or TEMPERATURE
        dt = settings.dt or LOOSENESS / (2 * theta * speed * theory.surfaces.looseness(curve, 1.0))
    turn = (curve.length / (2 * math.pi if curve.closed else math.pi)) ** 2 / (theta * speed)
    return theta, dt, settings.horizon or min(RELAXATIONS * turn, MOST_STEPS * dt)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    landscape, curve = setting.case.landscape, curve_of(setting.case.landscape)
    assert curve is not None
    kind = "closed" if curve.closed else "between walls"
    settles = f"{trajectory.meta['integrator']} should settle in the law {curves[0].name!r}" if curves else ""
    even = "; det J J^T is the same all along, so the laws are one" if theory.surfaces.is_even(curve) else ""
    line = f"a curve of length {curve.length:.6g}, {kind}; {settles}{even}"
    title = f"Law along the {landscape.name}, {setting.case.dynamics.name} motion"
    return shares_answer(title, line, curve, curves, trajectory)


along_curve = Question(
    name="law along the curve",
    summary="Shares of time in parts of a curve, closed or between walls, that differ in stiffness.",
    applies_to="a curve that is closed or lies between walls, in motion with thermal noise along it",
    rank=60,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: (
        f"no stationary distribution is known for {case.dynamics.name} motion along a curve"
    ),
)
