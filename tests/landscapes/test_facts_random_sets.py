"""Random quadrics and the zero-loss set of a small network: their sets, their symmetries, their walks."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.manifolds import quadrics, tanh_network
from langevin.manifolds.quadrics import forms_of, radii_of
from langevin.manifolds.tanh_network import copies, output, samples_of
from tests.landscapes.walks import conforms, deviation, log_det, losses, on, walk


@pytest.mark.parametrize("seed", [0, 7])
def test_quadrics_facts(seed):
    made = quadrics(6, 3, radius=2.0, spread=0.5, seed=seed)
    assert conforms(made)
    Q, levels = forms_of(made)
    inner, outer = radii_of(made)
    np.testing.assert_allclose(np.abs(np.linalg.eigvalsh(Q) - 1.0).max(axis=1), 0.5, rtol=1e-12)
    start = made.start(np.full((1, 6), 0.5), 1.0)[0]
    assert np.linalg.norm(start) == pytest.approx(2.0)
    # every point of one ellipsoid is between the radii; the points of smallest and largest radius are on its axes
    for matrix, level in zip(Q, levels):
        radii = np.sqrt(level / np.linalg.eigvalsh(matrix))
        assert inner <= radii.min() <= radii.max() <= outer
    _, J = on(made, start[None])
    assert np.linalg.eigvalsh(J[0] @ J[0].T)[-1] <= made.stiffness(0.0)


def test_quadrics_depend_on_the_seed():
    one, again, other = quadrics(seed=1), quadrics(seed=1), quadrics(seed=2)
    assert (forms_of(one)[0] == forms_of(again)[0]).all()
    assert np.abs(forms_of(one)[0] - forms_of(other)[0]).max() > 0.01


def closed_curve(made, step=2e-3):
    """The curve in space on which two ellipsoids meet, by Runge-Kutta in arc length until it closes."""

    def tangent(x):
        J = on(made, x[None])[1][0]
        t = np.cross(J[0], J[1])
        return t / np.linalg.norm(t)

    points = [made.start(np.full((1, 3), 0.5), 1.0)[0]]
    while len(points) < 50 or np.linalg.norm(points[-1] - points[0]) > 0.8 * step:
        x = points[-1]
        a = tangent(x)
        b = tangent(x + 0.5 * step * a)
        c = tangent(x + 0.5 * step * b)
        d = tangent(x + step * c)
        points.append(x + step * (a + 2 * b + 2 * c + d) / 6)
        assert len(points) < 20_000
    return np.array(points)


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize(("law", "rival"), [("surface", "gibbs"), ("gibbs", "surface")])
def test_walks_on_the_curve_of_two_ellipsoids(law, rival):
    """Two equations: moments along the curve by quadrature in arc length, with weight 1 or det(J J^T)^(-1/2)."""
    made = quadrics(3, 2, spread=0.8, seed=3)
    curve = closed_curve(made)
    assert losses(made, curve).max() < 1e-12
    weights = {"surface": np.ones(len(curve)), "gibbs": np.exp(-log_det(made, curve))}
    means = {name: np.average(curve**2, axis=0, weights=w) for name, w in weights.items()}
    best = np.argmax(np.abs(means["gibbs"] - means["surface"]))
    states = walk(made, law, time=6.0, dt=2.5e-4, walkers=4000)
    squares = states[:, best] ** 2
    assert deviation(squares, means[law][best]) < 4
    assert deviation(squares, means[rival][best]) > 8


@pytest.mark.parametrize("dials", [{}, {"hidden": 1, "samples": 1}, {"hidden": 4, "samples": 7, "seed": 5}])
def test_network_facts(dials):
    made = tanh_network(**dials)
    assert conforms(made)
    hidden = made.dim // 3
    start = made.start(np.full((1, made.dim), 0.5), 1.0)
    inputs, targets = samples_of(made)
    np.testing.assert_allclose(output(start, inputs)[0], targets)
    assert copies(hidden) == 2**hidden * math.factorial(hidden)
    # one hidden unit with all its signs changed, and the units in another order, are the same network
    copy = start.reshape(3, hidden).copy()
    copy[:, 0] *= -1.0
    copy = copy[:, ::-1].reshape(1, -1)
    assert losses(made, copy)[0] < 1e-25
    copy[0, 0] *= -1.0
    assert losses(made, copy)[0] > 1e-6
    _, J = on(made, start)
    assert np.linalg.matrix_rank(J[0]) == made.codim
    assert made.stiffness(1.0) == pytest.approx(np.linalg.eigvalsh(J[0] @ J[0].T)[-1], rel=0.01)


@pytest.mark.slow
def test_a_projected_walk_stays_on_the_zero_loss_set():
    made = tanh_network()
    states = walk(made, "surface", time=0.02, dt=1e-4, walkers=64)
    r, _ = on(made, states)
    assert np.abs(r).max() < 1e-8
    assert np.abs(states - states[0]).max() > 0.05


@pytest.mark.parametrize(
    ("make", "dials", "message"),
    [
        (quadrics, {"equations": 10}, "equations < dim"),
        (quadrics, {"spread": 1.0}, "spread < 1"),
        (tanh_network, {"samples": 9}, "samples < 3 hidden"),
        (tanh_network, {"seed": -1}, "seed >= 0"),
    ],
)
def test_dials_out_of_range_are_refused(make, dials, message):
    with pytest.raises(UsageError, match=message):
        make(**dials)
