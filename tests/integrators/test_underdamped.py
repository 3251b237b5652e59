"""Motion with inertia: its law of x and of v at coarse steps, its diffusion on the clock of the overdamped limit."""

import math

import numpy as np
import pytest

from langevin import Problem, potentials, simulate
from langevin.errors import UsageError
from langevin.integrators import underdamped

#: The steps here are coarse on purpose.
pytestmark = [
    pytest.mark.statistical,
    pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning"),
]
WALKERS, THETA, FRICTION = 100_000, 0.3, 2.0
#: A well that is so weak that it has no effect: its rate is 1e-6.
FLAT = 1e-6


@pytest.mark.parametrize("dt", [0.2, 0.8])
def test_the_variance_in_a_quadratic_well_is_exact_at_a_coarse_step(dt):
    """theta / k within 4 standard errors, 2 %; Euler-Maruyama's theta / (k (1 - k dt / 2)) is more than 15 away."""
    run = simulate(
        Problem(potentials.quadratic(), THETA), underdamped(FRICTION), walkers=WALKERS, steps=round(40 / dt), dt=dt,
        seed=2,
    )  # fmt: skip
    ratio = (run.states[:, -1, 0] ** 2).mean() / THETA
    error = math.sqrt(2.0 / WALKERS)
    assert abs(ratio - 1.0) < 4.0 * error
    assert abs(ratio - 1.0 / (1.0 - 0.5 * dt)) > 15.0 * error


def displacement(time):
    """E (x(t) - x(0))^2 of free motion with a stationary velocity (Ornstein 1930), on the overdamped clock."""
    inertia = FRICTION**-2
    return 2.0 * THETA * (time + inertia * np.expm1(-time / inertia))


def test_free_motion_spreads_as_overdamped_motion_in_the_long_run():
    """The displacement agrees at all times, also ballistic ones, within 4 standard errors; with the kinetic clock not.

    Steps are a tenth of the correlation time, with an error below 0.1 % of the displacement.
    """
    run = simulate(
        Problem(potentials.quadratic(stiffness=FLAT), THETA), underdamped(FRICTION), walkers=WALKERS, steps=400,
        dt=0.025, every=8, seed=3,
    )  # fmt: skip
    moved, times = (run.states[:, 1:, 0] ** 2).mean(axis=0), run.times[1:]
    error = math.sqrt(2.0 / WALKERS)
    assert (abs(moved / displacement(times) - 1.0) < 4.0 * error).all()
    assert (abs(moved / displacement(times * FRICTION) - 1.0) > 20.0 * error).all()
    assert abs(moved[-1] / (2.0 * THETA * times[-1]) - 1.0) < 0.03


def test_the_long_run_is_exact_at_steps_longer_than_the_memory():
    """dt is four correlation times: 2 theta dt n after n steps, up to one step; with exp(-gamma h) it is double."""
    run = simulate(
        Problem(potentials.quadratic(stiffness=FLAT), THETA), underdamped(FRICTION), walkers=WALKERS, steps=400,
        dt=1.0, seed=4,
    )  # fmt: skip
    ratio = (run.states[:, -1, 0] ** 2).mean() / (2.0 * THETA * 400.0)
    assert abs(ratio - 1.0) < 4.0 * math.sqrt(2.0 / WALKERS) + 1.0 / 400.0
    drag = 0.5 * FRICTION**2  # gamma h / 2
    assert drag / math.tanh(drag) > 2.0


def test_the_first_velocity_is_drawn_from_its_law():
    """Steps are so short that friction has no effect: x = h v with v ~ N(0, theta), and the next step uses this v."""
    dt = 1e-4
    run = simulate(
        Problem(potentials.quadratic(stiffness=FLAT), THETA), underdamped(FRICTION), walkers=WALKERS, steps=2, dt=dt,
        every=1, seed=5,
    )  # fmt: skip
    speed = np.diff(run.states[:, :, 0], axis=1) / (FRICTION * dt)
    assert abs((speed[:, 0] ** 2).mean() / THETA - 1.0) < 4.0 * math.sqrt(2.0 / WALKERS)
    assert np.corrcoef(speed.T)[0, 1] > 0.999


def test_an_unstable_step_is_refused_by_its_own_limit():
    """h^2 a < 4 with h = friction dt: dt x a < 2 sqrt(a) / friction."""
    problem = Problem(potentials.quadratic(stiffness=4.0), 1.0)
    with pytest.raises(UsageError, match=r"must stay below 2; use dt <= 0.05"):
        simulate(problem, underdamped(2.0), walkers=2, steps=2, dt=0.5, seed=1)
    with pytest.raises(UsageError, match=r"must stay below 4; use dt <= 0.1"):
        simulate(problem, underdamped(1.0), walkers=2, steps=2, dt=1.0, seed=1)


@pytest.mark.parametrize(("part", "grows"), [(0.99, False), (1.01, True)])
def test_the_largest_stable_step(part, grows):
    """The kernel in plain Python, without noise."""
    well, one = potentials.quadratic(stiffness=9.0), underdamped(0.5)
    dt = part * one.stability_at(9.0) / 9.0
    x, memory, still = np.ones((1, 1)), np.zeros((one.memory_rows(well), 1)), np.zeros((1, 1))
    step, work = one.build(well), np.empty((one.work_rows(well), 1))
    for _ in range(2000):
        step(x, still, still, work, memory, np.zeros(1), dt, 1.0, well.parameters)
    assert (abs(x[0, 0]) > 1.0) == grows


@pytest.mark.parametrize("bad", [0.0, -1.0, 1e7, math.nan, math.inf])
def test_a_friction_out_of_range_is_refused(bad):
    with pytest.raises(UsageError, match="friction must be from 1e-6 to 1e6"):
        underdamped(bad)
