"""A Metropolis walk with the landscape's closed-form retraction: the same law, and the same causes of refusal.

The ellipse of aspect 3 has a retraction along its normals by the roots of a quadratic equation.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from langevin.integrators import metropolis
from langevin.manifolds import constraint, ellipsoid, special_orthogonal, sphere, stiefel
from langevin.manifolds.ellipsoid import axes_of
from tests.integrators.test_metropolis import RULES, believe, walk
from tests.landscapes.walks import deviation, moment

UPRIGHT, LEFT_OVER = 0.0, 1.0
ELLIPSE = ellipsoid(2)


def residual(x, out, parameters):
    _, weights = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = weights[0] * x[0, lane] ** 2 + weights[1] * x[1, lane] ** 2 - 1.0


def jacobian(x, out, parameters):
    _, weights = parameters
    for i in range(2):
        for lane in range(x.shape[1]):
            out[0, i, lane] = 2.0 * weights[i] * x[i, lane]


def retract(x, move, scratch, status, parameters):
    """x + v + t n, where t is the root at which the normal has not turned over.

    With the side LEFT_OVER it is the other root if x_0 < 0: this leads to x_0 > 0, and no step leads back.
    """
    side, weights = parameters
    for lane in range(x.shape[1]):
        a, b, c = 0.0, 0.0, -1.0
        for i in range(2):
            normal, place = weights[i] * x[i, lane], x[i, lane] + move[i, lane]
            a += weights[i] * normal * normal
            b += weights[i] * normal * place
            c += weights[i] * place * place
        square = b * b - a * c
        root = np.sqrt(max(square, 0.0))
        if side == LEFT_OVER and x[0, lane] < 0.0:
            root = -root
        if square > 0.0:
            t = (root - b) / a
            for i in range(2):
                x[i, lane] += move[i, lane] + t * weights[i] * x[i, lane]
        elif status[lane] == 0:
            status[lane] = 4


def nearest(x, move, scratch, status, parameters):
    """The nearest point of the unit sphere: another projection."""
    for lane in range(x.shape[1]):
        square = 0.0
        for i in range(x.shape[0]):
            x[i, lane] += move[i, lane]
            square += x[i, lane] ** 2
        for i in range(x.shape[0]):
            x[i, lane] /= np.sqrt(square)


def northern(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = -x[0, lane]


def ellipse(side=UPRIGHT):
    axes = axes_of(ELLIPSE)
    return constraint(
        residual, jacobian, 2, 1, start=[axes[0], 0.0], parameters=(side, axes**-2), retract=retract
    )


def square_of(run, i=0):
    return run.states[:, -1, i] ** 2


@pytest.mark.statistical
@pytest.mark.parametrize(("measure", "other"), [("surface", "gibbs"), ("gibbs", "surface")])
def test_both_laws_of_an_ellipse_at_a_coarse_step(measure, other):
    """Within 4 standard errors of 0.5 %; the other law is far outside."""
    run = walk(ellipse(), metropolis(measure), 0.6, walkers=10_000, steps=300)
    for i in range(2):
        assert deviation(square_of(run, i), getattr(ELLIPSE.facts.moments[i], measure)) < 4
        assert deviation(square_of(run, i), getattr(ELLIPSE.facts.moments[i], other)) > 8
    tallies = run.tallies
    assert min(tallies.pop("rejected"), tallies.pop("not_projected")) > 10_000
    assert not any(tallies.values()), "this return always leads back, and never over"


@pytest.mark.statistical
def test_a_return_that_does_not_lead_back_is_refused_and_the_law_kept():
    run = walk(ellipse(LEFT_OVER), metropolis("gibbs"), 0.6, walkers=10_000, steps=300)
    assert deviation(square_of(run), ELLIPSE.facts.moments[0].gibbs) < 4
    assert run.tallies["reverse_failed"] > 10_000


@pytest.mark.slow
@pytest.mark.statistical
def test_without_the_check_of_the_way_back_that_law_is_wrong(monkeypatch):
    monkeypatch.setattr(RULES, "note_no_return", believe)
    run = walk(ellipse(LEFT_OVER), metropolis("gibbs"), 0.6, walkers=20_000, steps=300)
    assert run.tallies["reverse_failed"] == 0
    assert deviation(square_of(run), ELLIPSE.facts.moments[0].gibbs) > 6


@pytest.mark.parametrize("landscape", [special_orthogonal(4), stiefel(4, 2)], ids=lambda made: made.name)
def test_an_own_tangent_part_gives_the_steps_of_the_normals(landscape):
    """Equal to round-off, which stays below 1e-9 in twenty steps; the same steps are refused, for the same causes."""
    own, by_normals = (
        walk(each, metropolis(), 0.5, walkers=200, steps=20)
        for each in (landscape, replace(landscape, tangent=None))
    )
    np.testing.assert_allclose(own.states[:, -1], by_normals.states[:, -1], atol=1e-9)
    assert own.tallies == by_normals.tallies
    assert sum(own.tallies.values()) > 100


@pytest.mark.slow
@pytest.mark.statistical
def test_frames_at_a_coarse_step():
    """E X_11^2 X_22^2, within 4 standard errors of 2 %, and independent coordinates are 10 % away."""
    landscape = stiefel(4, 2)
    ends = walk(landscape, metropolis(), 0.4, walkers=10_000, steps=80).states[:, -1]
    product = ends[:, 0] ** 2 * ends[:, 3] ** 2
    assert deviation(product, moment(landscape, "X_11^2 X_22^2").surface) < 4
    assert deviation(product, 1 / 16) > 4


@cache
def half_sphere():
    return walk(replace(sphere(3), walls=northern), metropolis(), 0.8, walkers=10_000, steps=60, every=1)


@pytest.mark.statistical
def test_part_of_a_sphere():
    """Height is uniform between equator and pole (Archimedes)."""
    heights = half_sphere().states[:, :, 0]
    assert heights.min() >= 0.0
    assert deviation(heights[:, -1], 1 / 2) < 4
    assert deviation(heights[:, -1] ** 2, 1 / 3) < 4
    assert deviation(heights[:, -1], 0.52) > 4


def test_every_step_that_is_not_taken_has_one_cause():
    """On a sphere the tangent steps of both directions have equal lengths: none is rejected for its length."""
    run = half_sphere()
    stays = (run.states[:, 1:] == run.states[:, :-1]).all(axis=2).sum(axis=1)
    np.testing.assert_array_equal(run.events["not_projected"] + run.events["beyond_walls"], stays)
    assert min(run.tallies["not_projected"], run.tallies["beyond_walls"]) > 10_000


def steps(landscape, size, lanes=40, count=3):
    """States (dim, lanes) after some steps in plain Python, and the tallies."""
    integrator, generator = metropolis(), np.random.default_rng(1)
    step = integrator.build(landscape)
    x = np.ascontiguousarray(landscape.start(np.full((lanes, landscape.dim), 0.5), 1.0).T)
    work = np.full((integrator.work_rows(landscape), lanes), np.nan)
    memory, status = np.zeros((integrator.memory_rows(landscape), lanes)), np.zeros(lanes, np.int64)
    for _ in range(count):
        noise = generator.standard_normal((landscape.dim + integrator.extra_noise, lanes))
        step(x, noise, noise, work, memory, status, size**2 / 2, 1.0, landscape.parameters)
    return x, dict(zip(integrator.tallies, memory.sum(axis=1)))


@pytest.mark.parametrize(
    "landscape", [sphere(3), special_orthogonal(3), stiefel(5, 3)], ids=lambda made: made.name
)
def test_steps_go_where_newton_leads_them(landscape):
    """With the same noise, the closed form and Newton's steps agree to round-off."""
    closed, tallied = steps(landscape, 0.05)
    newton, other = steps(replace(landscape, retract=None), 0.05)
    assert tallied == other
    assert (closed != newton).any()
    np.testing.assert_allclose(closed, newton, rtol=0, atol=1e-12)


def test_another_projection_does_not_lead_back():
    """The nearest point is not along the normals at the start, so no step passes the check."""
    x, tallied = steps(replace(sphere(3), retract=nearest), 0.3)
    assert tallied["reverse_failed"] == 3 * 40
    assert (x.T == sphere(3).start(np.zeros((1, 3)), 0.0)).all()
