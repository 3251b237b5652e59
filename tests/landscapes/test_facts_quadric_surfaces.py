"""Sphere and ellipsoid: areas and moments by quadrature and Monte Carlo, and the laws that walks settle in."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.manifolds import ellipsoid, ring, sphere
from langevin.manifolds.ellipsoid import axes_of, eccentric_angle
from tests.landscapes.walks import conforms, deviation, log_det, moment, walk

#: Angles of the periodic trapezoidal rule, which is exact to round-off for smooth periodic functions.
ANGLES = np.linspace(0.0, 2.0 * np.pi, 2000, endpoint=False)


def directions(dim, count, seed=0):
    points = np.random.default_rng(seed).standard_normal((count, dim))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@pytest.mark.parametrize("dim", [2, 3, 6])
def test_sphere_facts(dim):
    made = sphere(dim, stiffness=7.0, radius=2.0)
    assert conforms(made)
    area = {2: 4.0 * np.pi, 3: 16.0 * np.pi, 6: np.pi**3 * 2.0**5}[dim]
    assert made.facts.volume == pytest.approx(area, rel=1e-12)
    points = 2.0 * directions(dim, 200_000)
    assert deviation(points[:, 0] ** 2, moment(made, "x_1^2").surface) < 4
    assert deviation(points[:, 0] ** 4, moment(made, "x_1^4").gibbs) < 4
    np.testing.assert_allclose(log_det(made, points[:9]), 0.5 * math.log(7.0), rtol=1e-12)


@pytest.mark.slow
@pytest.mark.statistical
def test_brownian_motion_on_the_sphere_forgets_at_its_rate():
    """E x(t) = x(0) exp(-(n-1) theta t / R^2); a decay of n instead of n - 1 is excluded."""
    made = sphere(4, radius=1.5)
    time = 1.0 / made.facts.decay
    first = walk(made, "surface", time=time, dt=time / 200, walkers=4000)[:, 0]
    assert deviation(first, 1.5 * math.exp(-1.0)) < 4
    assert deviation(first, 1.5 * math.exp(-4.0 / 3.0)) > 8


def test_ellipse_facts_by_quadrature_over_the_angle():
    made = ellipsoid(radius=math.sqrt(3.0), aspect=3.0)
    a, b = axes_of(made)
    assert (a, b) == pytest.approx((3.0, 1.0), rel=1e-14)
    length = np.hypot(a * np.sin(ANGLES), b * np.cos(ANGLES))
    assert made.facts.volume == pytest.approx(2 * np.pi * length.mean(), rel=1e-12)
    expected = [np.average(z**2, weights=length) for z in (a * np.cos(ANGLES), b * np.sin(ANGLES))]
    np.testing.assert_allclose([m.surface for m in made.facts.moments], expected, rtol=1e-12)
    points = np.stack([a * np.cos(ANGLES), b * np.sin(ANGLES)], axis=1)
    gibbs = length * np.exp(-log_det(made, points))
    np.testing.assert_allclose(
        [m.gibbs for m in made.facts.moments], np.average(points**2, axis=0, weights=gibbs), rtol=1e-12
    )


def test_ellipsoid_facts_by_monte_carlo():
    made = ellipsoid(dim=4, radius=2.0, aspect=5.0)
    assert conforms(made)
    axes, u = axes_of(made), directions(4, 400_000)
    weights = np.prod(axes) * np.linalg.norm(u / axes, axis=1)
    area = 2 * np.pi**2
    assert deviation(area * weights, made.facts.volume) < 4
    for i in range(4):
        ratio = weights * ((axes[i] * u[:, i]) ** 2 - made.facts.moments[i].surface)
        assert deviation(ratio, 0.0) < 4


# at the sharp end, where walkers start, a kick is long; over the whole ellipse its bias is far below 4 errors
@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.statistical
@pytest.mark.parametrize(
    ("law", "rival"), [pytest.param("surface", "gibbs", marks=pytest.mark.slow), ("gibbs", "surface")]
)
def test_projected_walks_on_the_ellipse(law, rival):
    """x^2 is even, so it relaxes at a rate of about 4 theta / R^2: e^-8 of the start is left."""
    made = ellipsoid(aspect=3.0)
    x = walk(made, law, time=2.0, dt=1e-3, walkers=2000)[:, 0]
    square = moment(made, "x_1^2")
    assert deviation(x**2, getattr(square, law)) < 4
    assert deviation(x**2, getattr(square, rival)) > 8


def test_eccentric_angle_of_the_ellipse():
    made = ellipsoid(aspect=3.0)
    a, b = axes_of(made)
    angles = np.linspace(-3.0, 3.0, 13)
    states = 1.2 * np.stack([a * np.cos(angles), b * np.sin(angles)], axis=1)
    np.testing.assert_allclose(eccentric_angle(made, states), angles, atol=1e-14)


@pytest.mark.slow
@pytest.mark.statistical
def test_soft_walk_around_the_ellipse_is_uniform_in_the_eccentric_angle_even_when_hot():
    """At theta = k / 10 walkers are far from the ellipse; the polar angle is not uniform. Steps are fine."""
    made = ellipsoid(stiffness=10.0, aspect=2.0)
    dt = 0.02 / made.stiffness(1.0)
    states = walk(made, "soft", temperature=1.0, time=4.0, dt=dt, walkers=3000)
    assert np.linalg.norm(states / axes_of(made), axis=1).std() > 0.1
    for multiple in (1.0, 2.0):
        assert deviation(np.cos(multiple * eccentric_angle(made, states)), 0.0) < 4
    assert deviation(np.cos(2.0 * np.arctan2(states[:, 1], states[:, 0])), 0.0) > 8


@pytest.mark.parametrize("dials", [{"dim": 1}, {"radius": 0.0}, {"stiffness": -1.0}])
@pytest.mark.parametrize("make", [sphere, ellipsoid])
def test_dials_out_of_range_are_refused(make, dials):
    with pytest.raises(UsageError, match="needs dim >= 2"):
        make(**dials)


@pytest.mark.parametrize("make", [ring, ellipsoid])
def test_a_volume_that_no_double_holds_is_left_out(make):
    """In units a thousand times as small the sphere around 200 coordinates has a volume of 10^491."""
    made = make(200, radius=1e3)
    assert made.facts.volume is None
    assert made.facts.log_volume == pytest.approx(make(200).facts.log_volume + 199 * math.log(1e3))
    assert make(3).facts.volume == pytest.approx(math.exp(make(3).facts.log_volume))
