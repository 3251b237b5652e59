"""Several targets, and walkers that touch one within a step: Brownian motion between two absorbing walls."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin.errors import UsageError

LENGTH, START, THETA, DT = 1.0, 0.3, 1.0, 4e-3
WALKERS = 20_000


def nothing(x, out, parameters):
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = 0.0


def flat(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.0


def left(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = x[0, lane]


def right(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 1.0 - x[0, lane]


def leave(correction, targets=(left, right), dt=DT):
    free = langevin.potentials.potential(flat, nothing, dim=1, start=np.array([START]), stiffness=0.0)
    problem = langevin.Problem(replace(free, target=targets), THETA)
    stop = langevin.Stop(correction=correction)
    return langevin.simulate(
        problem, walkers=WALKERS, steps=100_000, dt=dt, seed=3, stop=stop, watch=langevin.Watch(threads=1)
    )


def z(sample, exact):
    return (sample.mean() - exact) / (sample.std() / np.sqrt(sample.size))


@pytest.mark.parametrize("correction", ["bridge", "shift"])
def test_exit_time_and_side_are_those_of_the_continuous_path(correction):
    """E T = a (L - a) / (2 theta) and P(right) = a / L (Redner 2001, section 2.2); an arrival by a bridge is noted at
    the end of its step, on average half a step late."""
    run = leave(correction)
    late = 0.5 * DT if correction == "bridge" else 0.0
    assert abs(z(run.events["time"], START * (LENGTH - START) / (2 * THETA) + late)) < 4
    assert abs(z(run.events["target"] == 1, START / LENGTH)) < 4
    assert set(run.events["target"]) == {0, 1}


def test_watching_step_ends_only_is_caught():
    exact = START * (LENGTH - START) / (2 * THETA)
    assert z(leave("none").events["time"], exact + 0.5 * DT) > 20


def test_one_target_of_a_tuple_is_one_target():
    alone = leave("bridge", targets=(left,), dt=0.05)
    assert set(alone.events["target"]) <= {0, -1}


def test_censored_walkers_reached_no_target():
    run = leave("bridge")
    assert (run.events["target"] >= 0).all()
    problem = langevin.Problem(replace(langevin.potentials.double_well(), target=(left, right)), 0.1)
    short = langevin.simulate(problem, walkers=50, steps=3, dt=1e-3, seed=1, stop=langevin.Stop(horizon=1e-3),
                              start=langevin.Start(np.array([0.5]), first_step=0))  # fmt: skip
    assert (short.events["target"] == -1).all()
    assert short.counts["censored"] == 50


def test_the_bridge_is_refused_where_steps_are_not_free():
    problem = langevin.Problem(langevin.manifolds.cube(2), 1.0, "reflected")
    with pytest.raises(UsageError, match="bridge"):
        langevin.simulate(problem, langevin.integrators.variable_step(), walkers=10, steps=10, dt=1e-3,
                          stop=langevin.Stop(correction="bridge"))  # fmt: skip
