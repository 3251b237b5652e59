"""Projected motion in a field: every retraction to the surface has its law times exp(-U / theta)."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, Start, manifolds, potentials, simulate
from langevin.errors import UsageError
from langevin.integrators import projected, tangential
from tests.circle import VARIATION, circle
from tests.integrators.field_walks import (
    WALKERS,
    cosine_after,
    fisher_mean,
    fisher_points,
    sphere_in_field,
)

pytestmark = pytest.mark.statistical
FORCE, RADIUS = 3.0, 2.0


@pytest.mark.parametrize("theta", [1.0, 3.0, 12.0])
def test_the_law_on_a_sphere_is_that_of_fisher(theta):
    """Starts have the law; the run lasts half the relaxation time of a free walk; 4 standard errors."""
    kappa = FORCE * RADIUS / theta
    surface = sphere_in_field(FORCE, RADIUS)
    start = fisher_points(kappa, WALKERS, RADIUS)
    time = 0.5 * RADIUS**2 / theta
    measured, error, _ = cosine_after(
        surface, theta, projected(), start, time=time, dt=time / 200, radius=RADIUS
    )
    assert error < 0.006
    assert abs(measured - fisher_mean(kappa)) < 4.0 * error


@pytest.mark.parametrize("theta", [1.0, 3.0])
def test_half_of_the_force_is_caught(theta):
    kappa, time = FORCE * RADIUS / theta, 0.5 * RADIUS**2 / theta
    start = fisher_points(kappa, WALKERS, RADIUS)
    weak = sphere_in_field(0.5 * FORCE, RADIUS)
    measured, error, _ = cosine_after(
        weak, theta, projected(), start, time=time, dt=time / 200, radius=RADIUS
    )
    assert abs(measured - fisher_mean(kappa)) > 8.0 * error


def means_on_circle(kappa, power):
    """E cos and E sin under exp(kappa sin) det(J J^T)^(-power / 2) on the circle, by the trapezoidal rule."""
    angles = np.arange(4000) * (2.0 * math.pi / 4000)
    weights = np.exp(kappa * np.sin(angles)) * (1.0 + VARIATION * np.cos(angles)) ** -power
    weights /= weights.sum()
    return weights @ np.cos(angles), weights @ np.sin(angles), weights


#: Retractions, noises, and the power of det(J J^T)^(-1/2) in the law of each pair.
PAIRS = [("shake", "tangent", 0), ("midpoint", "isotropic", 1)]
#: Pairs that take long to compile.
MORE = [
    ("shake", "isotropic", 0),
    ("nearest", "isotropic", 0),
    ("flow", "isotropic", 1),
    ("flow", "tangent", 0),
    ("gauss-newton", "isotropic", 2),
]


@pytest.mark.parametrize(
    ("projection", "noise", "power"),
    [*PAIRS, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in MORE)],
)
@pytest.mark.parametrize("theta", [0.5, 2.0])
def test_each_way_back_has_its_own_law_times_the_field(projection, noise, power, theta):
    """On a circle of varying stiffness, with starts in the law; 4 standard errors and the bias of `test_projected_law`.

    Half of the force, and the law of another retraction, are detected.
    """
    surface = manifolds.with_field(circle(), potentials.linear(2, 1.0, direction=(0.0, 1.0)))
    cos, sin, weights = means_on_circle(1.0 / theta, power)
    angles = np.random.default_rng(1).choice(len(weights), WALKERS, p=weights) * (
        2.0 * math.pi / len(weights)
    )
    dt, time = 2e-3 / theta, 0.8 / theta
    run = simulate(
        Problem(surface, theta, "projected"), projected(projection, noise), walkers=WALKERS,
        steps=round(time / dt), dt=dt, seed=8,
        start=Start(np.stack([np.cos(angles), np.sin(angles)], axis=1), first_step=0),
    )  # fmt: skip
    last = run.states[:, -1]
    errors = last.std(axis=0) / math.sqrt(WALKERS)
    assert (np.abs(last.mean(axis=0) - [cos, sin]) < 4.0 * errors + 6.0 * theta * dt).all()
    weak = means_on_circle(0.5 / theta, power)[1]
    assert abs(last[:, 1].mean() - weak) > 4.0 * errors[1] + 6.0 * theta * dt
    for other in {0, 1, 2} - {power}:
        assert abs(last[:, 0].mean() - means_on_circle(1.0 / theta, other)[0]) > 8.0 * errors[0]


def test_a_walk_drifts_down_the_slope_along_the_surface():
    """d E z / dt = F (1 - z^2) / R ... at the equator of a sphere z grows by F t at first; 4 errors and t^2."""
    theta, force, time = 0.01, 2.0, 0.05
    surface = sphere_in_field(force)
    start = np.tile([1.0, 0.0, 0.0], (WALKERS, 1))
    measured, error, _ = cosine_after(surface, theta, projected(), start, time=time, dt=time / 50)
    assert abs(measured - math.tanh(force * time)) < 4.0 * error + 2.0 * theta * time * force * time


@pytest.mark.parametrize("surface", [manifolds.stiefel(), manifolds.torus()])
def test_a_field_of_no_strength_leaves_the_walk_as_it_was(surface):
    """The same path to round-off."""
    still = manifolds.with_field(surface, potentials.linear(surface.dim, 0.0))
    ends = [
        simulate(Problem(one, 0.1, "projected"), walkers=8, steps=50, dt=1e-4, seed=1).states[:, -1]
        for one in (surface, still)
    ]
    np.testing.assert_allclose(*ends, rtol=0, atol=1e-12)


def test_threads_and_chunks_do_not_change_a_walk_in_a_field():
    from langevin import Watch

    surface = sphere_in_field(2.0)
    common = {"steps": 400, "dt": 1e-3, "seed": 9}
    problem = Problem(surface, 0.3, "projected")
    whole = simulate(problem, walkers=300, **common)
    several = simulate(problem, walkers=300, watch=Watch(threads=2), every=50, **common)
    part = simulate(problem, walkers=range(100, 140), **common)
    first = simulate(problem, walkers=300, steps=150, dt=1e-3, seed=9)
    on = simulate(problem, steps=250, dt=1e-3, start=first)
    for other in (several.states[:, -1], on.states[:, -1]):
        np.testing.assert_array_equal(whole.states[:, -1], other)
    np.testing.assert_array_equal(whole.states[100:140, -1], part.states[:, -1])


def test_an_unstable_step_down_the_field_is_refused_and_a_coarse_one_warned_of():
    from langevin.ensemble.checks import StepSizeWarning

    problem = Problem(sphere_in_field(50.0), 0.001, "projected")
    with pytest.raises(UsageError, match="unstable"):
        simulate(problem, walkers=2, steps=2, dt=0.05, seed=1)
    with pytest.warns(StepSizeWarning, match="coarse"):
        simulate(problem, walkers=2, steps=2, dt=0.015, seed=1)


def test_a_wrong_gradient_of_a_field_is_refused():
    field = potentials.quadratic(3)
    wrong = replace(field, gradient=potentials.linear(3).gradient, parameters=(np.ones(3),))
    wrong = replace(wrong, value=potentials.linear(3, 2.0).value, gradient=half_of_linear)
    with pytest.raises(UsageError, match="gradient of the field"):
        simulate(
            Problem(manifolds.with_field(manifolds.sphere(), wrong), 0.1, "projected"),
            walkers=2, steps=2, dt=1e-3, seed=1,
        )  # fmt: skip


def half_of_linear(x, out, parameters):
    (slope,) = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = 0.5 * slope[i]


@pytest.mark.parametrize("dynamics", ["label-noise", "power-law"])
def test_laws_that_do_not_see_a_field_refuse_it_and_name_those_that_do(dynamics):
    with pytest.raises(UsageError, match="its dynamics may be projected or soft"):
        simulate(Problem(sphere_in_field(1.0), 0.1, dynamics), walkers=2, steps=2, dt=1e-3, seed=1)


def test_uneven_noise_refuses_a_field():
    with pytest.raises(UsageError, match="use projected or metropolis"):
        tangential().build(sphere_in_field(1.0))


def test_what_is_no_field_is_refused():
    sphere = manifolds.sphere()
    for manifold, field, words in (
        (potentials.quadratic(3), potentials.linear(3), "add both losses"),
        (sphere_in_field(1.0), potentials.linear(3), "add both potentials"),
        (sphere, manifolds.cube(3), "list potentials"),
        (sphere, potentials.linear(2), "with the dimension of the set"),
    ):
        with pytest.raises(UsageError, match=words):
            manifolds.with_field(manifold, field)
