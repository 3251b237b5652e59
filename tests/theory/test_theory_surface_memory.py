"""Correlations on closed surfaces of two dimensions, against closed forms and a separated equation."""

import math

import numpy as np
import pytest
from scipy.linalg import eigh

from langevin import manifolds, theory
from langevin.errors import UsageError
from langevin.theory.surfaces.memory import slowest_surface_rate, surface_correlation

BROWNIAN = theory.surfaces.projection_law(0)
TIMES = (0.0, 0.01, 0.1, 0.5, 2.0, 10.0)


@pytest.mark.parametrize(("power", "rate"), [(1, 2.0), (2, 6.0)])
def test_on_a_sphere_harmonics_forget_at_theta_l_l_plus_1(power, rate):
    surface, theta = theory.surfaces.triangulate(manifolds.sphere(3, radius=2.0)), 0.3
    assert slowest_surface_rate(surface, BROWNIAN, theta) == pytest.approx(2 * theta / 4, rel=0.02)
    curve = surface_correlation(surface, BROWNIAN, theta, lambda states: states[:, 0] ** power)
    for time in TIMES:
        found, exact = curve.predict(time), math.exp(-rate * theta * time / 4)
        assert abs(found.value - exact) <= found.remainder < 1e-3
        if 0.1 < time < 10.0:
            assert abs(curve.predict(1.02 * time).value - exact) > found.remainder


def waves_of(torus_law):
    """Rates and weights of x_1 = w cos psi on the quartic torus by separation, w = R + r cos phi, R = 2, r = 1.

    The part cos psi of a function goes by -(p w u')' / (p w) + u / w^2, p w the density in phi; Galerkin's method.
    """
    phi = 2 * math.pi * np.arange(128) / 128
    w = 2 + np.cos(phi)
    mass = w ** (1 - torus_law)
    u = np.exp(1j * np.outer(phi, np.arange(-20, 21)))
    slope = 1j * np.arange(-20, 21) * u
    form = (slope.conj().T * mass) @ slope + (u.conj().T * mass / w**2) @ u
    rates, modes = eigh(form, (u.conj().T * mass) @ u)
    parts = np.abs(modes.conj().T @ (u.conj().T @ (mass * w))) ** 2
    return rates, parts / parts.sum()


@pytest.mark.parametrize("pull", [0, 1, 2])
def test_on_a_torus_a_coordinate_forgets_as_its_separated_equation(pull):
    surface = theory.surfaces.triangulate(manifolds.quartic_torus())
    curve = surface_correlation(
        surface, theory.surfaces.projection_law(pull), 1.0, lambda states: states[:, 0]
    )
    (rates, weights), (_, other) = waves_of(pull), waves_of(pull + 1)
    for time in TIMES:
        found = curve.predict(time)
        assert abs(found.value - weights @ np.exp(-rates * time)) <= found.remainder + 1e-12 < 4e-3
    assert (
        abs(weights @ np.exp(-rates) - other @ np.exp(-waves_of(pull + 1)[0]))
        > 5 * curve.predict(1.0).remainder
    )


def test_what_has_no_correlation_is_refused():
    surface = theory.surfaces.triangulate(manifolds.sphere(3))
    with pytest.raises(UsageError, match="the same all over"):
        surface_correlation(surface, BROWNIAN, 1.0, lambda states: np.ones(len(states)))
    curve = surface_correlation(surface, BROWNIAN, 1.0, lambda states: states[:, 0])
    with pytest.raises(UsageError, match="at least 0"):
        curve.predict(-1.0)
