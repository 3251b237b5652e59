"""Where does a walk settle on a surface? The means of known functions at the end of a long run.

Motion in the loss has a width around the set: its walkers are first moved onto the set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import kick_variance, rounded, steps_in, walk
from langevin.experiment.settled import as_one, moments_answer, settled
from langevin.landscapes.starts import usual_point
from langevin.measure.walkers import sound
from langevin.theory.surfaces.change import looseness_at
from langevin.theory.surfaces.geometry import places_about, surface_shape
from langevin.theory.surfaces.laws import law_of
from langevin.types import Case, Curve, Integrator, Landscape, Setting, StepLaw, Trajectory

WALKERS = 16_000
#: Default temperature of projected motion; it only sets the unit of time.
TEMPERATURE = 0.1
#: Defaults: looseness and dt x stiffness of motion with a width, duration in |x_0|^2 / theta.
LOOSENESS, STABLE_STEP, DURATION = 0.02, 0.2, 2.0
#: Duration in units of the relaxation time of coordinates, if it is known.
RELAXATIONS = 8.0
LEAST_STEPS = 200


def _applies(case: Case) -> bool:
    """A surface with known moments, and thermal noise along it."""
    spreads = case.law is not None and case.law.heat > 0
    return case.landscape.is_surface and bool(case.landscape.facts.moments) and spreads and not case.watched


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    assert case.law is not None
    theta, dt, duration = _defaults(case, case.law, integrator, settings)
    steps = steps_in(duration, dt, least=2)
    return walk(case, integrator, settings, theta, dt, steps=steps, every=steps // 2, walkers=WALKERS)


def _defaults(
    case: Case, law: StepLaw, integrator: Integrator, settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration: the looseness that the law allows, and long enough for relaxation."""
    landscape, decay = case.landscape, case.landscape.facts.decay
    start = usual_point(landscape)
    shapes, speed = [surface_shape(landscape, place) for place in places_about(landscape)], law.heat
    if law.across:
        loose = max(looseness_at(shape, law_of(law), 1.0) for shape in shapes)
        theta = settings.temperature or (rounded(LOOSENESS / loose) if loose > 0 else TEMPERATURE)
        usual = STABLE_STEP / landscape.stiffness(theta)
    else:
        speed *= float(shapes[0].curvatures.mean() ** law.uneven_power)
        theta = settings.temperature or TEMPERATURE / speed
        sharpest = min(shape.length for shape in shapes)
        usual = kick_variance(integrator, case.landscape) * sharpest**2 / (2.0 * theta * speed)
    size = float(start @ start)
    duration = DURATION * size if decay is None else RELAXATIONS / decay
    time = settings.horizon or duration / (theta * speed)
    return theta, settings.dt or min(usual, time / LEAST_STEPS), time


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """The known moments at the end of a run, compared with the moments of the law of its step."""
    landscape, law = setting.case.landscape, setting.case.law
    if law is not None and law.across:
        trajectory = _brought_back(trajectory, landscape)
    measured = as_one(
        {f"E {moment.name}": settled(trajectory, moment.function) for moment in landscape.facts.moments}
    )
    end, motion = trajectory.duration, setting.case.dynamics.name
    title = (
        f"Law on the {landscape.name}, {motion} motion, theta = {setting.temperature:g}, dt = {setting.dt:.3g}, "
        f"t = {end:.3g}"
    )

    return moments_answer(title, setting.temperature, measured, curves)


def _brought_back(trajectory: Trajectory, landscape: Landscape) -> Trajectory:
    """First, middle and last frame of a run with a width, moved to the points where the gradient flow ends.

    The laws describe these points. A moment of the states themselves has an error from the width, which grows with the
    degree of the moment.
    """
    middle = int(np.abs(trajectory.times - trajectory.times[-1] / 2).argmin())
    frames = sorted({0, middle, len(trajectory.times) - 1})
    states, keep = np.array(trajectory.states[:, frames]), sound(trajectory).keep
    points = states[keep]
    states[keep] = theory.surfaces.on_surface(landscape, points.reshape(-1, landscape.dim)).reshape(
        points.shape
    )
    return replace(
        trajectory,
        times=trajectory.times[frames],
        steps=trajectory.steps[frames],
        states=states,
        observables={name: values[:, frames] for name, values in trajectory.observables.items()},
    )


moments = Question(
    name="moments",
    summary="Stationary means of known functions on a surface.",
    applies_to="a surface with known moments, in motion with thermal noise along it",
    rank=80,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: f"no moment of the law of this step is known on {case.landscape.name}",
    needs_theory=True,
)
