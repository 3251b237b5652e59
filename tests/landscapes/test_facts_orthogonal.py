"""Orthonormal columns and rotations: volumes, Haar moments and the decay rate of correlations."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.manifolds import special_orthogonal, sphere, stiefel
from langevin.manifolds.special_orthogonal import angle_density
from tests.landscapes.walks import conforms, deviation, log_det, losses, moment, walk


def haar(rows, columns, count, seed=0, proper=False):
    """Uniform orthonormal columns, from Gaussian ones; `proper` ones have determinant 1."""
    X, R = np.linalg.qr(np.random.default_rng(seed).standard_normal((count, rows, columns)))
    X *= np.sign(np.diagonal(R, axis1=1, axis2=2))[:, None]
    if proper:
        X[:, :, -1] *= np.sign(np.linalg.det(X))[:, None]
    return X


@pytest.mark.parametrize(("rows", "columns"), [(3, 1), (4, 2), (5, 3)])
def test_stiefel_facts(rows, columns):
    made = stiefel(rows, columns, stiffness=5.0)
    assert conforms(made)
    X = haar(rows, columns, 100_000)
    flat = X[:100].reshape(100, -1)
    assert losses(made, flat).max() < 1e-25
    np.testing.assert_allclose(log_det(made, flat[:9]), 0.5 * made.codim * math.log(5.0), atol=1e-12)
    assert deviation(X[:, 0, 0] ** 2, moment(made, "X_11^2").surface) < 4
    if columns > 1:
        products = (X[:, 0, 0] * X[:, 1, 1]) ** 2
        assert deviation(products, moment(made, "X_11^2 X_22^2").surface) < 4
        assert deviation(products, 1.0 / rows**2) > 8


def test_volumes_of_small_cases():
    """V(n, 1) is a sphere, SO(2) a circle of radius sqrt(2), SO(3) half the sphere of quaternions, |dX|^2 = 8 |dq|^2.

    V(3, 2) is SO(3) without its third column: of three axes of rotation, two are then shorter by sqrt(2).
    """
    assert stiefel(4, 1).facts.volume == pytest.approx(sphere(4).facts.volume)
    assert special_orthogonal(2).facts.volume == pytest.approx(2 * np.pi * math.sqrt(2.0))
    assert special_orthogonal(3).facts.volume == pytest.approx(np.pi**2 * 8**1.5)
    assert stiefel(3, 2).facts.volume == pytest.approx(np.pi**2 * 8**1.5 / 2.0)


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (3, 2), (4, 2)])
def test_volume_by_the_tube_around_it(rows, columns):
    """Gaussian probability of a thin tube {|X^T X - 1| small}: volume times density times the width across.

    The Jacobian across, det(X^T X)^((n-p-1)/2), changes the estimate only at order width^2: the tolerance is 5 %.
    """
    width, count = 0.15, 1_000_000
    X = np.random.default_rng(3).standard_normal((count, rows, columns)) / math.sqrt(2 * np.pi)
    gram = np.einsum("nia,nib->nab", X, X) - np.eye(columns)
    inside = (gram**2).sum(axis=(1, 2)) < 4 * width**2
    codim = columns * (columns + 1) // 2
    ball = np.pi ** (codim / 2) / math.gamma(codim / 2 + 1) * width**codim
    # density of X is exp(-pi |X|^2): divide by it inside
    mass = np.exp(np.pi * (X[inside] ** 2).sum(axis=(1, 2)))
    estimate = mass.sum() / count / ball
    error = math.sqrt((mass**2).sum()) / count / ball
    facts = (stiefel(rows, columns) if columns < rows else special_orthogonal(rows)).facts
    expected = facts.volume * (2.0 if rows == columns else 1.0)
    assert abs(estimate - expected) < 4 * error + 0.05 * expected
    assert abs(estimate - expected * math.sqrt(2.0)) > 8 * error


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_rotation_facts(size):
    made = special_orthogonal(size)
    assert conforms(made)
    X = haar(size, size, 100_000, proper=True)
    assert losses(made, X[:100].reshape(100, -1)).max() < 1e-24
    trace = np.trace(X, axis1=1, axis2=2)
    assert deviation(trace**2, moment(made, "(tr X)^2").surface) < 4
    assert deviation(trace**4, moment(made, "(tr X)^4").surface) < 4
    if size == 4:  # not the moment of O(n)
        assert deviation(trace**4, 3.0) > 8


def test_angles_of_rotations_of_space():
    X = haar(3, 3, 200_000, seed=2, proper=True)
    angles = np.arccos(np.clip(0.5 * (np.trace(X, axis1=1, axis2=2) - 1.0), -1.0, 1.0))
    grid = np.linspace(0.0, np.pi, 2001)
    density = angle_density(grid)
    mass = np.append(0.0, np.cumsum(0.5 * (density[1:] + density[:-1]) * (grid[1] - grid[0])))
    assert mass[-1] == pytest.approx(1.0, rel=1e-6)
    for angle in (1.0, 2.0, 2.6):
        assert deviation((angles < angle).astype(float), np.interp(angle, grid, mass)) < 4


@pytest.mark.statistical
@pytest.mark.parametrize(
    "made",
    [special_orthogonal(3), pytest.param(stiefel(4, 2), marks=pytest.mark.slow)],
    ids=["rotations", "columns"],
)
def test_brownian_motion_forgets_at_its_rate(made):
    """E X(t) = X(0) exp(-rate theta t); the clock of the metric tr dX^T dX / 2, twice as fast, is excluded."""
    rate = made.facts.decay
    start = made.start(np.full((1, made.dim), 0.5), 1.0)[0]
    states = walk(made, "surface", time=1.0 / rate, dt=0.01 / rate, walkers=3000)
    overlap = states @ start / (start @ start)
    assert deviation(overlap, math.exp(-1.0)) < 4
    assert deviation(overlap, math.exp(-2.0)) > 8


@pytest.mark.parametrize(
    ("make", "dials", "message"),
    [
        (stiefel, {"rows": 3, "columns": 3}, "use special_orthogonal"),
        (stiefel, {"stiffness": 0.0}, "stiffness > 0"),
        (special_orthogonal, {"size": 1}, "size >= 2"),
    ],
)
def test_dials_out_of_range_are_refused(make, dials, message):
    with pytest.raises(UsageError, match=message):
        make(**dials)
