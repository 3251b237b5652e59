"""Values that jump although their derivatives are correct are detected and located; continuous values pass."""

import numpy as np
import pytest

from langevin import Problem, manifolds, potentials
from langevin.ensemble.trial_kernels import check_kernels
from langevin.errors import UsageError
from langevin.experiment.conformance import conformance
from langevin.landscapes.derivatives import first_jump

POINTS = np.random.default_rng(0).standard_normal((2, 100))


def met(value, slope, points=POINTS):
    """The jump of a function of two coordinates, from its value and its gradient as NumPy functions."""

    def function(x):
        with np.errstate(all="ignore"):
            return np.asarray(value(x), float)[None]

    def slopes(x):
        with np.errstate(all="ignore"):
            return np.asarray(slope(x), float)[None]

    return first_jump(function, slopes, points)


def flat(x):
    return np.zeros_like(x)


@pytest.mark.parametrize("height", [1.0, -1e-3])
@pytest.mark.parametrize("edge", [-1.0, 0.37, 1.5])
def test_a_step_is_found_and_placed(edge, height):
    jump = met(lambda x: 0.5 * (x**2).sum(axis=0) + height * (x[0] > edge), lambda x: x)
    assert abs(jump.place[0] - edge) < 1e-9
    assert abs(jump.height) == pytest.approx(abs(height), rel=1e-3)


def test_a_staircase_is_found():
    assert met(lambda x: np.floor(3 * x[0]), flat) is not None


def test_a_small_island_is_found_where_a_segment_crosses_it():
    """A disc of radius 0.3 around the middle: many of the 99 segments cross it."""
    jump = met(lambda x: 1.0 * (np.hypot(*x) < 0.3), flat)
    assert np.hypot(*jump.place) == pytest.approx(0.3, abs=1e-9)


def steep(width):
    return (
        lambda x: np.tanh(x[0] / width),
        lambda x: np.stack([1.0 / (width * np.cosh(np.clip(x[0] / width, -300, 300)) ** 2), 0.0 * x[1]]),
    )


CONTINUOUS = {
    "smooth": (lambda x: np.sin(20 * x[0]), lambda x: np.stack([20 * np.cos(20 * x[0]), 0 * x[1]])),
    "kink": (lambda x: np.abs(x[0] - 0.2), lambda x: np.stack([np.sign(x[0] - 0.2), 0 * x[1]])),
    "hinge": (lambda x: np.maximum(x[0], 0), lambda x: np.stack([1.0 * (x[0] > 0), 0 * x[1]])),
    "root": (
        lambda x: np.sqrt(np.abs(x[0])),
        lambda x: np.stack([np.sign(x[0]) / (2 * np.sqrt(np.abs(x[0]))), 0 * x[1]]),
    ),
    "steep": steep(1e-3),
    "very steep": steep(1e-6),
    "logarithm": (lambda x: np.log(np.abs(x[0])), lambda x: np.stack([1 / x[0], 0 * x[1]])),
    "pole": (lambda x: 1 / x[0], lambda x: np.stack([-1 / x[0] ** 2, 0 * x[1]])),
    "even pole": (lambda x: x[0] ** -2.0, lambda x: np.stack([-2 / x[0] ** 3, 0 * x[1]])),
    "wall": (lambda x: np.where(x[0] > 1, np.inf, x[0]), lambda x: np.stack([1 + 0 * x[0], 0 * x[1]])),
    "undefined": (lambda x: np.sqrt(x[0]), lambda x: np.stack([0.5 / np.sqrt(x[0]), 0 * x[1]])),
    "round-off": (lambda x: 1e9 + np.sin(x[0]), lambda x: np.stack([np.cos(x[0]), 0 * x[1]])),
    "constant": (lambda x: 0 * x[0], flat),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_what_is_continuous_has_no_jump(name):
    for seed in range(3):
        assert met(*CONTINUOUS[name], np.random.default_rng(seed).standard_normal((2, 100))) is None


def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 * (x[0, lane] ** 2 + x[1, lane] ** 2) + (1.0 if x[0, lane] > 0.37 else 0.0)


def gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane], out[1, lane] = x[0, lane], x[1, lane]


def residual(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] ** 2 + x[1, lane] ** 2 - (1.0 if x[1, lane] > 0.1 else 1.5)


def jacobian(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, 0, lane], out[0, 1, lane] = 2.0 * x[0, lane], 2.0 * x[1, lane]


def test_a_check_and_a_run_refuse_a_jump():
    loss = potentials.potential(value, gradient, dim=2)
    surface = manifolds.constraint(residual, jacobian, 2, 1, start=[1.5**0.5, 0.0])
    for landscape, what in (
        (loss, "the value jumps by"),
        (surface, "component (0) of the residual jumps by"),
    ):
        failed = [finding for finding in conformance(landscape) if not finding.passed]
        assert len(failed) == 1
        assert what in failed[0].detail
        states = landscape.start(np.full((50, 2), 0.5), 1.0)
        motion = "projected" if landscape.is_surface else "soft"
        with pytest.raises(UsageError, match="jumps by"):
            check_kernels(Problem(landscape, 1.0, motion), 0.01, 1000, states)
