"""The drift of each projection: one kick from the floor of the canal, with the kernels in plain Python.

An isotropic kick of variance s^2 per coordinate moves the walker by -c m s^2 a'/a on average, with c = 0 for nearest
and shake, 1/4 for flow, 1/2 for gauss-newton. The kick itself is known and subtracted, so the Monte-Carlo
error is small.
"""

import math

import numpy as np
import pytest

from langevin.integrators import implied_measure, projected
from langevin.integrators.projected import RETRACTIONS
from langevin.landscapes.evaluate import evaluate
from langevin.manifolds import canal, ellipsoid
from langevin.manifolds.ellipsoid import axes_of

COEFFICIENTS = {"nearest": 0.0, "shake": 0.0, "midpoint": 0.25, "flow": 0.25, "gauss-newton": 0.5}
MEASURES = {0.0: "surface", 0.25: "gibbs", 0.5: "det^-1"}
TRANSVERSE = 2


def kicked(projection, noise, size, start=0.5 * math.pi, amplitude=1.0, lanes=1500):
    """(x before, kicks (1 + m, lanes), x after), for kicks of standard deviation `size`."""
    landscape = canal(TRANSVERSE, amplitude=amplitude, start=start)
    integrator = projected(projection, noise)
    states = np.zeros((landscape.dim, lanes))
    states[0] = start
    normals = np.random.default_rng(8).standard_normal(states.shape).astype(np.float32)
    work, status = np.empty((integrator.work_rows(landscape), lanes)), np.zeros(lanes, np.int64)
    step, memory = integrator.build(landscape), np.zeros((integrator.memory_rows(landscape), lanes))
    step(states, normals, normals, work, memory, status, size**2 / 2, 1.0, landscape.parameters)
    assert not status.any()
    assert np.abs(states[1:]).max() < 1e-10, "back on the floor y = 0"
    return start, size * normals.astype(np.float64), states[0]


@pytest.mark.statistical
@pytest.mark.parametrize("noise", ["isotropic", "tangent"])
@pytest.mark.parametrize("projection", COEFFICIENTS)
@pytest.mark.parametrize(("start", "amplitude"), [(0.5 * math.pi, 1.0), (4.0, 0.6)])
def test_drift_coefficient(projection, noise, start, amplitude):
    """Within 4 standard errors of c, about 10 % of it; the neighbouring coefficients are far outside."""
    size = 0.03
    before, kicks, after = kicked(projection, noise, size, start, amplitude)
    slope = -amplitude * math.sin(start)
    slides = (after - before - kicks[0]) / (-TRANSVERSE * size**2 * slope)
    measured, error = slides.mean(), slides.std() / math.sqrt(slides.size) + 1e-9
    expected = COEFFICIENTS[projection] if noise == "isotropic" else 0.0
    assert abs(measured - expected) < 4 * error
    for other in {0.0, 0.25, 0.5} - {expected}:
        assert abs(measured - other) > 10 * error
    assert implied_measure(projection, noise) == projected(projection, noise).measure == MEASURES[expected]


@pytest.mark.parametrize("noise", ["isotropic", "tangent"])
@pytest.mark.parametrize("projection", ["nearest", "shake"])
def test_without_a_drift_each_walker_moves_by_its_kick(projection, noise):
    """For kicks of any size: the nearest point of the floor, and the old normals, do not change x."""
    before, kicks, after = kicked(projection, noise, 0.3, lanes=200)
    np.testing.assert_allclose(after, before + kicks[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("projection", ["midpoint", "flow", "gauss-newton"])
def test_noise_along_the_surface_has_nothing_to_return_from(projection):
    before, kicks, after = kicked(projection, "tangent", 0.3, lanes=200)
    np.testing.assert_allclose(after, before + kicks[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [0.03, 0.3, 0.6])
def test_midpoint_takes_the_normals_at_the_middle_of_the_kick(size):
    """On the canal it moves x by -a'/a |y|^2 / 4, with a'/a at the middle: round-off only, and not at the end."""
    before, kicks, after = kicked("midpoint", "isotropic", size, lanes=200)
    squares = (kicks[1:] ** 2).sum(axis=0) / 4
    np.testing.assert_allclose(after, before + kicks[0] + np.sin(before + kicks[0] / 2) * squares, atol=1e-12)
    assert np.abs(after - before - kicks[0] - np.sin(before + kicks[0]) * squares).max() > 0.1 * size**4


@pytest.mark.parametrize("size", [0.03, 0.1, 0.3, 0.6])
def test_flow_is_the_gradient_flow_to_its_tolerance(size):
    """tan(x/2) grows by exp(A |y|^2 / 4) on the way down; the flow is within 1e-4 of the kick, of up to 4 `size`.

    One midpoint step, of third order, is off by up to 0.4 size^3, and a full step by size^2.
    """
    before, kicks, after = kicked("flow", "isotropic", size, lanes=200)
    tangent = np.tan((before + kicks[0]) / 2) * np.exp((kicks[1:] ** 2).sum(axis=0) / 4)
    assert np.abs(after - 2 * np.arctan(tangent)).max() < 4e-4 * size
    full = kicked("gauss-newton", "isotropic", size, lanes=200)[2]
    assert np.abs(full - 2 * np.arctan(tangent)).max() > 0.1 * size**2


def test_flow_on_an_ellipse_keeps_its_invariant():
    """dx_i/ds = -x_i / a_i^2 up to a common factor, so |x_1|^(a_1^2) / |x_2|^(a_2^2) is constant."""
    landscape = ellipsoid(2, aspect=2.0)
    squares = axes_of(landscape) ** 2
    generator = np.random.default_rng(3)
    angle = generator.uniform(0.3, 1.2, 200)
    x = np.sqrt(squares)[:, None] * [np.cos(angle), np.sin(angle)]
    y = x + 0.05 * generator.standard_normal(x.shape)

    def invariant(points):
        return squares[0] * np.log(points[0]) - squares[1] * np.log(points[1])

    ends, status = returned(landscape, "flow", x, y)
    assert not status.any()
    # errors of 1e-4 of kicks of 0.1, times the slope a^2 / x of the invariant, up to 10 for coordinates from 0.2 on
    np.testing.assert_allclose(invariant(ends), invariant(y), rtol=0, atol=1e-4)
    assert np.abs(invariant(returned(landscape, "gauss-newton", x, y)[0]) - invariant(y)).max() > 1e-3


@pytest.mark.parametrize("aspect", [2.0, 4.0])
def test_nearest_is_the_nearest_point_beyond_the_centres_of_curvature(aspect):
    """The smallest radii of curvature of the ellipses are 0.35 and 0.125, and kicks of 0.2 lead beyond the centres.

    The distance of the end is the least of 4000 points on the ellipse, within half their spacing. For kicks beyond the
    centres, on the other side of the axis, the end may be only a local minimum, in 1 of 200 kicks.
    """
    landscape = ellipsoid(2, aspect=aspect)
    axes, generator = axes_of(landscape)[:, None], np.random.default_rng(4)
    angle = generator.uniform(0.0, 2 * np.pi, 400)
    x = axes * [np.cos(angle), np.sin(angle)]
    y = x + 0.2 * generator.standard_normal(x.shape)
    ends, status = returned(landscape, "nearest", x, y)
    assert not status.any()
    grid = np.linspace(0.0, 2 * np.pi, 4000)
    every = axes * [np.cos(grid), np.sin(grid)]
    least = np.sqrt(((every[:, None] - y[:, :, None]) ** 2).sum(axis=0)).min(axis=1)
    found = np.sqrt(((ends - y) ** 2).sum(axis=0))
    assert (found - least > 1e-5).mean() <= 0.005


def returned(landscape, projection, x, y):
    """The result of a retraction of `y` (dim, lanes), which is x after a kick, and the status."""
    way, codim = RETRACTIONS[projection], landscape.codim
    dim, lanes = x.shape
    ends, status = x.copy(), np.zeros(lanes, np.int64)
    normals = np.ascontiguousarray(evaluate(landscape, "jacobian", x.T).transpose(1, 2, 0))
    scratch = np.full((way.rows(landscape).count, lanes), np.nan)
    current, matrix, weights = (
        np.empty_like(normals),
        np.empty((codim, codim, lanes)),
        np.empty((codim, lanes)),
    )
    way.build(landscape)(
        ends, y.copy(), normals, current, matrix, weights, scratch, status, landscape.parameters
    )
    return ends, status


def test_gauss_newton_steps_as_numpy_takes_them():
    """y - J^+ r with the pseudo-inverse of NumPy, to convergence; round-off only."""
    landscape = canal(TRANSVERSE, start=0.5 * math.pi)
    before, kicks, after = kicked("gauss-newton", "isotropic", 0.3, lanes=20)
    for lane in range(20):
        y = np.concatenate([[before + kicks[0, lane]], kicks[1:, lane]])
        for _ in range(8):
            r, J = evaluate(landscape, "residual", y), evaluate(landscape, "jacobian", y)
            y = y - np.linalg.pinv(J) @ r
        assert after[lane] == pytest.approx(y[0], abs=1e-12)
