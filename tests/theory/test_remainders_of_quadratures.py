"""Every remainder of a quadrature is a bound, on dials up to their limits, compared with independent integrals."""

import math
from functools import partial
from itertools import pairwise, product
from operator import mul

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma, log_ndtr

from langevin.errors import NumericalError
from langevin.theory.escape.one_dimension import exact_escape_time, free_energy_time
from langevin.theory.gibbs.quadratures import log_partition_function, stationary_moment
from langevin.theory.passage.channels import LAWS, channel_passage_time, local_diffusion

COLD_TO_HOT = (1e-6, 1e-3, 0.5, 1e3, 1e6)
#: Rounding of the reference itself, over its size.
ROUND_OFF = 1e-11


def holds(prediction, reference, size=None):
    return abs(prediction.value - reference) <= prediction.remainder + ROUND_OFF * (size or abs(reference))


def pieces(function, edges):
    """Integral between the first and the last of the edges, one piece after the other."""
    places = sorted(set(edges))
    parts = [quad(function, *ends, epsabs=0.0, epsrel=1e-13, limit=400)[0] for ends in pairwise(places)]
    return sum(parts)


def parabola_time(curvature, temperature, end):
    """The time from the bottom of a parabola to `end`: an integral of the normal distribution."""
    rise = end * math.sqrt(curvature / temperature)
    ends = [max(0.0, rise - 8.0 / max(rise, 1.0) * part) for part in (1, 2, 4)]
    whole = pieces(lambda u: math.exp(log_ndtr(u) + 0.5 * (u * u - rise * rise)), [0.0, *ends, rise])
    return math.exp(math.log(whole * math.sqrt(2 * math.pi) / curvature) + 0.5 * rise * rise)


@pytest.mark.parametrize("curvature", [1e-6, 1e-2, 1.5, 1e3, 1e6])
def test_escape_from_a_parabola(curvature):
    for temperature, rise in product(COLD_TO_HOT, (1e-4, 0.01, 0.3, 2.0, 8.0, 25.0, 36.0)):
        end = rise * math.sqrt(temperature / curvature)
        found = exact_escape_time(lambda x: 0.5 * curvature * x * x, 0.0, end, temperature)
        assert found.in_range
        assert holds(found, parabola_time(curvature, temperature, end))


def series(ratio):
    """ratio + exp(-ratio) - 1 for a small ratio."""
    return ratio**2 * (0.5 - ratio / 6 + ratio**2 / 24 - ratio**3 / 120)


def test_a_drift_up_and_down_a_slope_or_a_refusal():
    answered = 0
    for speed, length, temperature in product(
        (-500, -30, -1, 1e-6, 1, 30, 1e4), (1e-3, 1, 1e3), (1e-6, 1e-2, 1, 1e6)
    ):
        ratio = speed * length / temperature
        if -ratio > 650:  # the time is beyond floats
            continue
        share = ratio + math.expm1(-ratio) if abs(ratio) > 1e-3 else series(ratio)
        try:
            found = exact_escape_time(partial(mul, -speed), 0.0, length, temperature, lower=0.0)
        except NumericalError:
            continue
        answered += 1
        assert holds(found, temperature / speed**2 * share)
    assert answered >= 50


@pytest.mark.parametrize(("start", "end"), [(-1.0, 1.0), (-0.3, 2.0), (0.0, 0.01)])
@pytest.mark.parametrize("temperature", [0.05, 1.0, 100.0])
def test_escape_over_a_kink_has_a_remainder_and_not_a_refusal(start, end, temperature):
    top = max(-start, end)

    def outer(y):
        behind = math.exp(y / temperature) if y <= 0 else 2.0 - math.exp(-y / temperature)
        return math.exp((abs(y) - top) / temperature) * behind

    whole = pieces(outer, [start, 0.0, max(0.0, end - 5 * temperature), end])
    found = exact_escape_time(abs, start, end, temperature)
    assert holds(found, math.exp(math.log(whole) + top / temperature))


#: Half widths and slopes of channels, from flat to fast waves, and one with a kink.
CHANNELS = {
    "flat": (lambda x: 1.0 + 0.0 * x, lambda x: 0.0 * x),
    "cone": (lambda x: 0.3 + 0.7 * x, lambda x: 0.7 + 0.0 * x),
    "narrow": (lambda x: 1e-3 + x**2, lambda x: 2.0 * x),
    "wave": (lambda x: 1.1 + np.sin(40 * x) / 40, lambda x: np.cos(40 * x)),
    "kink": (lambda x: 0.1 + abs(x - 0.4), lambda x: np.where(x >= 0.4, 1.0, -1.0)),
}
CELLS = 9 * 8192


def channel_time(half_width, slope, transverse, law, start, target, wall):
    """The same double integral at temperature 1, by Simpson's rule on many cells."""
    y = np.linspace(wall, target, CELLS + 1)
    middle, h = (y[1:] + y[:-1]) / 2, y[1] - y[0]
    section, between = half_width(y) ** transverse, half_width(middle) ** transverse
    behind = np.append(0.0, np.cumsum((section[:-1] + 4 * between + section[1:]) * h / 6))
    half_way = behind[:-1] + h * (5 * section[:-1] + 8 * between - section[1:]) / 24
    ends = behind / (local_diffusion(slope(y), transverse, 1.0, law) * section)
    inner = half_way / (local_diffusion(slope(middle), transverse, 1.0, law) * between)
    times = np.append(0.0, np.cumsum((ends[:-1] + 4 * inner + ends[1:]) * h / 6))
    return times[-1] - np.interp((start - wall) / (target - wall), np.linspace(0, 1, CELLS + 1), times)


@pytest.mark.parametrize("name", CHANNELS)
def test_time_along_a_channel(name):
    half_width, slope = CHANNELS[name]
    for law, transverse in product(LAWS, (1, 2, 5)):
        if law == "kalinay-percus" and transverse > 1:
            continue
        for places in ((0.0, 0.45, 0.0), (0.1, 0.45, 0.0), (0.3, 0.0, 0.45)):
            reference = channel_time(half_width, slope, transverse, law, *places)
            for temperature in (1e-6, 1.0, 1e6):
                found = channel_passage_time(half_width, slope, transverse, temperature, *places, law)
                assert holds(found, reference / temperature, 1e3 * abs(reference) / temperature)


@pytest.mark.parametrize("stiffness", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("temperature", COLD_TO_HOT)
def test_moments_of_gibbs_laws(temperature, stiffness):
    width = temperature / stiffness

    def parabola(x):
        return 0.5 * stiffness * x * x

    def fourth(x):
        return stiffness * x**4

    normal = stationary_moment(parabola, temperature, lambda x: x**4)
    assert holds(log_partition_function(parabola, temperature), 0.5 * math.log(2 * math.pi * width), 1.0)
    assert holds(normal, 3 * width**2)
    flat = stationary_moment(fourth, temperature, lambda x: x * x)
    assert holds(flat, math.sqrt(width) * gamma(0.75) / gamma(0.25))
    aside = stationary_moment(lambda x: parabola(x - 3.0), temperature, lambda x: x)
    assert holds(aside, 3.0)
    if width < 1e8:  # farther out no interval is sought
        wall = stationary_moment(lambda x: stiffness * x, temperature, lambda x: x, 0.0)
        assert holds(wall, width)
        kink = stationary_moment(lambda x: stiffness * abs(x), temperature, lambda x: x * x)
        assert holds(kink, 2 * width**2)


@pytest.mark.parametrize("temperature", [0.02, 0.1, 0.3])
def test_time_over_a_free_energy(temperature):
    def profile(x):
        return (x * x - 1.0) ** 2

    found = free_energy_time(profile, (-3.0, 0.0), (-1.0, 1.0), temperature)
    over = pieces(lambda x: math.exp((profile(x) - 1.0) / temperature), [-1.0, 0.0, 1.0])
    inside = pieces(lambda x: math.exp(-profile(x) / temperature), [-3.0, -1.0, 0.0])
    assert holds(found, math.exp(1.0 / temperature) * over * inside / temperature)
    assert not holds(found, math.exp(1.0 / temperature) * over * inside)
