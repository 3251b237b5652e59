"""A schedule of step lengths: its times, its exact variance, its refusals."""

import numpy as np
import pytest

from langevin import integrators, manifolds, potentials, simulate
from langevin.errors import UsageError
from langevin.types import Problem, StepSchedule, Stop, Watch

DT, STEPS = 0.8 / 2.0, 40


def decaying(steps):
    return (1.0 + steps) ** -0.6


def run(**changes):
    settings = {"walkers": 200, "steps": STEPS, "dt": StepSchedule(DT, decaying), "seed": 3} | changes
    return simulate(Problem(potentials.quadratic(), 1.0), **settings)


def test_times_are_sums_of_the_steps():
    trajectory = run(every=5)
    lengths = DT * decaying(np.arange(STEPS))
    assert trajectory.times == pytest.approx([lengths[:step].sum() for step in trajectory.steps], rel=1e-14)
    assert trajectory.events["time"] == pytest.approx(np.full(200, lengths.sum()))


def test_a_constant_schedule_is_none():
    assert np.array_equal(run(dt=StepSchedule(DT, np.ones_like)).states, run(dt=DT).states)


def test_bits_do_not_depend_on_threads_or_frames():
    states = [
        run(watch=Watch(threads=threads), every=every).states[:, -1]
        for threads, every in ((1, None), (2, None), (1, 7))
    ]
    assert np.array_equal(states[0], states[1])
    assert np.array_equal(states[0], states[2])


@pytest.mark.statistical
def test_the_variance_follows_its_recursion_and_not_that_of_one_step():
    """Exact for Euler-Maruyama on x^2 / 2: V <- (1 - h)^2 V + 2 theta h with the h of each step."""
    walkers = 200_000
    variance = run(walkers=walkers).states[:, -1, 0].var()

    def recursion(lengths):
        expected = 0.0
        for length in lengths:
            expected = (1.0 - length) ** 2 * expected + 2.0 * length
        return expected

    error = variance * np.sqrt(2.0 / walkers)
    assert abs(variance - recursion(DT * decaying(np.arange(STEPS)))) < 4.0 * error
    assert abs(variance - recursion(np.full(STEPS, DT))) > 20.0 * error


@pytest.mark.parametrize(
    "factors",
    [
        lambda steps: 2.0 + 0.0 * steps,
        lambda steps: 0.0 * steps,
        lambda steps: 1.0,
        lambda steps: steps * np.nan,
    ],
)
def test_factors_out_of_range_are_refused(factors):
    with pytest.raises(UsageError, match="above 0 and at most 1"):
        run(dt=StepSchedule(DT, factors))


def test_a_schedule_and_a_target_do_not_go_together():
    with pytest.raises(UsageError, match="drop one"):
        simulate(
            Problem(potentials.double_well(), 1.0),
            walkers=2,
            steps=9,
            dt=StepSchedule(1e-3, decaying),
            seed=1,
            stop=Stop(),
        )
    with pytest.raises(UsageError, match="drop one"):
        simulate(
            Problem(manifolds.cube(2), 1.0, "reflected"), integrators.variable_step(), walkers=2, steps=9,
            dt=StepSchedule(1e-3, decaying), seed=1,
        )  # fmt: skip
