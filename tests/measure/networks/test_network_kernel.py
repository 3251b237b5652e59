"""Tangent kernel, its learning curves, and alignment of kernels."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import networks
from tests.measure.networks.small import regression, two_layer_weights, two_layers

ROUND_OFF = 1e-12


def test_kernel_of_a_regression_is_the_gram_matrix_of_its_inputs():
    model = regression()
    inputs, others = model.train.inputs, np.random.default_rng(4).normal(size=(3, 4))
    weights = {"w": np.ones((4, 1))}
    np.testing.assert_allclose(networks.tangent_kernel(model, weights), inputs @ inputs.T, atol=ROUND_OFF)
    cross = networks.tangent_kernel(model, weights, rows=others)
    np.testing.assert_allclose(cross, others @ inputs.T, atol=ROUND_OFF)
    # Two outputs that share no weight: the kernel is (x.x') times the identity, outputs inside samples.
    double = networks.tangent_kernel(regression(outputs=2), {"w": np.ones((4, 2))})
    np.testing.assert_allclose(double, np.kron(inputs @ inputs.T, np.eye(2)), atol=ROUND_OFF)


def test_kernel_of_two_layers_between_test_and_train():
    weights, model = two_layer_weights(), two_layers()
    x, others = model.train.inputs, np.random.default_rng(4).normal(size=(2, 3))
    expected = (weights["b"] ** 2).sum() * others @ x.T + (others @ weights["A"]) @ (x @ weights["A"]).T
    np.testing.assert_allclose(networks.tangent_kernel(model, weights, others, x), expected, atol=ROUND_OFF)


def test_modes_are_ordered_and_diagonalise():
    kernel = networks.tangent_kernel(two_layers(), two_layer_weights())
    values, vectors = networks.kernel_modes(kernel)
    assert (np.diff(values) <= 0).all()
    np.testing.assert_allclose(vectors * values @ vectors.T, kernel, atol=ROUND_OFF * values[0])


def descent(model, weights, rate, steps):
    """Weights of full-batch descent of a regression at every step."""
    inputs, targets = model.train
    path = [weights]
    for _ in range(steps):
        residual = inputs @ path[-1] - targets
        path.append(path[-1] - rate * inputs.T @ residual / len(inputs))
    return [{"w": weights} for weights in path]


def test_each_mode_of_a_regression_decays_with_its_own_eigenvalue():
    """Under descent the amplitude of a mode is multiplied by 1 - lr kappa / N at every step, exactly."""
    model, rate, steps = regression(), 0.2, 20
    values, vectors = networks.kernel_modes(networks.tangent_kernel(model, {"w": np.zeros((4, 1))}))
    path = descent(model, np.zeros((4, 1)), rate, steps)
    amplitudes = networks.mode_amplitudes(model, path, vectors)
    factors = (1 - rate * values / 6) ** np.arange(steps + 1)[:, None]
    np.testing.assert_allclose(amplitudes, amplitudes[0] * factors, atol=ROUND_OFF)
    squares = [((model.train.inputs @ at["w"] - model.train.targets) ** 2).sum() for at in path]
    np.testing.assert_allclose((amplitudes**2).sum(axis=1), squares, rtol=ROUND_OFF)
    assert abs(amplitudes[0, 0] * factors[-1, 0] - amplitudes[-1, -1]) > 1e-3  # another mode's curve differs


def test_kernel_change_is_relative():
    kernel = np.diag([3.0, 4.0])
    assert networks.kernel_change(kernel, kernel) == 0
    assert networks.kernel_change(1.5 * kernel, kernel) == pytest.approx(0.5)
    # Weights scaled by c scale the kernel of two layers by c^2.
    model, weights = two_layers(), two_layer_weights()
    scaled = {name: 1.1 * leaf for name, leaf in weights.items()}
    change = networks.kernel_change(
        networks.tangent_kernel(model, scaled), networks.tangent_kernel(model, weights)
    )
    assert change == pytest.approx(0.21, rel=1e-10)


@pytest.mark.parametrize("centred", [True, False])
def test_alignment_is_one_for_a_rotated_representation_only(centred):
    generator = np.random.default_rng(6)
    features = generator.normal(size=(500, 5)) + 0.5
    rotation = np.linalg.qr(generator.normal(size=(5, 5)))[0]
    align = networks.representation_alignment
    assert align(features, features, centred=centred) == pytest.approx(1, abs=ROUND_OFF)
    assert align(features, 7 * features @ rotation, centred=centred) == pytest.approx(1, abs=ROUND_OFF)
    stretched = align(features, features * [10, 1, 1, 1, 1], centred=centred)
    assert stretched < 0.6
    # Both share the mean m, |m|^4 / (5 + 2 |m|^2 + |m|^4) = 0.17, until centred; chance leaves 5 / 500.
    shuffled = align(features, generator.permutation(features), centred=centred)
    assert shuffled < 0.03 if centred else shuffled > 0.1


def test_alignment_with_the_labels_is_the_quotient_of_kumar_with_the_square():
    kernel = networks.tangent_kernel(two_layers(), two_layer_weights())
    labels = np.array([1.0, -1, 1, 1, -1])
    quotient = labels @ kernel @ labels / (np.linalg.norm(kernel) * labels @ labels)
    outer = np.outer(labels, labels)
    assert networks.kernel_alignment(kernel, outer, centred=False) == pytest.approx(quotient, rel=ROUND_OFF)
    centring = np.eye(5) - 1 / 5
    expected = networks.kernel_alignment(
        centring @ kernel @ centring, centring @ outer @ centring, centred=False
    )
    assert networks.kernel_alignment(kernel, outer, centred=True) == pytest.approx(expected, rel=ROUND_OFF)


def test_what_cannot_be_compared_is_refused():
    model, square = regression(), np.eye(3)
    weights = {"w": np.ones((4, 1))}
    for call, message in [
        (lambda: networks.tangent_kernel(model, weights, rows=np.ones((2, 3))), r"\(samples, 4\)"),
        (lambda: networks.kernel_modes(np.ones((2, 3))), "square"),
        (lambda: networks.kernel_modes(np.array([[1.0, 2], [0, 1]])), "not symmetric"),
        (lambda: networks.kernel_modes(np.full((2, 2), np.nan)), "not finite"),
        (lambda: networks.mode_amplitudes(model, [weights], np.eye(5)), r"\(6, modes\)"),
        (lambda: networks.kernel_change(square, np.eye(2)), "alike"),
        (lambda: networks.kernel_change(square, 0 * square), "zero"),
        (lambda: networks.kernel_alignment(square, np.eye(2), centred=True), "same"),
        (lambda: networks.kernel_alignment(square, np.ones((3, 3)), centred=True), "constant"),
        (lambda: networks.representation_alignment(np.ones(3), square, centred=True), "features"),
    ]:
        with pytest.raises(UsageError, match=message):
            call()
