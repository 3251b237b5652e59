"""The mesh: its cells, faces and walls, and the kernels of landscapes on it."""

import dataclasses
import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.manifolds import canal, cube, ring
from langevin.potentials import double_well
from langevin.theory.fokker_planck.cells import box_mesh, interpolate, region
from langevin.theory.fokker_planck.landscape_cells import energies_on, inside_walls, target_on, targets_on


def chambers(x):
    """Two unit squares joined by a channel of width 0.2 and length 0.5."""
    left, right = x[0] < 1, x[0] > 1.5
    return left | right | (abs(x[1] - 0.5) < 0.1)


def test_cells_faces_and_walls_of_a_box():
    mesh = box_mesh((0, -1), (3, 1), (3, 4))
    assert (mesh.dim, mesh.size, mesh.volume) == (2, 12, 0.5)
    assert mesh.spacing == pytest.approx([1, 0.5])
    assert mesh.centres[:, 0] == pytest.approx([0.5, -0.75])
    assert [len(mesh.faces(axis)[0]) for axis in (0, 1)] == [2 * 4, 3 * 3]
    low, high = mesh.faces(1)
    assert mesh.centres[:, high] - mesh.centres[:, low] == pytest.approx(np.outer([0, 0.5], np.ones(9)))
    assert mesh.centres[1, mesh.wall(1, "upper")] == pytest.approx([0.75] * 3)
    ring_mesh = box_mesh((0, -1), (3, 1), (3, 4), periodic=(True, False))
    assert [len(ring_mesh.faces(axis)[0]) for axis in (0, 1)] == [3 * 4, 3 * 3]


def test_a_body_has_its_volume_and_no_face_through_its_walls():
    mesh = box_mesh((0, 0), (2.5, 1), (50, 20), body=chambers)
    assert mesh.size * mesh.volume == pytest.approx(2 + 0.5 * 0.2, rel=1e-12)
    for axis in (0, 1):
        low, high = mesh.faces(axis)
        steps = mesh.centres[:, high] - mesh.centres[:, low]
        assert abs(steps).sum(axis=0) == pytest.approx(mesh.spacing[axis])
    # Into the channel's mouth go four faces, the rest of the chamber's side is wall.
    low, high = mesh.faces(0)
    across = (mesh.centres[0, low] < 1) & (mesh.centres[0, high] > 1)
    assert across.sum() == 4


def test_walls_and_target_are_those_of_the_landscape():
    body = cube(dim=3, samples=1, fraction=0.25)
    mesh = box_mesh((0, 0, 0), (1, 1, 1), (8, 8, 8), body=inside_walls(body))
    assert mesh.size == 2 * 8 * 8
    assert target_on(mesh, body).sum() == 2**3
    assert (energies_on(mesh, body) == 0).all()
    two = dataclasses.replace(body, target=(body.target, far_side))
    assert targets_on(mesh, two).sum(axis=1).tolist() == [2**3, 2 * 8 * 4]
    assert target_on(mesh, two).sum() == 2**3 + 2 * 8 * 4
    walled = dataclasses.replace(body, fold=None, walls=far_side)
    assert box_mesh((0, 0, 0), (1, 1, 1), (8, 8, 8), body=inside_walls(walled)).size == 8 * 8 * 4


def far_side(x, out, parameters):
    """1/2 - x_2."""
    for lane in range(x.shape[1]):
        out[lane] = 0.5 - x[2, lane]


def test_energies_are_the_landscapes_loss():
    mesh = box_mesh((-2,), (2,), (7,))
    assert energies_on(mesh, double_well(2.0)) == pytest.approx(2 * (mesh.centres[0] ** 2 - 1) ** 2)
    plane = box_mesh((-3, -1), (3, 1), (5, 4))
    x, y = plane.centres
    valley = canal(transverse=1, stiffness=9.0)
    assert energies_on(plane, valley) == pytest.approx(4.5 * np.exp(np.cos(x)) * y**2)
    # Without a closed form the loss is that of the residual.
    assert energies_on(plane, dataclasses.replace(valley, value=None)) == pytest.approx(
        energies_on(plane, valley)
    )
    assert energies_on(plane, ring()).min() >= 0


def test_interpolation_is_linear_and_level_at_walls():
    mesh = box_mesh((0, 0), (2.5, 1), (50, 20), body=chambers)
    x, y = mesh.centres
    assert interpolate(mesh, 3 * x - y, (0.777, 0.333)) == pytest.approx(3 * 0.777 - 0.333)
    assert interpolate(mesh, x, (1.25, 0.405)) == pytest.approx(1.25)
    assert interpolate(mesh, y, (1.25, 0.405)) == pytest.approx(0.425)  # half a cell from the channel's wall
    circle = box_mesh((0,), (2 * math.pi,), (100,), periodic=(True,))
    errors = [
        interpolate(circle, np.cos(circle.centres[0]), (place,)) - math.cos(place)
        for place in (0.0, 2 * math.pi - 1e-9)
    ]
    assert errors == pytest.approx([-((math.pi / 100) ** 2) / 2] * 2, rel=1e-3)


def test_interpolation_is_of_order_two_and_the_nearest_cell_is_not():
    def errors(cells, point=1 / 3):
        mesh = box_mesh((0,), (1,), (cells,))
        values = np.cos(math.pi * mesh.centres[0])
        nearest = values[np.argmin(abs(mesh.centres[0] - point))]
        return np.array([interpolate(mesh, values, (point,)), nearest]) - math.cos(math.pi * point)

    # 1/3 lies at one sixth of a cell from a centre on both meshes: the errors have one sign.
    orders = np.log2(abs(errors(32) / errors(128))) / 2
    assert orders == pytest.approx([2, 1], abs=0.05)


def test_bad_meshes_are_refused():
    for arguments in (
        ((0,) * 4, (1,) * 4, (2,) * 4),
        ((0,), (1, 1), (2,)),
        ((0,), (0,), (2,)),
        ((0,), (math.inf,), (2,)),
        ((0,), (1,), (2.5,)),
        ((0,), (1,), (0,)),
        ((0, 0, 0), (1, 1, 1), (70, 70, 70)),
    ):
        with pytest.raises(UsageError):
            box_mesh(*arguments)
    with pytest.raises(UsageError, match="2 separate pieces"):
        box_mesh((0,), (1,), (9,), body=lambda x: abs(x[0] - 0.5) > 0.2)
    with pytest.raises(UsageError, match="0 separate pieces"):
        box_mesh((0,), (1,), (9,), body=lambda x: x[0] > 2)
    mesh = box_mesh((0,), (1,), (9,), periodic=(True,))
    with pytest.raises(UsageError, match="not periodic"):
        mesh.wall(0, "lower")
    with pytest.raises(UsageError, match="outside the body"):
        interpolate(box_mesh((0,), (1,), (9,)), np.zeros(9), (1.5,))
    assert region(mesh, lambda x: x[0] < 0.5).sum() == 5 - 1  # the middle centre is not below one half


def test_landscapes_that_do_not_fit_are_refused():
    line = box_mesh((-1,), (1,), (4,))
    with pytest.raises(UsageError, match="coordinates"):
        energies_on(line, cube(dim=2))
    with pytest.raises(UsageError, match="no target"):
        target_on(line, dataclasses.replace(double_well(), target=None))
    with pytest.raises(UsageError, match="finite on the whole mesh"):
        energies_on(line, dataclasses.replace(double_well(), value=pole))
    with pytest.raises(UsageError, match="no fold and no walls"):
        inside_walls(ring())


def pole(x, out, parameters):
    """log x, which is not a number on the left."""
    for lane in range(x.shape[1]):
        out[lane] = np.log(x[0, lane])
