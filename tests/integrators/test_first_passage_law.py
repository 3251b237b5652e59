"""First passage in one dimension: the mean time from a uniform start is L^2 (1 - eps)^3 / (3 theta)."""

import math
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import Stop
from langevin.integrators import reflected, variable_step
from langevin.manifolds import cube, sphere

pytestmark = pytest.mark.statistical
FRACTION, SIDE, THETA, DT = 0.25, 1.3, 0.6, 1e-3
EXACT = SIDE**2 * (1 - FRACTION) ** 3 / (3 * THETA)


def passage(integrator, correction="shift", theta=THETA, dt=DT, walkers=100_000, dim=1, seed=3):
    """Mean first-passage time and its standard error, after all walkers have arrived."""
    problem = langevin.Problem(cube(dim, fraction=FRACTION, side=SIDE), theta, "reflected")
    run = langevin.simulate(
        problem, integrator, walkers=walkers, steps=10**7, dt=dt, seed=seed, stop=Stop(correction)
    )
    assert run.counts["hit"] == walkers
    times = run.events["time"]
    return times.mean(), times.std() / math.sqrt(walkers)


def score(integrator, **changes):
    mean, error = passage(integrator, **changes)
    return (mean - EXACT) / error


@pytest.mark.parametrize("integrator", [reflected(), variable_step()], ids=lambda i: i.name)
def test_mean_time_with_the_shift_and_not_without(integrator):
    """Within 4 standard errors of 0.4 %; without the shift it is 6 % late; 5 % more heat is detected."""
    assert abs(score(integrator)) < 4
    assert score(integrator, correction="none") > 6
    assert score(integrator, theta=1.05 * THETA) < -6


def test_fixed_and_variable_steps_agree_towards_a_corner():
    """Two dimensions, other noise: independent means, 4 combined standard errors."""
    fixed, fixed_error = passage(reflected(), walkers=20_000, dim=2)
    free, free_error = passage(variable_step(), walkers=20_000, dim=2, seed=4)
    assert abs(fixed - free) < 4 * math.hypot(fixed_error, free_error)


def test_variable_steps_take_far_fewer():
    problem = langevin.Problem(cube(dim=1, fraction=0.05), 1.0, "reflected")
    steps = [
        langevin.simulate(problem, law, walkers=2000, steps=10**7, dt=1e-5, seed=1, stop=Stop()).events[
            "step"
        ]
        for law in (reflected(), variable_step())
    ]
    assert np.median(steps[0]) > 10 * np.median(steps[1])


def test_the_shift_is_siegmunds_constant_times_the_step():
    """-zeta(1/2) / sqrt(2 pi); zeta(1/2) from 1 - 2^(-1/2) + ... = (1 - sqrt(2)) zeta(1/2) by Euler's means."""
    terms = np.array([(-1) ** n / math.sqrt(n + 1) for n in range(60)]).cumsum()
    for _ in range(40):
        terms = (terms[1:] + terms[:-1]) / 2
    half = terms[-1] / (1 - math.sqrt(2))
    problem = langevin.Problem(cube(dim=1), 2.0, "reflected")
    run = langevin.simulate(problem, walkers=1, steps=1, dt=1e-4, seed=1, stop=Stop())
    assert run.meta["target_shift"] == pytest.approx(-half / math.sqrt(2 * math.pi) * 0.02, rel=1e-9)


BORDER = -0.5


def cap(x, out, parameters):
    """Distance along the unit sphere, at the border, to the cap x_0 < -1/2."""
    for lane in range(x.shape[1]):
        out[lane] = (x[0, lane] + 0.5) / math.sqrt(0.75)


def height(x, out, parameters):
    """Distance in space, whose gradient along the sphere is shorter."""
    for lane in range(x.shape[1]):
        out[lane] = x[0, lane] + 0.5


def times_to(target, correction):
    problem = langevin.Problem(replace(sphere(3), target=target), 1.0, "projected")
    run = langevin.simulate(problem, walkers=20_000, steps=10**6, dt=1e-3, seed=1, stop=Stop(correction))
    assert run.counts["hit"] == 20_000
    return run.events["time"]


def test_the_mean_time_to_a_cap_of_a_sphere():
    """The time is log(2 / (1 + h)) from the opposite pole to the height h, by the generator theta d/dh (1 - h^2) d/dh.

    Within 4 standard errors of 0.5 %, to which the step of 1e-3 adds 0.3 %; without the shift it is 3 % late.
    """
    exact = math.log(2.0 / (1.0 + BORDER))
    shifted, plain = times_to(cap, "shift"), times_to(cap, "none")
    error = shifted.std() / math.sqrt(shifted.size)
    assert abs(shifted.mean() - exact) < 4 * error
    assert plain.mean() - exact > 5 * error


@pytest.mark.slow
def test_the_shift_takes_a_target_for_a_distance_along_the_surface():
    """A shift too wide by 1 / sqrt(0.75) makes arrivals early, by this times 1 / (1 + h); the walkers are the same."""
    early = times_to(cap, "shift") - times_to(height, "shift")
    margin = 0.5825971579390107 * math.sqrt(2e-3)
    expected = margin * (1.0 - math.sqrt(0.75)) / (1.0 + BORDER)
    assert abs(early.mean() - expected) < 4 * early.std() / math.sqrt(early.size)
    assert early.mean() > 6 * early.std() / math.sqrt(early.size)
