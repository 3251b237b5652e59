"""Gradient flow: its end against closed forms to the stated tolerance, and simulated motion at temperature 0."""

import numpy as np
import pytest
from scipy.optimize import brentq

import langevin
from langevin import Problem, manifolds, potentials
from langevin.errors import NumericalError, UsageError
from langevin.landscapes.projection import equations_at
from langevin.manifolds import flow_to, project_to
from langevin.manifolds.ellipsoid import axes_of


def way(manifold, start):
    """Distance from the surface to first order, the unit of the tolerance."""
    r, J = (array[0] for array in equations_at(manifold, start[None]))
    return np.linalg.norm(np.linalg.lstsq(J, r, rcond=None)[0])


def end_on_ellipsoid(manifold, start):
    """The flow of one quadratic form: x_i = x_i(0) exp(-s / a_i^2), with the s that ends on the set."""
    axes = axes_of(manifold)
    there = lambda s: start * np.exp(-s / axes**2)  # noqa: E731
    return there(brentq(lambda s: np.sum((there(s) / axes) ** 2) - 1.0, -20.0, 20.0, xtol=1e-15, rtol=1e-15))


def end_on_canal(manifold, start):
    """tan(x/2) grows by exp(eps |y|^2 / 4), because dx/ds = a' ... and dy/ds = -a y conserve this combination."""
    grown = np.exp(manifold.dials["amplitude"] * (start[1:] ** 2).sum() / 4)
    return np.concatenate([[2 * np.arctan(np.tan(start[0] / 2) * grown)], np.zeros(start.size - 1)])


CASES = {
    "ellipsoid": (
        manifolds.ellipsoid(axes=(1.0, 3.0, 2.0)),
        [[0.3, 2.0, 1.2], [-0.9, 0.4, 2.5]],
        end_on_ellipsoid,
    ),
    "canal": (manifolds.canal(transverse=2), [[1.2, 0.7, -0.5], [-2.0, 0.1, 0.9]], end_on_canal),
}


@pytest.mark.parametrize("tolerance", [1e-2, 1e-5, 1e-9])
@pytest.mark.parametrize("name", CASES)
def test_the_end_of_the_flow_in_closed_form(name, tolerance):
    manifold, starts, exact = CASES[name]
    starts = np.array(starts)
    for start, end in zip(starts, flow_to(manifold, starts, tolerance)):
        error = np.linalg.norm(end - exact(manifold, start)) / way(manifold, start)
        assert error <= tolerance
        # a straight path, which does not follow the gradient, is detected
        assert np.linalg.norm(project_to(manifold, start) - exact(manifold, start)) > 1e-2 * way(
            manifold, start
        )


def test_the_flow_keeps_what_it_conserves():
    """u^2 - v^2 of a product u v, and W_2^T W_2 - W_1 W_1^T of two layers, from far away."""
    start = np.array([2.5, -0.4])
    end = flow_to(manifolds.hyperbola(), start, 1e-8)
    assert end[0] ** 2 - end[1] ** 2 == pytest.approx(start[0] ** 2 - start[1] ** 2, abs=1e-7)
    deep = manifolds.factorised()
    start = deep.start(np.full((1, deep.dim), 0.5), 0.0)[0]
    start = start + 0.2 * np.random.default_rng(2).standard_normal(deep.dim)
    end = flow_to(deep, start, 1e-8)
    assert np.abs(equations_at(deep, end[None])[0]).max() < 1e-12
    invariants = [invariant(deep, place) for place in (start, end)]
    np.testing.assert_allclose(*invariants, atol=1e-7)
    assert np.abs(invariant(deep, project_to(deep, start)) - invariants[0]).max() > 1e-4


def invariant(deep, place):
    """The r by r matrix, r the inner width, that no flow of the product of two factors changes."""
    outputs, inputs = np.array(deep.dials["outputs"]), np.array(deep.dials["inputs"])
    width = deep.dim // (outputs + inputs)
    first, second = place[: outputs * width].reshape(outputs, width), place[outputs * width :]
    return first.T @ first - second.reshape(width, inputs) @ second.reshape(width, inputs).T


def test_points_on_the_set_stay_and_others_are_refused():
    place = manifolds.ellipsoid(2)
    on = project_to(place, [0.7, 0.6])
    np.testing.assert_allclose(flow_to(place, on), on, rtol=1e-14)
    with pytest.raises(UsageError, match="tolerance must be from"):
        flow_to(place, on, 0.0)
    with pytest.raises(UsageError, match="finite points of shape"):
        flow_to(place, [1.0, np.nan])
    with pytest.raises(UsageError, match="no residual map"):
        flow_to(manifolds.cube(2), [0.5, 0.5])
    with pytest.raises(NumericalError, match="does not reach r = 0"):
        flow_to(place, [0.0, 0.0])  # the maximum of the loss, where the flow does not move


def test_simulated_motion_at_temperature_zero():
    """Descent in steps of dt: (1 - k dt)^n on a quadratic to the bit, and to first order in dt the end of the flow."""
    run = langevin.simulate(
        Problem(potentials.quadratic(stiffness=2.0), 0.0),
        walkers=1,
        start=langevin.Start(np.array([[3.0]]), 0),
        steps=100,
        dt=0.01,
        seed=1,
    )
    assert run.states[0, -1, 0] == pytest.approx(3.0 * 0.98**100, rel=1e-13)
    place, start = manifolds.ellipsoid(axes=(3.0, 1.0)), np.array([[2.0, 1.0]])
    ends = [
        langevin.simulate(
            Problem(place, 0.0), walkers=1, start=langevin.Start(start, 0), steps=int(2.0 / dt), dt=dt, seed=1
        ).states[0, -1]
        for dt in (1e-3, 5e-4)
    ]
    errors = [np.linalg.norm(end - flow_to(place, start[0])) for end in ends]
    assert errors[0] < 0.01
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.1)


def test_a_kink_has_no_step_without_heat():
    kinked = potentials.potential(distance, side, dim=1, start=[0.0])
    with pytest.raises(UsageError, match="kink near the start"):
        langevin.simulate(Problem(kinked, 0.0), walkers=1, steps=2, dt=1e-3, seed=1)
    with pytest.raises(UsageError, match="splitting needs a temperature above 0"):
        langevin.splitting(Problem(potentials.double_well(), 0.0), dt=1e-3, seed=1)


def distance(x, out, parameters):
    """|x|."""
    for lane in range(x.shape[1]):
        out[lane] = abs(x[0, lane])


def side(x, out, parameters):
    """The sign of x."""
    for lane in range(x.shape[1]):
        out[0, lane] = np.sign(x[0, lane])


@pytest.mark.parametrize("dynamics", ["projected", "reflected"])
def test_motion_by_heat_alone_needs_heat(dynamics):
    place = manifolds.ellipsoid(2) if dynamics == "projected" else manifolds.cube(2)
    with pytest.raises(UsageError, match="temperature 0 is gradient flow"):
        langevin.simulate(Problem(place, 0.0, dynamics), walkers=2, steps=2, dt=1e-3, seed=1)
