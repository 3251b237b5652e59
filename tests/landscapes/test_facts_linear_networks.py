"""Hyperbola and factorised matrices: balances that soft and Gibbs motion keep, and surface motion does not."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.manifolds import factorised, hyperbola
from langevin.manifolds.factorised import log_det, target_of
from tests.landscapes.walks import conforms, deviation, losses, moment, walk
from tests.landscapes.walks import log_det as half_log_det


def test_hyperbola_facts():
    made = hyperbola(product=2.0, tilt=0.7)
    assert conforms(made)
    w = made.start(np.full((1, 2), 0.5), 1.0)[0]
    assert w.prod() == pytest.approx(2.0)
    assert moment(made, "w_1^2 - w_2^2").function(w[None])[0] == pytest.approx(4.0 * math.sinh(1.4))


def laplace_beltrami_of_balance(tilt, h=1e-4):
    """Generator of Brownian motion on w_1 w_2 = 1, applied to w_1^2 - w_2^2: second difference in arc length."""
    nodes = tilt + h * np.arange(-2, 3)
    q = 2 * np.sinh(2 * nodes)
    speed = np.sqrt(2 * np.cosh(2 * nodes))
    length = np.cumsum(np.append(0.0, 0.5 * (speed[1:] + speed[:-1]) * h))
    return 2 * np.polyfit(length - length[2], q, 2)[0]


def test_hyperbola_drift_of_the_balance_by_differences():
    for tilt in (0.3, 1.1):
        made = hyperbola(tilt=tilt)
        rate = moment(made, "w_1^2 - w_2^2").surface_rate
        assert rate == pytest.approx(laplace_beltrami_of_balance(tilt), rel=1e-3)


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize("law", ["gibbs", "surface"])
def test_walks_on_the_hyperbola_keep_the_balance_or_not(law):
    """Over a short time the surface drift is constant to 3 per cent, much less than its difference from 0."""
    made = hyperbola(tilt=1.0)
    time = 0.05
    w = walk(made, law, time=time, dt=5e-4, walkers=40_000)
    change = w[:, 0] ** 2 - w[:, 1] ** 2 - 2.0 * math.sinh(2.0)
    balance = moment(made, "w_1^2 - w_2^2")
    rates = {"surface": balance.surface_rate, "gibbs": balance.gibbs_rate}
    expected, rival = time * rates.pop(law), time * rates.popitem()[1]
    assert deviation(change, expected) < 4
    assert deviation(change, rival) > 6


@pytest.mark.slow
@pytest.mark.statistical
def test_the_soft_walk_keeps_the_balance():
    made = hyperbola(stiffness=400.0, tilt=0.8)
    w = walk(made, "soft", time=0.1, dt=0.05 / made.stiffness(1.0), walkers=10_000)
    change = w[:, 0] ** 2 - w[:, 1] ** 2 - 2.0 * math.sinh(1.6)
    assert deviation(change, 0.0) < 4
    assert deviation(change, 0.1 * moment(made, "w_1^2 - w_2^2").surface_rate) > 5


def factors(states, outputs, hidden):
    second = states[:, : outputs * hidden].reshape(len(states), outputs, hidden)
    return second, states[:, outputs * hidden :].reshape(len(states), hidden, -1)


@pytest.mark.parametrize("dims", [(1, 1, 1), (2, 3, 2), (3, 3, 1), (1, 4, 2)])
def test_factorised_set_and_determinant(dims):
    outputs, hidden, _ = dims
    made = factorised(*dims, stiffness=3.0, largest=2.5)
    assert conforms(made)
    start = made.start(np.full((1, made.dim), 0.5), 1.0)
    second, first = factors(start, outputs, hidden)
    np.testing.assert_allclose(second @ first, target_of(made)[None], atol=1e-15)
    # the same product, unbalanced: W_2 G and G^-1 W_1
    G = np.eye(hidden) + 0.4 * np.random.default_rng(1).standard_normal((hidden, hidden))
    moved = np.concatenate([(second @ G).ravel(), (np.linalg.inv(G) @ first).ravel()])[None]
    assert losses(made, moved)[0] < 1e-25
    for states in (start, moved):
        second, first = factors(states, outputs, hidden)
        law = log_det(second[0], first[0], 3.0)
        assert law == pytest.approx(half_log_det(made, states)[0], abs=1e-10)


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize(
    ("dims", "law"), [((2, 3, 2), "gibbs"), ((1, 3, 2), "gibbs"), ((2, 3, 2), "surface")]
)
def test_the_balance_of_factorised_matrices(dims, law):
    """tr B moves by theta t (number) (width) under Gibbs motion; the surface walk from an unbalanced start does not."""
    outputs, hidden, _ = dims
    made = factorised(*dims)
    start = made.start(np.full((1, made.dim), 0.5), 1.0)[0]
    cut = outputs * hidden
    start[:cut] *= 1.6
    start[cut:] /= 1.6
    before = (start[:cut] ** 2).sum() - (start[cut:] ** 2).sum()
    time = 0.05
    states = walk(made, law, time=time, dt=5e-4, walkers=20_000, start=start)
    balance = moment(made, "|W_2|^2 - |W_1|^2")
    change = balance.function(states) - before
    expected = time * balance.gibbs_rate
    if law == "gibbs":
        assert deviation(change, expected) < 4
    else:
        assert deviation(change, expected) > 8


@pytest.mark.parametrize(
    ("make", "dials", "message"),
    [
        (hyperbola, {"product": 0.0}, "product > 0"),
        (hyperbola, {"tilt": math.nan}, "tilt"),
        (factorised, {"hidden": 1}, "inputs <= hidden"),
        (factorised, {"largest": 0.5}, "largest >= 1"),
    ],
)
def test_dials_out_of_range_are_refused(make, dials, message):
    with pytest.raises(UsageError, match=message):
        make(**dials)
