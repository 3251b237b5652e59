"""The flux out of an origin is measured when it is steady, which takes long if a deeper well is on the path."""

import math

import numpy as np
import pytest

import langevin
from langevin.ensemble import splitting_origin

THETA = 0.25


def height(place):
    well = np.exp(-(((place - 1) / 0.3) ** 2))
    return 0.5 * (1 - np.cos(2 * np.pi * place)) - well + 20.0 * np.minimum(place, 0.0) ** 2


def value(x, out, parameters):
    for walker in range(x.shape[1]):
        place = x[0, walker]
        out[walker] = 0.5 * (1 - math.cos(2 * math.pi * place)) - math.exp(-(((place - 1) / 0.3) ** 2))
        if place < 0:
            out[walker] += 20.0 * place**2


def gradient(x, out, parameters):
    for walker in range(x.shape[1]):
        place = x[0, walker]
        well = math.exp(-(((place - 1) / 0.3) ** 2))
        out[0, walker] = math.pi * math.sin(2 * math.pi * place) + well * (place - 1) / 0.045
        if place < 0:
            out[0, walker] += 40.0 * place


def target(x, out, parameters):
    for walker in range(x.shape[1]):
        out[walker] = 2.0 - x[0, walker]


def exact():
    """Mean time from 0 to 2: the integral of exp((f(y) - f(z)) / theta) / theta over z < y, 0 < y < 2."""
    places = np.linspace(-1.5, 2.0, 200_001)
    f, step = height(places), places[1] - places[0]
    inner = np.cumsum(np.exp(-f / THETA)) * step
    return float((np.exp(f / THETA) * inner)[places >= 0].sum() * step / THETA)


def measured():
    well = langevin.potentials.potential(value, gradient, 1, start=[0.0], target=target)
    effort = langevin.Effort(walkers=200, replicas=10)
    return langevin.splitting(langevin.Problem(well, THETA), dt=1e-3, effort=effort, seed=1).mean_time


@pytest.mark.slow
@pytest.mark.statistical
def test_the_time_over_a_deeper_well_is_right(monkeypatch):
    """Control: the flux in the first phase with enough exits is half of the steady flux."""
    right, found = exact(), measured()
    assert found.mixed
    assert abs(found.value - right) < 4 * found.error
    monkeypatch.setattr(splitting_origin, "MORE_PHASES", 0)
    early = measured()
    assert early.value > 1.5 * right
    assert not early.mixed
