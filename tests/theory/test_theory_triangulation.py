"""Triangles on surfaces of two dimensions: their topology, their area, and surfaces without a triangulation."""

import math
from dataclasses import replace

import numpy as np
import pytest

from langevin import manifolds, theory
from langevin.errors import NumericalError, UsageError
from langevin.theory.surfaces import triangulation


def paraboloid():
    def residual(x, out, parameters):
        for lane in range(x.shape[1]):
            out[0, lane] = x[0, lane] ** 2 + x[1, lane] ** 2 - x[2, lane]

    def jacobian(x, out, parameters):
        for lane in range(x.shape[1]):
            out[0, 0, lane] = 2.0 * x[0, lane]
            out[0, 1, lane] = 2.0 * x[1, lane]
            out[0, 2, lane] = -1.0

    return manifolds.constraint(residual, jacobian, 3, 1, start=[1.0, 0.0, 1.0])


def flat_torus(first=1.0, second=2.0):
    """Two circles, in R^4."""

    def residual(x, out, parameters):
        for lane in range(x.shape[1]):
            out[0, lane] = x[0, lane] ** 2 + x[1, lane] ** 2 - first**2
            out[1, lane] = 5.0 * (x[2, lane] ** 2 + x[3, lane] ** 2 - second**2) + out[0, lane]

    def jacobian(x, out, parameters):
        for lane in range(x.shape[1]):
            for i in range(2):
                out[0, i, lane] = out[1, i, lane] = 2.0 * x[i, lane]
                out[0, 2 + i, lane] = 0.0
                out[1, 2 + i, lane] = 10.0 * x[2 + i, lane]

    return manifolds.constraint(residual, jacobian, 4, 2, start=[first, 0.0, second, 0.0])


def two_spheres():
    """Spheres of radius 1 around the origin, and around (3, 0, 0)."""

    def residual(x, out, parameters):
        for lane in range(x.shape[1]):
            beside = x[1, lane] ** 2 + x[2, lane] ** 2 - 1.0
            out[0, lane] = (x[0, lane] ** 2 + beside) * ((x[0, lane] - 3.0) ** 2 + beside)

    def jacobian(x, out, parameters):
        for lane in range(x.shape[1]):
            beside = x[1, lane] ** 2 + x[2, lane] ** 2 - 1.0
            near, far = x[0, lane] ** 2 + beside, (x[0, lane] - 3.0) ** 2 + beside
            out[0, 0, lane] = 2.0 * x[0, lane] * far + 2.0 * (x[0, lane] - 3.0) * near
            for i in range(1, 3):
                out[0, i, lane] = 2.0 * x[i, lane] * (near + far)

    return manifolds.constraint(residual, jacobian, 3, 1, start=[-1.0, 0.0, 0.0])


AREAS = {
    "sphere": (lambda: manifolds.sphere(dim=3, radius=1e-3), 4e-6 * math.pi, 2),
    "torus": (lambda: manifolds.torus(major=2.0, minor=1.0), 8.0 * math.pi**2, 0),
    "ellipsoid": (
        lambda: manifolds.ellipsoid(axes=(3.0, 2.0, 1.0)),
        48.88214,
        2,
    ),  # Legendre, by elliptic integrals
    "flat torus": (flat_torus, 8.0 * math.pi**2, 0),
}


@pytest.mark.parametrize(
    "name", ["sphere", "torus", "ellipsoid", pytest.param("flat torus", marks=pytest.mark.slow)]
)
def test_a_surface_has_its_topology_and_its_area(name):
    make, area, euler = AREAS[name]
    place = make()
    surface = theory.surfaces.triangulate(place)
    found = theory.surfaces.surface_area(surface)
    assert surface.euler == euler
    # extrapolated, the area is right to order h^4; its remainder is of order h^2
    assert abs(found.value - area) < min(found.remainder, 2e-5 * area)
    assert found.remainder < 2e-3 * area
    for mesh in surface.meshes:
        assert (
            np.abs(theory.surfaces.on_surface(place, mesh.points) - mesh.points).max()
            < 1e-9 * np.abs(mesh.points).max()
        )


def test_only_the_piece_of_the_start_is_covered():
    surface = theory.surfaces.triangulate(two_spheres())
    assert np.abs(np.linalg.norm(surface.meshes[-1].points, axis=1) - 1).max() < 1e-9
    other = theory.surfaces.triangulate(two_spheres(), start=[4.0, 0.0, 0.0])
    assert other.meshes[0].points[:, 0].min() > 1.9


def test_surfaces_without_triangles_are_told(monkeypatch):
    monkeypatch.setattr(triangulation, "MOST_CUBES", 2000)
    with pytest.raises(NumericalError, match="is not bounded"):
        theory.surfaces.triangulate(paraboloid())
    with pytest.raises(UsageError, match="dim - codim = 2"):
        theory.surfaces.triangulate(manifolds.ellipsoid(2))
    with pytest.raises(UsageError, match="without walls"):
        theory.surfaces.triangulate(replace(manifolds.sphere(dim=3), walls=lambda x, out, parameters: None))
    with pytest.raises(NumericalError, match="bends too sharply"):
        theory.surfaces.triangulate(manifolds.torus(major=1.0, minor=1e-2))
