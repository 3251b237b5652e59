"""Minima, saddles and their connections, compared with published points and a cube, and landscapes without them."""

import itertools

import numpy as np
import pytest

from langevin.errors import NumericalError, UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.potentials import double_well, mueller_brown, potential, unequal_wells
from langevin.theory.escape.eyring_kramers import transition_time
from langevin.theory.escape.minima_and_saddles import critical_points, gradient_at, hessian_at
from langevin.theory.escape.one_dimension import eyring_kramers_time


def many_wells_value(x, out, parameters):
    out[:] = ((x**2 - 1) ** 2).sum(axis=0)


def many_wells_gradient(x, out, parameters):
    out[:] = 4 * x * (x**2 - 1)


def ring_value(x, out, parameters):
    out[:] = ((x**2).sum(axis=0) - 1) ** 2


def ring_gradient(x, out, parameters):
    out[:] = 4 * x * ((x**2).sum(axis=0) - 1)


def slope_value(x, out, parameters):
    out[:] = x[0] + x[1] ** 2


def slope_gradient(x, out, parameters):
    out[0], out[1] = 1.0, 2 * x[1]


def cliff_value(x, out, parameters):
    out[:] = x[0] ** 2 - x[0] ** 3  # a well at 0, a top at 2/3, and no floor beyond


def cliff_gradient(x, out, parameters):
    out[0] = 2 * x[0] - 3 * x[0] ** 2


def stiff_value(x, out, parameters):
    along, across = 0.6 * x[0] + 0.8 * x[1], 0.6 * x[1] - 0.8 * x[0]
    out[:] = (along**2 - 1) ** 2 / 4 + parameters[0] * across**2 / 2


def stiff_gradient(x, out, parameters):
    along, across = 0.6 * x[0] + 0.8 * x[1], 0.6 * x[1] - 0.8 * x[0]
    down, side = along * (along**2 - 1), parameters[0] * across
    out[0], out[1] = 0.6 * down - 0.8 * side, 0.8 * down + 0.6 * side


def quartic_value(x, out, parameters):
    out[:] = x[0] ** 4 + x[1] ** 2


def quartic_gradient(x, out, parameters):
    out[0], out[1] = 4 * x[0] ** 3, 2 * x[1]


def test_the_published_surface_of_mueller_and_brown():
    points = critical_points(mueller_brown(), (-1.8, -0.6), (1.4, 2.2), starts=30)
    minima = [(-0.558, 1.442, -146.700), (0.623, 0.028, -108.167), (-0.050, 0.467, -80.768)]
    saddles = [(0.212, 0.293, -72.249), (-0.822, 0.624, -40.665)]
    for found, published in ((points.minima, minima), (points.saddles, saddles)):
        table = [(*point.position, point.energy) for point in found]
        assert np.array(table) == pytest.approx(np.array(published), abs=6e-4)  # three digits are published
    assert points.joins == ((1, 2), (0, 2))
    assert points.degenerate == 0


def test_wells_at_the_corners_of_a_cube_are_joined_along_its_edges():
    landscape = potential(many_wells_value, many_wells_gradient, 3, stiffness=8.0)
    points = critical_points(landscape, [-2] * 3, [2] * 3, starts=150)
    corners = {tuple(np.round(well.position).astype(int)) for well in points.minima}
    assert corners == set(itertools.product((-1, 1), repeat=3))
    assert len(points.saddles) == 12  # and no face centre or middle, where the index is 2 or 3
    for saddle, (first, second) in zip(points.saddles, points.joins):
        ends = [points.minima[number].position for number in (first, second)]
        assert saddle.position == pytest.approx(sum(ends) / 2, abs=1e-8)
        assert saddle.curvatures == pytest.approx([-4, 8, 8], abs=1e-6)
        assert saddle.index == 1
    assert len(set(points.joins)) == 12
    largest = max(
        abs(gradient_at(landscape, p.position[:, None])).max() for p in points.minima + points.saddles
    )
    assert largest < 1e-7


def test_a_descent_adds_the_minimum_that_no_start_found():
    for seed in range(20):
        points = critical_points(double_well(), (-2,), (2,), starts=1, seed=seed)
        if points.saddles:
            break
    assert sorted(well.position[0] for well in points.minima) == pytest.approx([-1, 1], abs=1e-8)
    assert points.joins == ((0, 1),)


def test_curvatures_are_those_in_closed_form():
    landscape = unequal_wells(left=0.5, right=1.5)
    points = critical_points(landscape, (-1,), (3,))
    assert sorted(well.curvatures[0] for well in points.minima) == pytest.approx([8 / 2.25, 32], rel=1e-6)
    # The second derivative jumps at the top, and its mean is not the one that the law of Eyring and Kramers needs.
    assert points.saddles[0].curvatures[0] != pytest.approx(landscape.facts.wells.curvature_saddle, rel=0.05)
    matrix = hessian_at(mueller_brown(), np.array([0.3, 0.4]))
    step = 1e-4

    def energy(x, y):
        return evaluate(mueller_brown(), "value", (x, y))

    mixed = (
        energy(0.3 + step, 0.4 + step)
        - energy(0.3 + step, 0.4 - step)
        - energy(0.3 - step, 0.4 + step)
        + energy(0.3 - step, 0.4 - step)
    ) / (4 * step**2)
    assert matrix[0, 1] == pytest.approx(mixed, rel=1e-4)


@pytest.mark.parametrize("ratio", [1e2, 1e6, 1e8])
def test_curvatures_of_any_ratio(ratio):
    """A double well along a slanted line; round-off of 1e-11 of the largest curvature leaves 1e-3 of 1."""
    landscape = potential(stiff_value, stiff_gradient, 2, parameters=(ratio,), stiffness=ratio)
    points = critical_points(landscape, (-2, -2), (2, 2), starts=10)
    assert points.degenerate == 0
    assert points.joins == ((0, 1),)
    assert points.saddles[0].curvatures == pytest.approx([-1, ratio], rel=1e-3)
    for well in points.minima:
        assert well.curvatures == pytest.approx([2, ratio], rel=1e-3)
    assert transition_time(points, 0, [1], 0.04).value == pytest.approx(
        eyring_kramers_time(2, -1, 0.25, 0.04).value, rel=1e-3
    )


def wells_value(x, out, parameters):
    out[:] = ((x[0] / parameters[0]) ** 2 - 1) ** 2 / 4


def wells_gradient(x, out, parameters):
    out[0] = x[0] / parameters[0] ** 2 * ((x[0] / parameters[0]) ** 2 - 1)


def bowl_value(x, out, parameters):
    out[:] = (x[0] ** 2 + parameters[0] * x[1] ** 2) / 2


def bowl_gradient(x, out, parameters):
    out[0], out[1] = x[0], parameters[0] * x[1]


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_search_has_no_unit_of_length(unit):
    landscape = potential(
        wells_value, wells_gradient, 1, parameters=(unit,), start=[-unit], stiffness=2 / unit**2
    )
    points = critical_points(landscape, (-2 * unit,), (2 * unit,), starts=10)
    assert sorted(well.position[0] / unit for well in points.minima) == pytest.approx([-1, 1])
    assert points.joins == ((0, 1),)


def test_a_curvature_within_the_round_off_of_another_is_no_well():
    """The smallest curvature that is distinguished from 0 is ten times 1e-11 of the largest one."""
    bowls = [potential(bowl_value, bowl_gradient, 2, parameters=(k,), stiffness=1.0) for k in (3e-11, 2e-10)]
    with pytest.raises(NumericalError, match="4 to degenerate"):
        critical_points(bowls[0], (-1, -1), (1.1, 1.2), starts=4)
    assert len(critical_points(bowls[1], (-1, -1), (1.1, 1.2), starts=4).minima) == 1


def test_a_quartic_well_is_degenerate():
    landscape = potential(quartic_value, quartic_gradient, 2, stiffness=8.0)
    with pytest.raises(NumericalError, match="5 to degenerate"):
        critical_points(landscape, (-1, -1), (1.1, 1.2), starts=5)


def test_a_floor_of_minima_is_degenerate_and_its_hill_no_saddle():
    landscape = potential(ring_value, ring_gradient, 2, start=(1.0, 0.0), stiffness=8.0)
    with pytest.raises(NumericalError, match="degenerate"):
        critical_points(landscape, (-2, -2), (2, 2))
    assert (np.linalg.eigvalsh(hessian_at(landscape, np.zeros(2))) < 0).all()


def test_what_has_no_minimum_and_what_leaves_the_box():
    with pytest.raises(NumericalError, match="none of 5 starts"):
        critical_points(potential(slope_value, slope_gradient, 2, stiffness=2.0), (-1, -1), (1, 1), starts=5)
    cliff = critical_points(potential(cliff_value, cliff_gradient, 1, stiffness=2.0), (-1,), (2,))
    assert [point.position[0] for point in cliff.saddles] == pytest.approx([2 / 3])
    assert cliff.joins == ((-1, 0),)


def test_bad_input_is_refused():
    for box in (((-1, -1), (1, 1)), ((1,), (-1,)), ((-np.inf,), (1,))):
        with pytest.raises(UsageError, match="the box needs"):
            critical_points(double_well(), *box)
    with pytest.raises(UsageError, match="starts must be"):
        critical_points(double_well(), (-1,), (1,), starts=0)
