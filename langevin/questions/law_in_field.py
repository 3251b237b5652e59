"""Where is a walk after a long time in a field, on a surface or in a body? Stationary means of U and of coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import FIELD_STEP, field_step, kick_variance, steps_in, walk
from langevin.experiment.settled import as_one, moments_answer, settled
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.theory.surfaces.generator import coordinates_of
from langevin.theory.surfaces.geometry import places_about, surface_shape
from langevin.types import Case, Curve, FloatArray, Integrator, Setting, Trajectory

WALKERS = 4000
#: Default temperature: walkers see a field of the size of 1 over a length of 1.
TEMPERATURE = 1.0
#: Default standard deviation of a step in a body over its size, and duration in size^2 / theta.
STEP, DURATION = 0.03, 4.0
#: Default variance of a kick over the square of the length of change, and dt x curvature of U, of steps of exact law.
COARSE, COARSE_FIELD = 0.1, 0.3


def _applies(case: Case) -> bool:
    """A field, and motion with heat along the set."""
    landscape = case.landscape
    spreads = landscape.is_body or (case.law is not None and case.law.heat > 0)
    return landscape.field is not None and spreads and not case.watched


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    landscape, theta = case.landscape, settings.temperature or TEMPERATURE
    if landscape.is_body:
        box = landscape.facts.box
        sides = [1.0] if box is None else [high - low for low, high in zip(box.lower, box.upper)]
        size, usual = max(sides), (STEP * min(sides)) ** 2 / (2.0 * theta)
    else:
        start = usual_point(landscape)
        size = float(np.linalg.norm(start)) or 1.0
        exact = case.law is not None and case.law.exact
        variance = COARSE if exact else kick_variance(integrator, landscape)
        usual = variance * surface_shape(landscape, start).length ** 2 / (2.0 * theta)
    if case.dynamics.descends(landscape) and not landscape.is_body:
        usual = min(usual, STEP / landscape.stiffness(theta))
    finest = COARSE_FIELD if case.law is not None and case.law.exact else FIELD_STEP
    dt = settings.dt or field_step(usual, landscape, theta, finest)
    steps = steps_in(settings.horizon or DURATION * size**2 / theta, dt, least=2)
    begin = None if landscape.is_body else partial(_one_of, places_about(landscape))
    return walk(
        case, integrator, settings, theta, dt,
        steps=steps, every=max(1, steps // 2), walkers=WALKERS, start=begin,
    )  # fmt: skip


def _one_of(places: FloatArray, uniforms: FloatArray, temperature: float) -> FloatArray:
    """Starts all over a surface: walkers that stay in the valley of their start then keep the mean from settling."""
    chosen: FloatArray = places[(uniforms[:, 0] * len(places)).astype(np.int64)]
    return chosen


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    landscape, field = setting.case.landscape, setting.case.landscape.field
    assert field is not None
    functions: dict[str, Callable[[FloatArray], FloatArray]] = {
        "E U": lambda states: evaluate(field, "value", states),
        **{f"E {name}": function for name, function in coordinates_of(landscape).items()},
    }
    measured = as_one({name: settled(trajectory, function) for name, function in functions.items()})
    where = "in" if landscape.is_body else "on"
    title = (
        f"Law {where} the {landscape.name}, {setting.case.dynamics.name} motion, theta = {setting.temperature:g}, "
        f"dt = {setting.dt:.3g}, t = {trajectory.duration:.3g}"
    )
    spreads = {
        name: one.error * math.sqrt(one.n) for name, one in measured.items() if 0.0 < one.error < math.inf
    }
    return moments_answer(title, setting.temperature, measured, curves, spreads)


def _without_theory(case: Case) -> str:
    name, law = case.landscape.name, case.law
    if case.landscape.is_body:
        return f"no theory gives the means in {name}: they are known in boxes under a constant force"
    if law is not None and law.across:
        return f"{case.dynamics.name} motion has a width about {name}; projected motion keeps to the surface"
    known = "spheres, curves that are closed or end at walls, and closed surfaces of two dimensions"
    return f"no theory gives the means on {name}: they are known on {known}"


law_in_field = Question(
    name="law in a field",
    summary="Stationary means of the potential and of coordinates in a field on a surface or in a body.",
    applies_to="a surface or body in a field, without a target",
    rank=25,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=_without_theory,
)
