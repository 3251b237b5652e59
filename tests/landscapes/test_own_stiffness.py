"""The largest curvature of a user-defined loss or surface, if none is given, is found by a search."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.manifolds import constraint, ellipsoid, quartic_torus, sphere
from langevin.potentials import potential
from tests.circle import circle
from tests.landscapes.walks import walk


@pytest.mark.parametrize("phi", [0.0, 0.5 * math.pi, math.pi])
def test_the_stiffness_of_ones_own_surface_is_that_of_its_sharp_side(phi):
    """kappa^2 is 3.24 at phi = 0 and 0.04 at pi: a step that is stable only at the start is refused for all starts."""
    own = circle(phi)
    assert 0.9 * 1.8**2 < own.stiffness(1e-9) < 1.01 * 1.8**2
    with pytest.raises(UsageError, match="is unstable"):
        walk(own, "soft", temperature=1e-9, time=1.0, dt=0.7, walkers=2)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize(
    "made", [sphere(3), sphere(30), ellipsoid(3), quartic_torus()], ids=lambda made: made.name
)
def test_the_stiffness_of_ones_own_surface_grows_with_heat(made, unit):
    """It agrees with the same built-in landscape, which uses 10 theta, within a third because of the search."""

    def scaled(x, out, parameters):
        made.residual(x / unit, out, parameters)

    def slopes(x, out, parameters):
        made.jacobian(x / unit, out, parameters)
        out /= unit

    start = unit * made.start(np.zeros((1, made.dim)), 0.0)[0]
    own = constraint(scaled, slopes, made.dim, made.codim, start=start, parameters=made.parameters)
    for temperature in (1e-4, 1.0, 10.0):
        assert own.stiffness(temperature) * unit**2 == pytest.approx(made.stiffness(temperature), rel=0.33)


def quartic(x, out, parameters):
    (unit,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.25 * (x[0, lane] / unit) ** 4


def cube(x, out, parameters):
    (unit,) = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = (x[0, lane] / unit) ** 3 / unit


@pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("temperature", [0.01, 1.0, 100.0])
def test_the_stiffness_of_a_well_without_curvature_at_its_bottom(temperature, unit):
    """3 x^2 where x^4 / 4 = 10 theta; the end of a ray is found to an eighth of its length."""
    own = potential(quartic, cube, 1, parameters=(unit,))
    expected = 3.0 * math.sqrt(40.0 * temperature) / unit**2
    assert own.stiffness(temperature) == pytest.approx(expected, rel=0.25)
    assert own.stiffness(temperature) <= expected * 1.001


def hill(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = x[0, lane] ** 3 / 3.0 - x[0, lane]


def slope_of_hill(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] ** 2 - 1.0


def test_a_loss_without_a_floor_is_followed_down_by_ten_temperatures_only():
    own = potential(hill, slope_of_hill, 1, start=[1.0])
    assert 2.0 < own.stiffness(0.01) < 3.0


def logarithm(x, out, parameters):
    """A coordinate below 0 has no logarithm, for which plain Python raises an exception."""
    for lane in range(x.shape[1]):
        out[lane] = x[0, lane] - math.log(x[0, lane])


def slope_of_logarithm(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = 1.0 - math.exp(-math.log(x[0, lane]))


def test_a_loss_is_followed_to_where_it_is_not_defined_and_no_further():
    """x - log x rises by 10 theta = 1 at x = 0.159, where its curvature 1 / x^2 is 40."""
    own = potential(logarithm, slope_of_logarithm, 1, start=[1.0])
    assert 25.0 < own.stiffness(0.1) < 40.0


def curve(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = math.log(x[0, lane]) + x[1, lane] ** 2


def slopes_of_curve(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, 0, lane], out[0, 1, lane] = 1.0 / x[0, lane], 2.0 * x[1, lane]
        math.log(x[0, lane])


def test_a_surface_is_looked_at_where_its_equations_are_defined():
    """x_0 = exp(-x_1^2): the squared slope 1 / x_0^2 + 4 x_1^2 is 1 at the start, and unbounded."""
    own = constraint(curve, slopes_of_curve, 2, 1, start=[1.0, 0.0])
    assert 1.0 < own.stiffness(1e-6) < 1e4
