"""Drift of tr H agrees with its law on u v = 1, where tr H follows one differential equation."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import networks
from tests.measure.networks.small import product

RATE, SIGMA = 0.1, 0.3
STARTS = (1.5, 2.0, 2.5)


def slope(r):
    """dr/dn of r = u^2 + v^2 = tr H: -2 lr^2 sigma^2 q^2 / (r (2 - lr r)), q^2 = (u^2 - v^2)^2 = r^2 - 4."""
    return -2 * RATE**2 * SIGMA**2 * (r**2 - 4) / (r * (2 - RATE * r))


def way(start, steps, speed=1.0, parts=50):
    """Weights (u, 1/u) at the steps, from u = start, by the midpoint rule in small parts."""
    r, weights = start**2 + start**-2, []
    for gap in np.diff([0, *steps]):
        for _ in range(parts):
            half = r + 0.5 * speed * gap / parts * slope(r)
            r += speed * gap / parts * slope(half)
        u = ((r + (r**2 - 4) ** 0.5) / 2) ** 0.5
        weights.append({"u": np.array(u), "v": np.array(1 / u)})
    return weights


def measured(speed=1.0, **changed):
    steps = np.linspace(0, 400, 11)
    path = list(zip(*(way(start, steps, speed) for start in STARTS)))
    numbers = {"learning_rate": RATE, "noise_sd": SIGMA} | changed
    return networks.trace_drift(product(), steps, path, **numbers), path


def test_networks_that_follow_the_law_have_the_ratio_1():
    """The trapezoidal rule over ten parts of the way, of which r falls by a third, leaves below 1e-3."""
    found, path = measured()
    ends = np.array([[w["u"] ** 2 + w["v"] ** 2 for w in path[end]] for end in (0, -1)])
    assert found.measured.value == pytest.approx((ends[1] - ends[0]).mean() / 400, rel=1e-12)
    assert found.measured.value < 0
    assert found.ratio.value == pytest.approx(1, abs=1e-3)
    assert found.ratio.n == 3
    assert found.ratio.mixed


@pytest.mark.parametrize(("wrong", "ratio"), [({"speed": 2.0}, 2), ({"noise_sd": 2 * SIGMA}, 0.25)])
def test_another_speed_or_noise_is_another_ratio(wrong, ratio):
    assert measured(**wrong)[0].ratio.value == pytest.approx(ratio, rel=0.01)


def test_off_the_set_the_law_is_not_judged():
    off = [[{"u": np.array(2.0), "v": np.array(0.6)}] * 2] * 2
    found = networks.trace_drift(product(), [0, 10], off, learning_rate=RATE, noise_sd=0.01)
    assert not found.ratio.mixed
    assert "100% of the points lie off the zero-loss set" in found.predicted.note


@pytest.mark.parametrize("steps", [[0], [0, 0], [0, 1, 2]])
def test_frames_out_of_order_are_refused(steps):
    _, path = measured()
    with pytest.raises(UsageError, match="rising step"):
        networks.trace_drift(product(), steps, path[:2], learning_rate=RATE, noise_sd=SIGMA)
