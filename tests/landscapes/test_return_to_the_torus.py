"""The closed return to the torus: the points that Newton's steps along the normals find, and refusal where none is."""

import numpy as np
import pytest

from langevin.manifolds import quartic_torus, torus
from langevin.steps.newton_retraction import FAILED, newton, newton_rows

WALKERS, SEED = 100, 1
TORI = [torus(), quartic_torus(), torus(major=50.0), torus(major=1.3)]
#: Distance between two solutions by other arithmetic, over R: each has some round-off of its terms.
ROUND_OFF = 1e-13


def points(landscape, walkers=WALKERS):
    """Uniform angles of both circles: points (3, walkers) on the torus, and unit normals there."""
    major, minor = landscape.dials["major"], landscape.dials["minor"]
    around, about = np.random.default_rng(SEED).uniform(0.0, 2.0 * np.pi, (2, walkers))
    out = np.array([np.cos(about) * np.cos(around), np.cos(about) * np.sin(around), np.sin(about)])
    core = major * np.array([np.cos(around), np.sin(around), np.zeros(walkers)])
    return core + minor * out, out


def moves_of(normals, size):
    """Gaussian moves (3, walkers) in the tangent planes."""
    moves = size * np.random.default_rng(SEED + 1).standard_normal(normals.shape)
    return moves - (moves * normals).sum(axis=0) * normals


def returned(landscape, x, moves):
    """Places (3, walkers) and status after the landscape's own return."""
    ends, status = x.copy(), np.zeros(x.shape[1], np.int64)
    scratch = np.empty((landscape.retract_rows, x.shape[1]))
    landscape.retract(ends, moves.copy(), scratch, status, landscape.parameters)
    return ends, status


def by_newton(landscape, x, moves):
    """The same by Newton's steps along the normals at x."""
    ends, status = x.copy(), np.zeros(x.shape[1], np.int64)
    shapes = ((1, 3), (1, 3), (1, 1), (1,))
    normals, current, matrix, weights = (np.empty((*shape, x.shape[1])) for shape in shapes)
    landscape.jacobian(x, normals, landscape.parameters)
    scratch = np.empty((newton_rows(landscape).count, x.shape[1]))
    project = newton(fresh_normals=False).build(landscape)
    project(ends, x + moves, normals, current, matrix, weights, scratch, status, landscape.parameters)
    return ends, status


@pytest.mark.parametrize(
    "landscape", TORI, ids=lambda landscape: f"{landscape.name} {landscape.dials['major']}"
)
def test_the_return_is_the_one_along_the_normals(landscape):
    x, normals = points(landscape)
    moves = moves_of(normals, 0.07 * min(1.0, landscape.dials["major"] - landscape.dials["minor"]))
    (own, status), (other, known) = returned(landscape, x, moves), by_newton(landscape, x, moves)
    assert not status.any()
    assert not known.any()
    assert np.abs(own - other).max() < ROUND_OFF * landscape.dials["major"]


def test_the_normal_part_of_a_move_has_no_effect():
    landscape = torus()
    x, normals = points(landscape)
    moves = moves_of(normals, 0.1)
    plain, _ = returned(landscape, x, moves)
    moved, status = returned(landscape, x, moves + 0.2 * normals)
    assert not status.any()
    assert np.abs(plain - moved).max() < 2.0 * ROUND_OFF


def test_without_a_near_point_a_walker_stays_and_fails():
    """A tangent move longer than the tube is thick leaves no point along the normal at the top of the tube."""
    landscape = torus()
    x = np.array([[2.0], [0.0], [1.0]]) * np.ones(5)
    moves = np.array([[0.0], [1.0], [0.0]]) * np.array([0.1, 0.5, 2.5, 3.5, 0.2])
    ends, status = returned(landscape, x, moves)
    assert status.tolist() == [0, 0, FAILED, FAILED, 0]
    assert np.array_equal(ends[:, 2:4], x[:, 2:4])


def test_a_return_along_other_normals_is_caught():
    """Broken on purpose: normals of a sphere about the origin lead to other points than Newton's steps."""
    landscape = torus()
    x, normals = points(landscape)
    moves = moves_of(normals, 0.07)
    radial = x / np.linalg.norm(x, axis=0)
    other, _ = by_newton(landscape, x, moves)
    own, _ = returned(landscape, x, moves_of(radial, 0.07))
    assert np.abs(own - other).max() > 1e-3
