"""A horizon is a sum of step lengths, also for steps of different lengths; theories and checks of the step use it."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import manifolds
from langevin.comparison.verdict import EXCLUDED
from langevin.errors import UsageError
from langevin.experiment.answering import _mean_step, answered
from langevin.experiment.live_question import run as ask
from langevin.experiment.question import Settings
from langevin.experiment.question_walk import steps_until
from langevin.types import Problem, StepSchedule

THETA, DT, HORIZON = 0.5, 1e-3, 0.05
SETTINGS = Settings(seed=1, temperature=THETA, dt=DT, horizon=HORIZON, dynamics="projected", walkers=1000)


def falling(steps):
    return (1 + steps / 20) ** -0.5


def test_a_horizon_is_reached_by_the_fewest_steps():
    for time, dt in ((HORIZON, DT), (2.0, 1e-3), (DT, DT)):
        count = steps_until(time, dt, falling)
        assert dt * falling(np.arange(count)).sum() >= time * (1 - 1e-9)
        assert dt * falling(np.arange(count - 1)).sum() < time
    assert steps_until(0.05, 1e-3, np.ones_like) == 50
    halved = steps_until(HORIZON, DT / 2, lambda steps: falling(steps // 2))
    assert halved in (2 * steps_until(HORIZON, DT, falling) - 1, 2 * steps_until(HORIZON, DT, falling))


def test_a_schedule_that_never_gets_there_is_refused():
    with pytest.raises(UsageError, match="add up to the time"):
        steps_until(1.0, 1e-3, lambda steps: (1 + steps / 20.0) ** -3)


@pytest.mark.statistical
def test_forgetting_under_a_schedule_agrees_at_the_true_times():
    """Five times at a family-wise level of 5 %; with times of mean step x steps the law is excluded."""
    report = ask(manifolds.sphere, {}, replace(SETTINGS, schedule=falling, walkers=4000))
    run = report.trajectory
    assert run.times[-1] == pytest.approx(HORIZON, abs=DT)
    assert EXCLUDED not in {row.verdict for row in report.comparisons}
    wrong = replace(run, times=np.linspace(0, run.times[-1], len(run.times)))
    wrong = answered(manifolds.sphere(), replace(wrong, meta={**wrong.meta, "schedule": False}))
    assert max(abs(row.z) for row in wrong.comparisons) > 8


def test_the_check_of_the_step_halves_every_step():
    report = ask(manifolds.sphere, {}, replace(SETTINGS, schedule=falling, check_dt=True))
    assert report.record["step_bias"]


def test_a_run_that_goes_on_is_answered_for_its_own_time():
    """It starts at the last states of a first run, all at one point here: the law uses the time since then."""
    place = manifolds.sphere()
    problem = Problem(place, THETA, "projected")
    first = langevin.simulate(problem, walkers=4000, steps=1, dt=DT, seed=2)
    there = replace(first, states=np.broadcast_to(first.states[:1, :1], first.states.shape))
    late = langevin.simulate(problem, steps=50, dt=DT, start=there, every=10)
    assert late.times[0] == DT
    assert late.duration == pytest.approx(50 * DT)
    assert EXCLUDED not in {row.verdict for row in answered(place, late).comparisons}
    steps = StepSchedule(DT, falling)
    scheduled = langevin.simulate(problem, walkers=3, steps=40, dt=steps, every=1, seed=1)
    lengths = np.diff(scheduled.times)
    assert _mean_step(scheduled) == pytest.approx((lengths**2).sum() / lengths.sum())
