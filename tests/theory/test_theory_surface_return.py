"""Many states are moved onto a surface at once, to the ends of the gradient flow to second order."""

import numpy as np
import pytest

from langevin import manifolds, theory
from langevin.errors import NumericalError, UsageError
from langevin.landscapes.projection import equations_at
from langevin.theory.surfaces.geometry import distances, moved_on_surface

SURFACES = (
    "canal", "ellipsoid", "factorised", "hyperbola", "quadrics", "quartic_torus", "ring", "special_orthogonal",
    "sphere", "stiefel", "tanh_network", "torus", "valley",
)  # fmt: skip


def starts(place, walkers=1):
    return theory.surfaces.on_surface(place, place.start(np.full((walkers, place.dim), 0.5), 0.0))


@pytest.mark.parametrize("name", SURFACES)
def test_states_come_back_to_every_surface(name):
    place = getattr(manifolds, name)()
    states = starts(place, 50) + 0.03 * np.random.default_rng(1).standard_normal((50, place.dim))
    ends = theory.surfaces.on_surface(place, states)
    r, J = equations_at(place, ends)
    assert (np.linalg.norm(r, axis=1) <= 1e-12 * np.linalg.norm(J, axis=(1, 2))).all()
    nearest = np.linalg.norm(manifolds.project_to(place, states) - states, axis=1)
    # second order in a distance of some 0.1 on surfaces that bend and change on lengths from 0.1 up
    assert (np.linalg.norm(ends - states, axis=1) <= 1.5 * nearest).all()


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_the_slide_of_each_normal_is_that_of_the_gradient_flow(share):
    """d^2 P [n, n] = -grad a / (2 a) along the surface, of every eigenvector n; twice that by Gauss-Newton steps."""
    place = manifolds.quadrics(dim=4, equations=2, stiffness=4.0, spread=0.6, seed=3)
    point = starts(place)
    shape = theory.surfaces.surface_shape(place, point[0])
    normals = np.linalg.svd(equations_at(place, point)[1][0])[2][:2]
    h = 1e-3
    back = theory.surfaces.on_surface if share == 0.5 else manifolds.project_to
    for k in range(2):
        ends = back(place, point + h * np.array([[1.0], [-1.0]]) * normals[k])
        slide = shape.tangents @ (ends.sum(axis=0) - 2 * point[0]) / h**2
        # fourth order in the distance, with lengths of some 0.2
        assert slide == pytest.approx(-share * shape.slopes[k] / shape.curvatures[k], abs=1e-3)
        assert np.abs(slide).max() > 0.1


def test_the_flow_conserves_the_balance_of_a_hyperbola():
    place = manifolds.hyperbola()
    normal = equations_at(place, starts(place))[1][0, 0]
    states = starts(place) + 0.02 * np.outer([1.0, -1.0], normal / np.linalg.norm(normal))
    balance = (theory.surfaces.on_surface(place, states) ** 2 - states**2) @ [1.0, -1.0]
    assert np.abs(balance.sum()) < 1e-5  # fourth order; the second is 1e-3, as full steps show
    full = (manifolds.project_to(place, states) ** 2 - states**2) @ [1.0, -1.0]
    assert np.abs(full.sum()) > 1e-4


def test_points_moved_on_surface_lie_on_geodesics_to_second_order():
    place, base = manifolds.sphere(3, radius=2.0), np.array([[2.0, 0.0, 0.0]])
    moves = np.array([[[0.0, 0.1, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 2.1]]])
    ends = moved_on_surface(place, base, moves)[0]
    assert ends[:2, 1:] == pytest.approx(moves[0, :2, 1:])
    assert np.linalg.norm(ends[:2], axis=1) == pytest.approx(2.0, rel=1e-12)
    assert np.isnan(ends[2]).all()  # no point of the sphere has this shadow


def test_distances_are_one_for_each_point():
    """Starts are off |x|^2 = 4 along its normals; distances are to first order in the distance over the radius."""
    place = manifolds.sphere(3, radius=2.0)
    directions = np.array([[1.0, 0.0, 0.0], [0.6, 0.0, 0.8], [0.0, -0.6, 0.8], [0.0, 1.0, 0.0]])
    heights = np.array([1e-4, -2e-4, 3e-4, 0.0])
    found = distances(place, (2.0 + heights)[:, None] * directions)
    assert found == pytest.approx(np.abs(heights), rel=1e-3, abs=1e-15)


def test_states_without_a_way_back_are_refused():
    with pytest.raises(UsageError, match="points of shape"):
        theory.surfaces.on_surface(manifolds.sphere(), [1.0, 0.0, 0.0])
    with pytest.raises(UsageError, match="finite points"):
        theory.surfaces.on_surface(manifolds.sphere(), [[1.0, np.nan, 0.0]])
    with pytest.raises(UsageError, match="no residual map"):
        theory.surfaces.on_surface(manifolds.cube(2), [[0.5, 0.5]])
    with pytest.raises(NumericalError, match="no point"):
        theory.surfaces.on_surface(manifolds.ellipsoid(2), [[0.0, 0.0], [1.0, 0.5]])
