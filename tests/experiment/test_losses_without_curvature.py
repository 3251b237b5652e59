"""A loss that is a slope, or has a kink or flat parts, gets a default step, a theory value, or a message."""

import math

import numpy as np
import pytest

from langevin import potentials, theory
from langevin.errors import UsageError
from langevin.experiment.live_question import walked
from langevin.experiment.question import Settings
from langevin.experiment.time_scales import usual_step
from langevin.landscapes.curvature import usual_curvature


def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = parameters[0] * abs(x[0, lane]) if parameters[1] else -parameters[0] * x[0, lane]


def gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        up = parameters[0] if x[0, lane] > 0.0 else -parameters[0]
        out[0, lane] = up if parameters[1] else -parameters[0]


def above(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 1.0 - x[0, lane]


def below(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 1.0 + x[0, lane]


def made(slope, kink, **more):
    return potentials.potential(value, gradient, 1, parameters=(slope, kink), **more)


@pytest.mark.parametrize("slope", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("theta", [0.5, 2.0])
def test_a_kink_is_as_curved_as_a_walker_sees_it(slope, theta):
    """It is s^2 / theta: over the length theta / s the slope changes by s. Power iteration stops at 1e-3."""
    assert made(slope, 1.0).stiffness(theta) == pytest.approx(slope**2 / theta, rel=2e-3)


@pytest.mark.parametrize("slope", [1e-6, 1.0, 1e6])
def test_a_slope_has_the_length_of_a_rise_of_theta(slope):
    """Bisection of the logarithm finds the length to 40 % over its 18 decades, so the curvature to a factor of 2."""
    assert usual_curvature(made(slope, 0.0), 0.5) == pytest.approx(slope**2 / 0.5, rel=1.0)


def test_drift_to_one_of_two_bounds_has_a_default_step():
    """Kicks are a twentieth of the distance, and over a kick at the bounds the loss changes by a hundredth of theta."""
    assert usual_step(made(0.8, 0.0, target=(above, below)), 0.5) == pytest.approx(0.05**2, rel=1e-9)


def bowl(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 * parameters[0] * (x[0, lane] ** 2 + x[1, lane] ** 2)


def down_the_bowl(x, out, parameters):
    for i in range(2):
        for lane in range(x.shape[1]):
            out[i, lane] = parameters[0] * x[i, lane]


def rim(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 1.0 - math.hypot(x[0, lane], x[1, lane])


@pytest.mark.parametrize(("curvature", "step"), [(1.0, 0.1**2 * 0.2 / 2), (-1.0, 0.05**2 / 0.4)])
def test_in_several_dimensions_the_way_and_a_slope_upwards_count_too(curvature, step):
    """With dt = 0.02 / curvature the time out of this bowl is 1.7 % too short; with the default it is 0.1 +- 0.4 %."""
    made = potentials.potential(bowl, down_the_bowl, 2, parameters=(curvature,), target=rim, stiffness=1.0)
    assert usual_step(made, 0.2) == pytest.approx(step, rel=1e-2)


def test_a_start_inside_the_target_has_the_step_of_the_curvature():
    """On a line a step from the distance would be a division by zero."""
    for dim, start in ((1, [1.5]), (2, [1.5, 0.0])):
        inside = potentials.potential(
            lambda x, out, parameters: out.fill(0.0), lambda x, out, parameters: out.fill(0.0), dim, start=start,
            target=(lambda x, out, parameters: np.subtract(1.0, np.abs(x[0]), out=out)), stiffness=1.0,
        )  # fmt: skip
        assert usual_step(inside, 0.2) == 0.02


def test_a_flat_loss_names_what_to_give():
    flat = made(0.0, 0.0, name="plain")
    with pytest.raises(
        UsageError, match=r"plain has the curvature 0 about its start.*give --dt, and its time"
    ):
        walked(flat, Settings(seed=1))


def test_flat_parts_leave_a_remainder_and_no_refusal():
    """E x^2 = 0.568322 and E f of the flat box with walls of stiffness 20: by adaptive quadrature between the kinks."""
    from scipy.integrate import quad

    def loss(x):
        return 10.0 * max(abs(x) - 1.0, 0.0) ** 2

    def integral(function):
        return sum(
            quad(lambda x: function(x) * math.exp(-loss(x)), *ends)[0] for ends in ((0.0, 1.0), (1.0, 4.0))
        )

    for function in (lambda x: x * x, loss):
        known = integral(function) / integral(lambda x: 1.0)
        found = theory.gibbs.stationary_moment(loss, 1.0, function)
        assert abs(found.value - known) <= found.remainder + 1e-12
        assert found.remainder < 1e-8


def test_a_function_that_is_all_noise_is_still_refused():
    generator = np.random.default_rng(0)
    with pytest.raises(ArithmeticError, match="too rough"):
        theory.gibbs.stationary_moment(lambda x: x * x, 1.0, lambda x: generator.normal())
