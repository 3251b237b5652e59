"""Kicks that are long compared with a surface's radius of curvature cause a warning, and are not the default."""

import math
import warnings

import numpy as np
import pytest

from langevin import manifolds
from langevin.ensemble.checks import StepSizeWarning
from langevin.ensemble.step_length import MOST_BIAS, check_kick, kick_bias
from langevin.experiment.question_walk import kick_variance
from langevin.integrators import projected


def starts(landscape):
    return landscape.start(np.full((4, landscape.dim), 0.3), 0.0)


def clock_on_a_sphere(dim, variance):
    """Relative difference of -log E x(t) . x(0) from |v|^2 / 2, for a step to sqrt(1 - |v|^2) x + v, by many kicks."""
    squares = variance * np.random.default_rng(1).chisquare(dim - 1, 10_000)
    return -math.log(np.sqrt(1 - squares).mean()) / (squares.mean() / 2) - 1


@pytest.mark.parametrize(("dim", "variance"), [(2, 1e-3), (100, 2e-4), (1000, 4e-5)])
def test_the_bias_is_that_of_the_clock_on_a_sphere(dim, variance):
    """To the next order of the bias, 3 %, and 1 / (n - 1) for kicks that differ in length."""
    surface = manifolds.sphere(dim)
    bias = kick_bias(surface, starts(surface), math.sqrt(variance))
    assert bias == pytest.approx((dim - 1) * variance / 2, rel=0.03)
    assert bias * (1 + 1 / (dim - 1)) == pytest.approx(clock_on_a_sphere(dim, variance), rel=0.05)
    twice = manifolds.sphere(dim, radius=2.0)
    assert kick_bias(twice, starts(twice), math.sqrt(variance)) == pytest.approx(bias / 4, rel=0.02)


@pytest.mark.parametrize("surface", [manifolds.special_orthogonal(4), manifolds.stiefel()])
def test_the_bias_of_rotations_and_frames_is_their_rate_times_the_step(surface):
    assert kick_bias(surface, starts(surface), math.sqrt(0.02 / surface.facts.decay)) == pytest.approx(
        0.01, rel=0.2
    )


def test_a_long_kick_is_warned_of_with_a_step_that_is_not():
    surface = manifolds.sphere(1000)
    with pytest.warns(StepSizeWarning, match=r"time runs about 2% off; with dt <= [45]") as caught:
        check_kick(surface, starts(surface), 1.0, 2e-5)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_kick(surface, starts(surface), 1.0, 5e-6)


@pytest.mark.parametrize("dim", [3, 11, 100, 1000])
def test_the_default_kick_is_short_in_any_dimension(dim):
    surface = manifolds.sphere(dim)
    variance = kick_variance(projected(noise="isotropic"), surface)
    assert kick_bias(surface, starts(surface), math.sqrt(variance)) < MOST_BIAS


def test_a_floor_that_is_straight_has_no_bias():
    surface = manifolds.canal()
    assert kick_bias(surface, starts(surface), 0.1) == pytest.approx(0.0, abs=1e-20)
