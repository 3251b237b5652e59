"""A diffusion coefficient that varies along the surface has three conventions, with three laws."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, Start, manifolds, simulate
from langevin.errors import UsageError
from langevin.integrators import projected, tangential
from tests.circle import circle

WALKERS, DT, TIME = 4000, 4e-3, 8.0
WEIGHTS = {"ito": 0.0, "stratonovich": 0.5, "klimontovich": 1.0}
#: Bias of a mean, of order dt; the largest one that was measured at this step is 0.006.
BIAS = 3 * DT


def uneven(x, out, parameters):
    """D = 1 + 0.7 x_0."""
    for lane in range(x.shape[1]):
        out[lane] = 1.0 + 0.7 * x[0, lane]


def mean_first(landscape, integrator, theta=1.0):
    """Mean of x_0 and its standard error, in equilibrium."""
    run = simulate(
        Problem(landscape, theta, "projected"),
        integrator,
        walkers=WALKERS,
        steps=round(TIME / DT),
        dt=DT,
        seed=3,
    )
    assert run.counts["finished"] == WALKERS
    np.testing.assert_allclose(np.linalg.norm(run.states, axis=2), 1.0, rtol=0.0, atol=1e-9)
    values = run.states[:, -1, 0]
    return values.mean(), values.std() / math.sqrt(WALKERS)


def exact_mean(density):
    """Mean of cos phi under a density of the angle."""
    angle = np.linspace(0.0, 2 * np.pi, 2000, endpoint=False)
    weight = density(np.cos(angle))
    return (np.cos(angle) * weight).sum() / weight.sum()


def assert_law(convention, mean, error, means):
    """The mean agrees, within 4 standard errors and the bias, with the named law only: swapped names are detected."""
    for name, exact in means.items():
        near = abs(mean - exact) < 4.0 * error + BIAS
        assert near == (name == convention), (name, mean, exact, error)


@pytest.mark.statistical
@pytest.mark.parametrize("convention", WEIGHTS)
def test_the_law_of_each_convention_on_a_circle_whose_stiffness_drives_the_noise(convention):
    """D = sqrt(J J^T) = 1 + 0.8 cos phi: p is 1 / D, which here is the Gibbs law, 1 / sqrt(D), and uniform."""
    means = {
        name: exact_mean(lambda c, power=weight - 1.0: (1.0 + 0.8 * c) ** power)
        for name, weight in WEIGHTS.items()
    }
    assert means["ito"] == pytest.approx(-0.5)
    assert_law(convention, *mean_first(circle(), tangential(convention, power=0.5)), means)


@pytest.mark.statistical
@pytest.mark.parametrize("convention", ["ito", "stratonovich"])
def test_the_law_of_each_convention_on_a_sphere_with_the_readers_own_noise(convention):
    """x_0 is uniform on the sphere of R^3, so its law is D^(w - 1) on [-1, 1]."""
    z = np.linspace(-1.0, 1.0, 4001)
    means = {
        name: np.trapezoid(z * (1 + 0.7 * z) ** (w - 1), z) / np.trapezoid((1 + 0.7 * z) ** (w - 1), z)
        for name, w in WEIGHTS.items()
    }
    sphere = manifolds.sphere(dim=3)
    assert_law(convention, *mean_first(sphere, tangential(convention, diffusion=uneven)), means)


@pytest.mark.statistical
@pytest.mark.parametrize("convention", WEIGHTS)
def test_the_clock_is_that_of_the_place(convention):
    """At short times the angle has the variance 2 theta D t, D = 1.8 at phi = 0 (where cos phi changes at order 2)."""
    walkers = 40_000
    run = simulate(
        Problem(circle(), 0.5, "projected"), tangential(convention, power=0.5), walkers=walkers, steps=10, dt=1e-4,
        seed=9, start=Start([1.0, 0.0], first_step=0),
    )  # fmt: skip
    ratio = np.arctan2(run.states[:, -1, 1], run.states[:, -1, 0]).var() / (2 * 0.5 * 10 * 1e-4)
    assert abs(ratio - 1.8) < 4.0 * 1.8 * math.sqrt(2.0 / walkers)
    assert abs(ratio - 1.0) > 40.0 * math.sqrt(2.0 / walkers)


def places_and_noise(lanes):
    """Random points on the circle, and the random numbers of a step, each (2, lanes)."""
    generator = np.random.default_rng(0)
    angle = generator.uniform(0.0, 2 * np.pi, lanes)
    return np.array([np.cos(angle), np.sin(angle)]), generator.standard_normal((2, lanes)).astype(np.float32)


def one_step(integrator, lanes=7):
    """(states, refusals) after one step from random points on the circle, in plain Python."""
    landscape = circle()
    x, noise = places_and_noise(lanes)
    work, status = np.empty((integrator.work_rows(landscape), lanes)), np.zeros(lanes, np.int64)
    memory = np.zeros((integrator.memory_rows(landscape), lanes))
    integrator.build(landscape)(x, noise, noise, work, memory, status, 1e-3, 1.0, landscape.parameters)
    assert not status.any()
    return x, memory[integrator.tallies.index("not_projected")]


@pytest.mark.parametrize("convention", WEIGHTS)
def test_the_noise_of_a_step_is_that_of_its_start_and_of_where_that_would_lead(convention):
    """The root of D is a mean of both. A kick s along the circle is retracted along the radius, to sqrt(1 - s^2) x."""
    landscape, lanes = circle(), 7
    x, noise = places_and_noise(lanes)

    def root_of_noise(places):
        slopes = np.empty((1, 2, lanes))
        landscape.jacobian(places, slopes, landscape.parameters)
        return (slopes**2).sum(axis=(0, 1)) ** 0.25  # D = (J J^T)^(1/2)

    kick = math.sqrt(2e-3) * (noise - (noise * x).sum(axis=0) * x)
    here = root_of_noise(x)
    length = here + WEIGHTS[convention] * (root_of_noise(x + here * kick) - here)
    expected = length * kick + np.sqrt(1.0 - ((length * kick) ** 2).sum(axis=0)) * x
    found, _ = one_step(tangential(convention, power=0.5), lanes)
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("convention", WEIGHTS)
def test_an_even_coefficient_leaves_plain_diffusion(convention):
    """Power 0 is D = 1: all conventions are the projected walk with tangent noise."""
    x, refused = one_step(tangential(convention, power=0.0))
    assert not refused.any()
    np.testing.assert_allclose(x, one_step(projected("shake", "tangent"))[0], rtol=0.0, atol=1e-12)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_steps_from_a_coefficient_below_zero_are_refused():
    def negative(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = -1.0 if x[0, lane] > 0.0 else 1.0

    x, refused = one_step(tangential(diffusion=negative))
    np.testing.assert_array_equal(refused, x[0] > 0.0)
    assert 0 < refused.sum() < refused.size


def test_walls_are_refused():
    with pytest.raises(UsageError, match="circle has walls, which this step does not check"):
        tangential().build(replace(circle(), walls=uneven))


def test_the_uniform_law_serves_the_surface_measure_and_the_others_do_not():
    simulate(
        Problem(circle(), 1.0, "projected", "surface"),
        tangential("klimontovich"),
        walkers=2,
        steps=2,
        dt=1e-3,
        seed=1,
    )
    with pytest.raises(UsageError, match="samples the 1/D measure"):
        simulate(
            Problem(circle(), 1.0, "projected", "surface"),
            tangential("ito"),
            walkers=2,
            steps=2,
            dt=1e-3,
            seed=1,
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Ito",), "ito, stratonovich, klimontovich"),
        (("ito", 3.0), "a function or None"),
        (("ito", None, math.nan), "finite power"),
    ],
)
def test_bad_arguments_are_refused(arguments, said):
    with pytest.raises(UsageError, match=said):
        tangential(*arguments)
