"""A point near the start at which a surface crosses itself is found; on other surfaces no point is found."""

import numpy as np
import pytest

from langevin import Problem, registry
from langevin.ensemble.trial_kernels import SingularPointWarning, check_kernels
from langevin.landscapes.singular import singular_point
from langevin.landscapes.starts import all_at, usual_point
from langevin.types import Landscape

SURFACES = [
    made
    for made in (registry.factory("manifolds", name)() for name in registry.names("manifolds"))
    if made.residual
]


def eight(unit, turned=0.0):
    """The figure eight y^2 = x^2 - x^4 in units of length, turned by an angle, and its start (1, 0)."""
    turn = np.array([[np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]])

    def residual(x, out, parameters):
        a, b = turn @ x / unit
        out[0] = a**4 - a**2 + b**2

    def jacobian(x, out, parameters):
        a, b = turn @ x / unit
        out[0] = turn.T @ np.array([4.0 * a**3 - 2.0 * a, 2.0 * b]) / unit

    start = unit * turn.T @ [1.0, 0.0]
    return Landscape(
        "eight", 2, (), all_at(start), lambda temperature: 1.0, 1, residual=residual, jacobian=jacobian
    )


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("turned", [0.0, 0.7, 2.0])
def test_the_crossing_of_a_figure_eight_is_found(unit, turned):
    """Newton's steps end when the equations are solved to 1e-6; the crossing is a simple root of their slopes."""
    found = singular_point(eight(unit, turned), usual_point(eight(unit, turned)), 2.0 * unit)
    assert found is not None
    assert np.linalg.norm(found) < 1e-5 * unit


def test_it_is_not_found_beyond_reach():
    assert singular_point(eight(1.0), np.array([1.0, 0.0]), 0.5) is None


@pytest.mark.parametrize("landscape", SURFACES, ids=lambda made: made.name)
def test_the_surfaces_of_the_package_have_none(landscape):
    start = usual_point(landscape)
    assert singular_point(landscape, start, 2.0 * (np.linalg.norm(start) or 1.0)) is None


def fading():
    """The axis y = 0 as r = exp(x) y: J tends to 0 to the left, and the axis has no crossing."""

    def residual(x, out, parameters):
        out[0] = np.exp(x[0]) * x[1]

    def jacobian(x, out, parameters):
        out[0] = np.array([np.exp(x[0]) * x[1], np.exp(x[0])])

    return Landscape(
        "fading", 2, (), all_at([0.0, 0.0]), lambda temperature: 1.0, 1, residual=residual, jacobian=jacobian
    )


@pytest.mark.parametrize("reach", [3.0, 30.0, 300.0])
def test_equations_that_fade_are_not_singular(reach):
    assert singular_point(fading(), np.zeros(2), reach) is None


def test_a_run_tells_of_it_once():
    made = eight(1.0)
    with pytest.warns(SingularPointWarning, match=r"eight has a singular point at about \(-?0, -?0\)"):
        check_kernels(Problem(made, 0.5, "projected"), 1e-3, 100, made.start(np.zeros((3, 2)), 0.0))
