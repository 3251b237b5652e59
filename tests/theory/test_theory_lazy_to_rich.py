"""The tangent kernel against Gauss-Hermite quadrature, random features and descent of a linearised network."""

import itertools
import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.theory.learning.lazy_to_rich import (
    kernel_alignment,
    kernel_modes,
    lazy_curve,
    lazy_loss,
    mode_time,
    residual_powers,
    tangent_kernel,
    tangent_kernel_spread,
)


def gauss_hermite(dim):
    """Inputs (points, dim) and weights of a rule that is exact to degree 9 for x ~ N(0, I / dim)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    x = np.array(list(itertools.product(nodes, repeat=dim))) / math.sqrt(dim)
    return x, np.array([math.prod(row) for row in itertools.product(weights, repeat=dim)]) / (
        2 * math.pi
    ) ** (dim / 2)


def features(x, w, epsilon, scale):
    """Gradient (inputs, hidden x dim) of the network with respect to its weights w (hidden, dim)."""
    slopes = scale / len(w) * (1 + epsilon * x @ w.T)
    return (slopes[:, :, None] * x[:, None, :]).reshape(len(x), -1)


def network(x, w, epsilon, scale):
    h = x @ w.T
    return scale * (h + epsilon * h**2 / 2).mean(axis=1)


@pytest.mark.parametrize("dim", [2, 3, 4])
@pytest.mark.parametrize("epsilon", [0.05, 0.6, 3.0])
def test_spectrum_by_quadrature(dim, epsilon):
    x, weights = gauss_hermite(dim)
    kernel = tangent_kernel(x, x, epsilon)
    root = np.sqrt(weights)
    found = np.sort(np.linalg.eigvalsh(root[:, None] * kernel * root))[::-1]
    modes = kernel_modes(dim, epsilon)
    expected = np.sort(np.repeat([m.eigenvalue for m in modes], [m.multiplicity for m in modes]))[::-1]
    assert found[: len(expected)] == pytest.approx(expected, rel=1e-9, abs=1e-13)
    assert found[len(expected) :] == pytest.approx(0, abs=1e-12)
    # The wrong count of pairs in Wick's theorem, E x_i^2 x_j^2 = 1 / D^2 taken once: half the traceless value.
    assert abs(found - modes[2].eigenvalue / 2).min() > 0.1 * modes[2].eigenvalue


@pytest.mark.parametrize("dim", [2, 3, 4])
@pytest.mark.parametrize("epsilon", [0.05, 0.6, 3.0])
def test_alignment_and_powers_of_the_target_by_quadrature(dim, epsilon):
    x, weights = gauss_hermite(dim)
    target = dim * x[:, 0] ** 2 / 2
    kernel = tangent_kernel(x, x, epsilon)
    centring = np.eye(len(x)) - weights  # rows minus their mean
    for centred in (False, True):
        K = centring @ kernel @ centring.T if centred else kernel
        y = centring @ target if centred else target
        overlap = (weights * y) @ K @ (weights * y)
        exact = overlap / math.sqrt(weights @ K**2 @ weights) / (weights @ y**2)
        assert kernel_alignment(dim, epsilon, centred).value == pytest.approx(exact, rel=1e-9)
        # As the blog text has it, with |y| for |y|^2: another number.
        assert exact * math.sqrt(weights @ y**2) != pytest.approx(exact, rel=0.1)
    trace = (x**2).sum(axis=1)
    share = (weights @ (trace * target)) ** 2 / (weights @ trace**2)
    powers = [mode.target_power for mode in kernel_modes(dim, epsilon)]
    assert powers == pytest.approx([0, share, weights @ target**2 - share])
    assert sum(powers) == pytest.approx(3 / 4)


@pytest.mark.statistical
def test_mean_and_spread_of_the_kernel_by_random_features():
    rng = np.random.default_rng(1)
    dim, hidden, epsilon, scale, draws = 3, 20, 0.7, 1.5, 3000
    x = rng.standard_normal((4, dim)) / math.sqrt(dim)
    kernels = []
    for _ in range(draws):
        phi = features(x, rng.standard_normal((hidden, dim)), epsilon, scale)
        kernels.append(phi @ phi.T * hidden / scale**2)  # in the weights alpha w / sqrt(N)
    kernels = np.array(kernels)
    mean, spread = tangent_kernel(x, x, epsilon), tangent_kernel_spread(x, x, epsilon, hidden)
    assert (abs(kernels.mean(axis=0) - mean) < 4.5 * spread / math.sqrt(draws)).all()
    squares = (kernels - mean) ** 2
    errors = squares.std(axis=0) / math.sqrt(draws)
    assert (abs(squares.mean(axis=0) - spread**2) < 4.5 * errors).all()
    assert (abs(squares.mean(axis=0) - spread**2 / 2) > 4.5 * errors).all()
    broken = tangent_kernel(x, x, epsilon / math.sqrt(2))  # eps^2 / 2 for eps^2
    assert (abs(kernels.mean(axis=0) - broken) > 4.5 * spread / math.sqrt(draws)).any()


@pytest.mark.statistical
def test_powers_at_the_start_over_random_networks():
    rng = np.random.default_rng(2)
    dim, hidden, epsilon, scale, draws = 3, 8, 0.8, 0.9, 4000
    x, weights = gauss_hermite(dim)
    target, trace = dim * x[:, 0] ** 2 / 2, (x**2).sum(axis=1)
    found = np.empty((draws, 3))
    for row in found:
        rest = target - network(x, rng.standard_normal((hidden, dim)), epsilon, scale)
        row[0] = ((weights * rest) @ x) @ ((weights * rest) @ x) * dim
        row[1] = (weights @ (trace * rest)) ** 2 / (weights @ trace**2)
        row[2] = weights @ rest**2 - row[0] - row[1]
    law = residual_powers(dim, epsilon, hidden, scale)
    errors = found.std(axis=0) / math.sqrt(draws)
    assert (abs(found.mean(axis=0) - law) < 4 * errors).all()
    assert (abs(found.mean(axis=0) - residual_powers(dim, epsilon, 4 * hidden, scale)) > 4 * errors).any()


@pytest.mark.statistical
def test_learning_curve_against_descent_of_linearised_networks():
    dim, hidden, epsilon, scale, rate, samples = 3, 800, 1.0, 0.5, 1.0, 2000
    times, measured = (0, 2, 5, 10, 20), []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x, w = rng.standard_normal((samples, dim)) / math.sqrt(dim), rng.standard_normal((hidden, dim))
        phi = features(x, w, epsilon, scale)
        f, target = network(x, w, epsilon, scale), dim * x[:, 0] ** 2 / 2
        move, losses = np.zeros(phi.shape[1]), []
        for step in range(times[-1] + 1):
            rest = target - f - phi @ move
            if step in times:
                losses.append((rest**2).mean() / 2)
            move += rate * hidden / scale**2 * (phi.T @ rest) / samples
        measured.append(losses)
    curve = lazy_curve(dim, epsilon, hidden, scale, rate, samples)
    law = np.array([curve.predict(step).value for step in times])
    errors = np.std(measured, axis=0, ddof=1) / 2
    # Samples shift eigenvalues by about sqrt(modes / samples), hidden units by 1 / sqrt(hidden): 5 % of the log.
    allowed = 4 * errors + 0.05 * law * (1 + np.log(law[0] / law))
    assert (abs(np.mean(measured, axis=0) - law) < allowed).all()
    assert law[-1] < 0.1 * law[0]
    # e^(-2 lambda t) with half of each rate, the square forgotten.
    halved = np.array([curve.predict(step / 2).value for step in times])
    assert (abs(np.mean(measured, axis=0) - halved) > allowed).any()
    assert curve.predict(1).in_range
    assert not lazy_curve(dim, epsilon, hidden, scale, rate, 80).predict(1).in_range


def test_the_slowest_modes_hold_most_of_the_target_and_take_d_times_longer():
    modes = kernel_modes(25, 0.05)
    times = [mode_time(mode, 5.0) for mode in modes]
    assert times == sorted(times)
    assert times[2] / times[0] == pytest.approx(25 / (2 * 0.05**2))
    assert modes[2].target_power > 0.6 * sum(mode.target_power for mode in modes)
    assert kernel_alignment(25, 0.05).value < 1e-4
    assert kernel_alignment(25, 0.5).value > 50 * kernel_alignment(25, 0.05).value


def test_bad_input_is_refused():
    for call in (
        lambda: kernel_modes(1, 0.1),
        lambda: kernel_modes(3, -0.1),
        lambda: residual_powers(3, 0.1, 0, 1.0),
        lambda: tangent_kernel_spread(np.zeros((1, 2)), np.zeros((1, 2)), 0.1, 0),
        lambda: lazy_loss(-1, 3, 0.1, 10, 1.0, 1.0),
        lambda: lazy_loss(1, 3, 0.1, 10, 1.0, 7.0),
        lambda: mode_time(kernel_modes(3, 0.0)[1], 1.0),
    ):
        with pytest.raises(UsageError):
            call()
