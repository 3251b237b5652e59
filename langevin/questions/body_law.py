"""Where does a walk settle in a body without a target? Means of the coordinates at the end of a long run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import steps_in, walk
from langevin.experiment.settled import as_one, moments_answer, settled
from langevin.landscapes.closed_forms import power_of
from langevin.types import Case, Curve, FloatArray, Integrator, Setting, Trajectory

WALKERS = 4000
#: Default standard deviation of a step over the size of the body: the shortest side of its box, or 1.
STEP = 0.05
#: Default duration in relaxation times if the slowest rate is known, otherwise in size^2 / theta.
RELAXATIONS, DURATION = 8.0, 4.0
#: Number of coordinates whose means are shown.
SHOWN = 3


def _applies(case: Case) -> bool:
    return case.landscape.is_body and not case.watched


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    facts, theta = case.landscape.facts, settings.temperature or 1.0
    box, rate = facts.box, facts.relaxation_rate
    size = 1.0 if box is None else min(high - low for low, high in zip(box.lower, box.upper))
    dt = settings.dt or (STEP * size) ** 2 / (2.0 * theta)
    usual = DURATION * size**2 / theta if rate is None else RELAXATIONS / (rate * theta)
    steps = steps_in(settings.horizon or usual, dt, least=2)
    return walk(case, integrator, settings, theta, dt, steps=steps, every=steps // 2, walkers=WALKERS)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    landscape, end = setting.case.landscape, float(trajectory.times[-1])
    functions: dict[str, Callable[[FloatArray], FloatArray]] = {
        f"E x_{i + 1}": power_of(i, 1) for i in range(min(SHOWN, landscape.dim))
    }
    functions["E |x|^2"] = lambda states: (states**2).sum(axis=1)
    measured = as_one({name: settled(trajectory, function) for name, function in functions.items()})
    title = f"Law in the body {landscape.name}, theta = {setting.temperature:g}, dt = {setting.dt:.3g}, t = {end:.3g}"
    return moments_answer(title, setting.temperature, measured, curves)


def _without_theory(case: Case) -> str:
    name, target = case.landscape.name, case.landscape.target
    why = (
        f"{name} has no target whose time could be measured"
        if target is None
        else f"no target of {name} was watched"
    )
    return f"{why}; walkers settle in its uniform law, of which no mean is known"


body_law = Question(
    name="law in a body",
    summary="Stationary means of the coordinates in a body without a target.",
    applies_to="a body without a target",
    rank=110,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=_without_theory,
)
