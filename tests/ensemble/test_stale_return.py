"""A closed-form retraction or a gradient that belongs to other equations is refused before a run."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import registry
from langevin.ensemble.positions import check_surface_start
from langevin.ensemble.trial_kernels import check_kernels
from langevin.errors import UsageError
from langevin.manifolds import ellipsoid, special_orthogonal, sphere, stiefel
from tests.ensemble.test_bad_constraints import refused


def spheroid(x, out, parameters):
    """Through the poles of the unit sphere, with the same tangent planes there."""
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] ** 2 + x[1, lane] ** 2 + 4.0 * x[2, lane] ** 2 - 1.0


def slopes_of_spheroid(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, 0, lane], out[0, 1, lane], out[0, 2, lane] = (
            2.0 * x[0, lane],
            2.0 * x[1, lane],
            8.0 * x[2, lane],
        )


@pytest.mark.parametrize("size", [1e-4, 0.03, 0.3, 1e3])
def test_a_return_to_another_surface_is_refused(size):
    """`replace` keeps the old retraction, which is refused even if the step is so long that most retractions fail."""
    stale = replace(sphere(3), residual=spheroid, jacobian=slopes_of_spheroid)
    refused(stale, "`retract` of sphere ends", "other equations", "retract=None", size=size)
    check_surface_start(replace(stale, retract=None), stale.start(np.zeros((3, 3)), 0.0), size)


def test_a_return_that_cannot_read_the_parameters_is_refused():
    other = ellipsoid(3)
    stale = replace(
        sphere(3),
        residual=other.residual,
        jacobian=other.jacobian,
        value=None,
        gradient=None,
        start=other.start,
        parameters=other.parameters,
    )
    refused(stale, "does not take its parameters", "retract=None")


def test_a_tangent_part_of_other_equations_is_refused():
    def half(x, move, scratch, parameters):
        own.tangent(x, move, scratch, parameters)
        move *= 0.5

    own = special_orthogonal(3)
    check_kernels(
        langevin.Problem(own, 0.1, "projected", "surface"), 1e-3, 10, own.start(np.zeros((1, 9)), 0.0)
    )
    stale = replace(own, tangent=half)
    with pytest.raises(UsageError, match="tangent=None"):
        check_kernels(
            langevin.Problem(stale, 0.1, "projected", "surface"), 1e-3, 10, own.start(np.zeros((1, 9)), 0.0)
        )


@pytest.mark.parametrize("size", [1e-9, 1e-3, 1.0, 1e6])
def test_returns_to_the_surface_itself_are_not(size):
    for landscape in (sphere(4, radius=1e-6), sphere(2, radius=1e6), special_orthogonal(4), stiefel(5, 2)):
        starts = landscape.start(np.zeros((3, landscape.dim)), 0.0)
        check_surface_start(landscape, starts, size * np.linalg.norm(starts[0]))
        np.testing.assert_array_equal(starts, landscape.start(np.zeros((3, landscape.dim)), 0.0))


def registered():
    made = [registry.factory("manifolds", name)() for name in registry.names("manifolds")]
    return [landscape for landscape in made if landscape.residual and landscape.gradient]


@pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
def test_a_gradient_of_another_residual_is_refused_in_soft_motion(unit):
    own = sphere(3, radius=unit)

    def spheroid_in_units(x, out, parameters):
        spheroid(x / unit, out, parameters)

    stale = replace(own, residual=spheroid_in_units)
    with pytest.raises(UsageError, match="Jacobian of the residual"):
        langevin.simulate(langevin.Problem(stale, 1e-3 * unit**2), walkers=2, steps=1, dt=1e-4, seed=1)


@pytest.mark.parametrize("landscape", registered(), ids=lambda made: made.name)
@pytest.mark.parametrize("temperature", [1e-9, 0.1, 10.0])
def test_the_gradients_of_all_landscapes_pass(landscape, temperature):
    for seed in range(3):
        uniforms = np.random.default_rng(seed).uniform(size=(1, landscape.dim))
        check_kernels(
            langevin.Problem(landscape, temperature), 1e-6, 10, landscape.start(uniforms, temperature)
        )


def test_a_gradient_wrong_by_a_percent_is_noticed():
    def steeper(x, out, parameters):
        own.gradient(x, out, parameters)
        out *= 1.01

    own = sphere(5)
    stale = langevin.Problem(replace(own, gradient=steeper), 1e-3)
    with pytest.raises(UsageError, match=r"\|r\|\^2 / 2"):
        check_kernels(stale, 1e-3, 10, own.start(np.zeros((1, 5)), 1.0))
