"""A canal with a user-defined stiffness profile, and a well with a user-defined matrix."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.manifolds import canal, canal_with
from langevin.potentials.quadratic import matrix_of, quadratic, quadratic_form
from tests.landscapes.walks import deviation, failures, losses, on, walk


def height(x, parameters):
    (stiffness, narrow) = parameters
    return stiffness * (1.0 + narrow * np.sin(x) ** 2)


def height_slope(x, parameters):
    (stiffness, narrow) = parameters
    return 2.0 * stiffness * narrow * np.sin(x) * np.cos(x)


def wrong_slope(x, parameters):
    return 1.01 * height_slope(x, parameters)


def exponential(x, parameters):
    stiffness, amplitude = parameters
    return stiffness * np.exp(amplitude * np.cos(x))


def exponential_slope(x, parameters):
    stiffness, amplitude = parameters
    return -amplitude * np.sin(x) * stiffness * np.exp(amplitude * np.cos(x))


def test_a_canal_of_ones_own_profile_is_the_canal_where_profiles_agree():
    built_in = canal(transverse=3, stiffness=50.0, amplitude=0.7, start=1.0)
    own = canal_with(
        exponential, exponential_slope, 3, start=1.0, parameters=(50.0, 0.7), period=2.0 * math.pi
    )
    states = np.random.default_rng(0).normal(size=(6, 4))
    for one, other in zip(on(own, states), on(built_in, states)):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(losses(own, states), losses(built_in, states), rtol=1e-12)
    uniforms = np.random.default_rng(1).uniform(size=(5, 4))
    np.testing.assert_allclose(own.start(uniforms, 0.3), built_in.start(uniforms, 0.3), rtol=1e-12)
    assert own.stiffness(1.0) == pytest.approx(built_in.stiffness(1.0), rel=1e-3)
    one, other, x = own.facts.profile, built_in.facts.profile, states[:, 0]
    np.testing.assert_allclose(one.stiffness(x), other.stiffness(x), rtol=1e-12)
    np.testing.assert_allclose(one.slope(x), other.slope(x), rtol=1e-12)
    assert one.period == other.period
    assert failures(own) == set()


def test_a_wrong_slope_of_a_profile_is_caught():
    assert failures(canal_with(height, height_slope, parameters=(20.0, 3.0), start=0.4)) == set()
    own = canal_with(height, wrong_slope, parameters=(20.0, 3.0), start=0.4)
    assert "Jacobian of the residual" in failures(own)


@pytest.mark.parametrize(
    "changes",
    [
        {"transverse": 0},
        {"parameters": (-1.0, 3.0)},
        {"parameters": (1.0, -1.5), "period": 3.0},
        {"stiffness": 0.0},
    ],
)
def test_a_canal_that_makes_no_sense_is_refused(changes):
    with pytest.raises(UsageError, match="canal_with needs"):
        canal_with(height, height_slope, **{"parameters": (20.0, 3.0)} | changes)


@pytest.mark.statistical
@pytest.mark.slow
def test_a_walk_in_a_canal_of_ones_own_has_the_law_of_its_profile():
    """p ~ a^(-m/2) with m = 2 is 1 / (1 + 3 sin^2 x), exactly up to dt: E cos 2x = 1/3. Uniform would be 0."""
    own = canal_with(height, height_slope, 2, parameters=(20.0, 3.0), period=math.pi)
    x = walk(own, "soft", time=4.0, dt=5e-4, walkers=4000)[:, 0]
    found = np.cos(2.0 * x)
    assert deviation(found, 1.0 / 3.0) < 4
    assert deviation(found, 0.0) > 8


def test_a_well_of_ones_own_matrix():
    matrix = [[2.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 4.0]]
    own = quadratic_form(matrix)
    assert failures(own) == set()
    states = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(losses(own, states), 0.5 * np.einsum("wi,ij,wj->w", states, matrix, states))
    np.testing.assert_allclose(own.facts.covariance(0.7) @ matrix, 0.7 * np.eye(3), atol=1e-12)
    np.testing.assert_array_equal(matrix_of(own), matrix)
    assert own.stiffness(1.0) == pytest.approx(np.linalg.eigvalsh(matrix)[-1])
    assert own.dials["matrix"] == matrix
    turned = quadratic(3, 2.0, 10.0, seed=1)
    same = quadratic_form(matrix_of(turned))
    np.testing.assert_allclose(losses(same, states), losses(turned, states), rtol=1e-12)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[1.0, 2.0]], "square"),
        ([], "square"),
        ([[math.nan]], "finite"),
        ([[1.0, 0.5], [0.0, 1.0]], "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "least eigenvalue is -1"),
        ([[0.0]], "positive"),
    ],
)
def test_a_matrix_that_makes_no_well_is_refused(matrix, words):
    with pytest.raises(UsageError, match=words):
        quadratic_form(matrix)
