"""Every remainder of the change of a mean on a surface is a bound, by the backward equation in one coordinate."""

import math
from itertools import product

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from langevin import manifolds, theory

#: Number of points of a round, with which smooth periodic functions are resolved to round-off.
POINTS = 301
LAWS = {
    "surface": theory.surfaces.projection_law(0.0),
    "gibbs": theory.surfaces.projection_law(1.0),
    "det^-1": theory.surfaces.projection_law(2.0),
    "coarse steps": theory.surfaces.noise_law(0.0, 1.0, 1e-3),
    "warm labels": theory.surfaces.noise_law(1.0, 0.5),
}
STIFFNESS = 1.0


def derivative(count):
    """Matrix of d/du on equal points of a round, by the trigonometric interpolant of an odd number of them."""
    gaps = np.subtract.outer(np.arange(count), np.arange(count))
    with np.errstate(divide="ignore"):
        entries = 0.5 * (-1.0) ** gaps / np.sin(math.pi * gaps / count)
    return np.where(gaps == 0, 0.0, entries)


class Round:
    """Motion that depends on one angle only, with the length `speed` and the area `weight` per angle."""

    def __init__(self, place, points, speed, weight):
        self.place, self.points, self.speed, self.weight = place, points, speed, weight
        self.angles = 2 * math.pi * np.arange(POINTS) / POINTS
        self.D = derivative(POINTS)

    def generator(self, law):
        """heat / (speed weight) d (weight / speed) d  -  Phi' / speed^2 d, at temperature 1."""
        s, w = self.speed(self.angles), self.weight(self.angles)
        phi = self.D @ law.potential(self.curvatures(self.angles))
        heat = (1 / (s * w))[:, None] * (self.D @ ((w / s)[:, None] * self.D))
        return law.heat * heat - (phi / s**2)[:, None] * self.D

    def curvatures(self, angles):
        return theory.surfaces.normal_curvatures(self.place, self.points(np.atleast_1d(angles)))

    def at(self, values, angle):
        """The trigonometric interpolant of values at the angles, at another."""
        waves = np.fft.fftshift(np.fft.fft(values)) / POINTS
        return float((waves * np.exp(1j * angle * (np.arange(POINTS) - POINTS // 2))).sum().real)


def ellipse(aspect):
    place = manifolds.ellipsoid(aspect=aspect, stiffness=STIFFNESS)
    a, b = aspect**0.5, aspect**-0.5
    return Round(
        place,
        lambda u: np.stack([a * np.cos(u), b * np.sin(u)], axis=1),
        lambda u: np.hypot(a * np.sin(u), b * np.cos(u)),
        lambda u: np.ones_like(u),
    )


def torus(minor):
    place = manifolds.quartic_torus(STIFFNESS, minor=minor)
    return Round(
        place,
        lambda u: np.stack([2.0 + minor * np.cos(u), 0.0 * u, minor * np.sin(u)], axis=1),
        lambda u: np.full_like(u, minor),
        lambda u: 2.0 + minor * np.cos(u),
    )


def functions(place):
    return {
        "x": lambda states: np.hypot(states[:, 0], states[:, 1]) if place.dim == 3 else states[:, 0],
        "x^4": lambda states: (states**2).sum(axis=1) ** 2,
        "log det": lambda states: theory.surfaces.log_det_normal_hessian(place, states),
    }


def night(*values, id):
    return pytest.param(*values, id=id, marks=pytest.mark.slow)


SURFACES = [
    night(ellipse(1.05), id="round ellipse"),
    pytest.param(ellipse(2.0), id="ellipse"),
    pytest.param(ellipse(6.0), id="thin ellipse"),
    night(torus(0.3), id="thin torus"),
    night(torus(1.5), id="thick torus"),
]


@pytest.mark.parametrize(
    "law", ["gibbs", "warm labels", *(night(name, id=name) for name in ("surface", "det^-1", "coarse steps"))]
)
@pytest.mark.parametrize("surface", SURFACES)
def test_the_change_with_heat(surface, law):
    theta, place, told = 0.3, surface.place, LAWS[law]
    rates, modes = np.linalg.eig(surface.generator(told))
    inside = np.linalg.inv(modes)

    def change(values, angle, time):
        later = (modes * np.exp(theta * time * rates)) @ (inside @ values)
        return surface.at(later.real - values, angle)

    answered = caught = 0
    for (name, function), angle in product(functions(place).items(), (0.2, 0.9, 1.5)):
        start = surface.points(np.array([angle]))[0]
        usual = theory.surfaces.usual_time(place, start, told, theta, function)
        curve, values = (
            theory.surfaces.mean_change(place, start, told, theta, function),
            function(surface.points(surface.angles)),
        )
        for share in (0.1, 0.5, 1.0, 1.4):
            found, exact = curve.predict(share * usual), change(values, angle, share * usual)
            if found.in_range:
                round_off = 1e-9 * np.abs(values).max()
                assert abs(found.value - exact) <= found.remainder + round_off, (name, angle, share)
                answered += 1
                caught += abs(found.value - change(values, angle, 1.05 * share * usual)) > found.remainder
    assert answered > 24
    assert caught > answered / 3  # a clock that is 5 % fast


def slid(surface, slope, theta, angle, time):
    """The end of a motion with the velocity -theta slope / speed^2."""

    def velocity(_, u):
        return -theta * surface.at(slope, u[0]) / surface.speed(u) ** 2

    return solve_ivp(velocity, (0, time), [angle], "DOP853", rtol=1e-10, atol=1e-12).y[0, -1]


@pytest.mark.parametrize(
    "surface",
    [pytest.param(ellipse(2.0), id="ellipse"), *(night(one.values[0], id=one.id) for one in SURFACES)],
)
def test_the_change_without_heat(surface):
    theta, place = 0.01, surface.place
    for law, angle in product(
        (theory.surfaces.noise_law(1.0, 0.0), theory.surfaces.noise_law(0.0, 0.0, 1e-3)), (0.2, 0.9, 1.5)
    ):
        start = surface.points(np.array([angle]))[0]
        slope = surface.D @ law.potential(surface.curvatures(surface.angles))
        time = theory.surfaces.usual_time(place, start, law, theta, functions(place)["x"])
        for share in (0.1, 1.0, 5.0):
            end = slid(surface, slope, theta, angle, share * time)
            for name, function in functions(place).items():
                found = theory.surfaces.mean_change(place, start, law, theta, function).predict(share * time)
                before, after = function(surface.points(np.array([angle, end])))
                assert abs(found.value - (after - before)) <= found.remainder + 1e-9 * abs(before), (
                    name,
                    angle,
                )
