"""How fast does a walk spread in a loss that does not confine? Its diffusion at long times, and stationary means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from langevin.experiment.late_times import slow_note, slowed_share, with_late_times
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import steady, steps_in, walk
from langevin.experiment.settled import LONGER, moments_answer, settled
from langevin.experiment.time_scales import slowing
from langevin.measure import late_diffusion
from langevin.measure.walkers import joined
from langevin.types import Case, Curve, Integrator, Measurement, Setting, Trajectory

WALKERS = 4000
#: Default dt x largest curvature, and duration in units of the time in which a walker crosses a period.
STEP, PERIODS = 0.005, 4.0
#: Frames, evenly spaced: the growth of the last quarter is measured.
FRAMES = 4
MOST_STEPS = 4_000_000
#: Name of the diffusion coefficient; the other quantities are means of known functions.
DIFFUSION = "D of a coordinate"


def _applies(case: Case) -> bool:
    return case.landscape.facts.spread is not None and not case.watched


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    spread = case.landscape.facts.spread
    assert spread is not None
    theta = settings.temperature or 1.0
    curvature = case.landscape.stiffness(theta)
    dt = settings.dt or steady(STEP / curvature, integrator, case.landscape, theta)
    usual = PERIODS * spread.period**2 / (2.0 * spread.diffusion(theta)) * slowing(case.inertia, curvature)
    time = settings.horizon or min(usual, MOST_STEPS * dt)
    every = max(1, math.ceil(steps_in(time, dt) / FRAMES))
    return walk(case, integrator, settings, theta, dt, steps=FRAMES * every, every=every, walkers=WALKERS)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """D from the last quarter of the run, and the known means at its end."""
    landscape, theta = setting.case.landscape, setting.temperature
    measured = {DIFFUSION: _late(setting, trajectory)}
    measured |= {
        f"E {moment.name}": settled(trajectory, moment.function) for moment in landscape.facts.moments
    }
    end = float(trajectory.times[-1])
    title = f"Spreading in {landscape.name}, theta = {theta:g}, dt = {setting.dt:.3g}, t = {end:.3g}"
    slow = slowed_share(setting, trajectory)
    means = [curve for curve in curves if curve.quantity != DIFFUSION]
    spreads = with_late_times([curve for curve in curves if curve.quantity == DIFFUSION], slow)
    answer = moments_answer(title, theta, measured, [*spreads, *means])
    return replace(answer, notes=[*answer.notes, slow_note(slow)])


def _late(setting: Setting, trajectory: Trajectory) -> Measurement:
    """D at the end of a run; `mixed` is False if walkers have not crossed a period (not yet the long-time value)."""
    found, spread = late_diffusion(trajectory), setting.case.landscape.facts.spread
    assert spread is not None
    needed = spread.period**2 / (2.0 * spread.diffusion(setting.temperature))
    if trajectory.duration >= needed:
        return found
    note = f"a walker takes about {needed:.3g} for a period; {LONGER}"
    return replace(found, mixed=False, note=joined(found.note, note))


spreading = Question(
    name="spreading",
    summary="Diffusion after a long time in a periodic loss, which has no stationary law.",
    applies_to="a periodic loss without a target",
    rank=95,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: f"no law of the spreading in {case.landscape.name} is known",
    quantity=DIFFUSION,
)
