"""Steps without a good retraction to the surface are refused, or counted, and the law does not change."""

import math
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin.integrators import metropolis, projected
from langevin.integrators.projected import PROJECTIONS
from langevin.landscapes.starts import all_at
from langevin.manifolds import canal, constraint, ellipsoid
from langevin.manifolds.ellipsoid import moments
from langevin.measure import ensemble_mean
from tests.ensemble.test_bad_constraints import CIRCLES, jacobian, residual, surface

AXES = np.array([3.0, 2.0, 1.0])


def one_step(landscape, integrator, x, kicks):
    """(states, tallies by name) after one step of plain Python from x (dim, lanes); `kicks` are of size 1."""
    lanes, after = x.shape[1], x.copy()
    noise = np.zeros((landscape.dim + integrator.extra_noise, lanes), np.float32)
    noise[: landscape.dim] = kicks
    noise[landscape.dim :] = 9.0  # the Metropolis rule accepts every step that has passed the other rules
    work = np.full((integrator.work_rows(landscape), lanes), np.nan)
    memory, status = np.zeros((integrator.memory_rows(landscape), lanes)), np.zeros(lanes, np.int64)
    step = integrator.build(landscape)
    with np.errstate(all="ignore"):
        step(after, noise, noise, work, memory, status, 0.5, 1.0, landscape.parameters)
    assert not status.any()
    return after, dict(zip(integrator.tallies, memory))


# refusals come with coarse kicks
@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.statistical
def test_refused_steps_leave_the_law_of_a_triaxial_ellipsoid():
    """Most walkers are refused once where the radius is 1/3; if they stopped there, only one in ten would remain.

    Within 4 standard errors and a bias of the step of 0.1, which is above the bias measured at half the step. The law
    `gibbs`, with E x^2 = 3, is excluded.
    """
    landscape = replace(
        ellipsoid(3),
        parameters=(0.5, AXES**-2.0),
        start=all_at([3.0, 0.0, 0.0]),
        facts=langevin.types.Facts(),
    )
    mean, squares = moments(AXES)
    assert AXES[0] ** 2 * squares[0] / mean == pytest.approx(2.506, abs=5e-4)
    run = langevin.simulate(
        langevin.Problem(landscape, 1.0, "projected"), walkers=1000, steps=2000, dt=0.02, seed=1
    )
    assert run.counts["finished"] == 1000
    assert (run.events["not_projected"] > 0).mean() > 0.8
    measured = ensemble_mean(run, lambda states: states[:, 0] ** 2)
    assert measured.mixed
    assert measured.n == 1000
    assert abs(measured.value - 2.506) < 4 * measured.error + 0.1
    assert abs(measured.value - 3.0) > 5 * measured.error


@pytest.mark.slow
@pytest.mark.statistical
def test_the_flow_has_its_own_law_at_coarse_kicks():
    """On a canal with 4 equations at kicks of variance 0.1, where tan(x/2) grows by exp(|y|^2 / 4) on the way down.

    This map, iterated in NumPy, has E cos x = -0.7055 +- 0.0004. One Runge step of order 2 instead of the flow has
    -0.7305, far outside 4 standard errors.
    """
    run = langevin.simulate(
        langevin.Problem(canal(4), 1.0, "projected", "gibbs"), projected("flow", "isotropic"),
        walkers=20_000, steps=120, dt=0.05, seed=2,
    )  # fmt: skip
    assert run.counts["finished"] == 20_000
    measured = ensemble_mean(run, lambda states: np.cos(states[:, 0]))
    assert abs(measured.value + 0.7055) < 4 * math.hypot(measured.error, 0.0004)
    assert abs(measured.value + 0.7305) > 4 * measured.error


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_jumps_to_another_component_are_counted(projection):
    """From the circle around (1.5, 0) to the circle around (-1.5, 0): the first walker jumps, the second does not."""
    circles = surface(residual, jacobian, [2.5, 0.0], parameters=(CIRCLES,))
    x = np.array([[0.5, 2.5], [0.0, 0.0]])
    after, tallies = one_step(circles, projected(projection, "isotropic"), x, [[-1.2, 0.1], [0.0, 0.1]])
    assert np.sign(after[0]).tolist() == [-1, 1]
    assert tallies["wrong_branch"].tolist() == [1, 0]
    assert not tallies["not_projected"].any()


@pytest.mark.parametrize("projection", ["nearest", "midpoint", "flow", "gauss-newton"])
def test_a_jump_is_told_from_a_wide_turn(projection):
    """From the top of one circle to the top of the other no normal turns; by 104 degrees on one circle it turns over.

    The signs of the normals, which `shake` uses, give the wrong result for both.
    """
    circles = surface(residual, jacobian, [2.5, 0.0], parameters=(CIRCLES,))
    x = np.array([[1.5, 2.5], [1.0, 0.0]])
    after, tallies = one_step(circles, projected(projection, "isotropic"), x, [[-3.0, -1.3], [0.05, 1.2]])
    normals = x - [[1.5], [0.0]], after - np.array([[-1.5, 1.5], [0.0, 0.0]])
    assert np.sign(after[0]).tolist() == [-1, 1]
    assert ((normals[0] * normals[1]).sum(axis=0) > 0).tolist() == [True, False]
    assert tallies["wrong_branch"].tolist() == [1, 0]


def steep(x, out, parameters):
    """r = exp(|x|^2) (x_0 x_1 - 1)."""
    for lane in range(x.shape[1]):
        out[0, lane] = np.exp(x[0, lane] ** 2 + x[1, lane] ** 2) * (x[0, lane] * x[1, lane] - 1.0)


def steep_slopes(x, out, parameters):
    for lane in range(x.shape[1]):
        factor, rest = np.exp(x[0, lane] ** 2 + x[1, lane] ** 2), x[0, lane] * x[1, lane] - 1.0
        out[0, 0, lane] = factor * (x[1, lane] + 2.0 * x[0, lane] * rest)
        out[0, 1, lane] = factor * (x[0, lane] + 2.0 * x[1, lane] * rest)


@pytest.mark.parametrize("noise", ["isotropic", "tangent"])
@pytest.mark.parametrize("projection", PROJECTIONS)
def test_an_overflow_is_no_convergence(projection, noise):
    """J J^T, about exp(2 |x|^2), overflows at the first walker: a step of 0 is far from a solution there."""
    landscape = constraint(steep, steep_slopes, 2, 1, start=[1.0, 1.0])
    x = np.array([[20.0, 1.0], [0.05, 1.0]])
    after, tallies = one_step(landscape, projected(projection, noise), x, [[0.3, 0.05], [0.3, -0.05]])
    assert tallies["not_projected"].tolist() == [1, 0]
    assert after[:, 0].tolist() == x[:, 0].tolist()
    np.testing.assert_allclose(after.prod(axis=0), 1.0, rtol=0, atol=1e-12)


def test_an_overflow_is_no_convergence_of_metropolis_either():
    landscape = constraint(steep, steep_slopes, 2, 1, start=[1.0, 1.0])
    x = np.array([[20.0, 1.0], [0.05, 1.0]])
    after, tallies = one_step(landscape, metropolis(), x, [[0.3, 0.05], [0.3, -0.05]])
    assert tallies["not_projected"].tolist() == [1, 0]
    np.testing.assert_allclose(after.prod(axis=0), 1.0, rtol=0, atol=1e-12)
