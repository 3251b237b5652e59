"""Hessian, Gauss-Newton and label-noise slope where the answer is known by heart."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import networks
from tests.measure.networks.small import network, product, regression, two_layer_weights, two_layers

ROUND_OFF = 1e-12  # some hundred operations in double precision, of numbers of size 1
WEIGHTS = {"w": np.ones((4, 1), dtype=np.float32)}


def curvature(model):
    inputs = model.train.inputs
    return inputs.T @ inputs / len(inputs)


def test_products_with_the_identity_are_the_hessian_of_a_regression():
    model = regression()
    matrix = networks.hessian_products(model, WEIGHTS, np.eye(4))
    np.testing.assert_allclose(matrix, curvature(model), rtol=0, atol=ROUND_OFF)


def test_the_exact_trace_counts_every_output():
    model = regression(outputs=3)
    trace = networks.hessian_trace(model, {"w": np.ones((4, 3))})
    assert trace.value == pytest.approx(3 * np.trace(curvature(model)), rel=ROUND_OFF)
    assert trace.n == 12
    assert 0 < trace.error < ROUND_OFF


def test_the_hessian_off_the_zero_loss_set_has_the_residual_in_it():
    """f = u v at (2, 3), residual 5: the Hessian is ((9, 6 + 5), (6 + 5, 4))."""
    weights = {"u": np.array(2.0), "v": np.array(3.0)}
    matrix = networks.hessian_products(product(), weights, np.eye(2))
    np.testing.assert_allclose(matrix, [[9, 11], [11, 4]], rtol=ROUND_OFF)
    assert networks.gauss_newton_trace(product(), weights).value == pytest.approx(13, rel=ROUND_OFF)


@pytest.mark.statistical
def test_hutchinson_has_the_mean_and_the_variance_that_it_should():
    model = regression()
    matrix = curvature(model)
    probes = 4000
    estimate = networks.hutchinson_trace(model, WEIGHTS, probes=probes, seed=3)
    assert abs(estimate.value - np.trace(matrix)) < 4 * estimate.error
    variance = 2 * ((matrix**2).sum() - (np.diag(matrix) ** 2).sum())
    # The relative error of a standard deviation from n values is about sqrt(kurtosis / 4 n), here below 2 %.
    assert estimate.error == pytest.approx(math.sqrt(variance / probes), rel=0.08)
    assert (
        abs(estimate.value - 1.1 * np.trace(matrix)) > 4 * estimate.error
    )  # a trace of 10 % more is detected


def test_hutchinson_is_exact_for_a_diagonal_hessian():
    model = network(lambda weights, x: x @ weights, np.diag([1.0, 2.0, 3.0]), np.zeros((3, 1)))
    estimate = networks.hutchinson_trace(model, np.ones((3, 1)), probes=5)
    assert estimate.value == pytest.approx(14 / 3, rel=ROUND_OFF)
    assert estimate.error < ROUND_OFF


@pytest.mark.parametrize("count", [1, 3, 4])
def test_top_eigenvalues_are_those_of_the_matrix_within_their_errors(count):
    model = regression()
    values, errors = networks.top_eigenvalues(model, WEIGHTS, count)
    exact = np.linalg.eigvalsh(curvature(model))[::-1][:count]
    assert (abs(values - exact) <= errors + ROUND_OFF * exact).all()  # the dense ones have round-off too
    assert (errors < 1e-10).all()


def test_the_round_off_of_the_largest_eigenvalue_is_in_the_error_of_all():
    """Two samples of four inputs: two eigenvalues are 0, with the round-off of the largest one."""
    generator = np.random.default_rng(3)
    inputs = generator.standard_normal((2, 4)).astype(np.float32)
    model = network(lambda weights, x: x @ weights["w"], inputs, np.zeros((2, 1), np.float32))
    values, errors = networks.top_eigenvalues(model, WEIGHTS, 4)
    exact = np.linalg.eigvalsh(inputs.T.astype(float) @ inputs / 2)[::-1]
    assert (abs(values - exact) <= errors).all()
    assert (errors >= np.finfo(float).eps * exact[0]).all()


def test_a_flat_loss_has_eigenvalues_zero():
    model = network(lambda weights, x: x @ weights, np.ones((2, 3)), np.ones((2, 1)), loss="hinge")
    values, errors = networks.top_eigenvalues(model, np.ones((3, 1)), 2)
    assert values.tolist() == errors.tolist() == [0, 0]


def test_trace_and_determinant_of_the_jacobian_of_a_regression():
    model = regression()
    inputs = model.train.inputs
    assert networks.gauss_newton_trace(model, WEIGHTS).value == pytest.approx(
        np.trace(curvature(model)), rel=ROUND_OFF
    )
    volume = networks.log_det(model, WEIGHTS)  # J J^T = X X^T has 6 rows and rank 4
    assert volume.value == pytest.approx(np.linalg.slogdet(inputs.T @ inputs)[1], abs=ROUND_OFF)
    assert volume.mixed
    assert volume.n == 4
    assert "rank 4 of 6" in volume.note


def test_of_two_layers_too():
    """|J|^2 of a sample is |x|^2 |b|^2 + |x A|^2; J J^T is that kernel, of rank 3 = inputs."""
    weights, model = two_layer_weights(), two_layers()
    inputs = model.train.inputs
    kernel = (weights["b"] ** 2).sum() * inputs @ inputs.T + (inputs @ weights["A"]) @ (
        inputs @ weights["A"]
    ).T
    trace = networks.gauss_newton_trace(model, weights)
    assert trace.value == pytest.approx(np.trace(kernel) / 5, rel=ROUND_OFF)
    volume = networks.log_det(model, weights)
    assert volume.n == 3
    assert volume.value == pytest.approx(np.log(np.linalg.eigvalsh(kernel)[2:]).sum(), abs=ROUND_OFF)


def test_a_rank_that_is_a_matter_of_taste_is_not_mixed():
    inputs = np.array([[1.0, 0], [1, 1e-7]])
    volume = networks.log_det(network(lambda w, x: x @ w, inputs, inputs[:, :1]), np.ones((2, 1)))
    assert not volume.mixed
    assert "undecided" in volume.note


def slope_of_product(u, rate, sigma):
    """On u v = 1 with q = u^2 - v^2, r = u^2 + v^2: dr/dn = -2 lr^2 sigma^2 q^2 / (r (2 - lr r))."""
    q, r = u**2 - u**-2, u**2 + u**-2
    return -2 * rate**2 * sigma**2 * q**2 / (r * (2 - rate * r))


@pytest.mark.parametrize(("u", "rate"), [(2.0, 1e-3), (2.0, 0.3), (0.5, 0.3)])
def test_label_noise_slope_of_a_product_is_the_closed_form(u, rate):
    weights = {"u": np.array(u), "v": np.array(1 / u)}
    slope = networks.label_noise_slope(product(), weights, learning_rate=rate, noise_sd=0.2)
    assert slope.value == pytest.approx(slope_of_product(u, rate, 0.2), rel=ROUND_OFF)
    assert slope.mixed
    assert slope.n == 1


def descend(rate, sigma, walkers=20_000, steps=400):
    """Change of tr H per step of label-noise descent on u v = 1 from u = 2, its error, and the prediction."""
    generator = np.random.default_rng(5)
    u, v = np.full(walkers, 2.0), np.full(walkers, 0.5)
    middle = np.empty(steps)
    burn_in = 50  # (1 - lr lambda)^50 of the start is left, which is below 1e-4
    for step in range(burn_in + steps):
        if step == burn_in:
            before = u**2 - v**2
        residual = u * v - 1 - sigma * generator.standard_normal(walkers)
        u, v = u - rate * residual * v, v - rate * residual * u
        if step >= burn_in:
            middle[step - burn_in] = np.mean(u**2 - v**2)
    # On the set r = sqrt(q^2 + 4); q has no thermal motion to first order.
    curvatures = [np.sqrt(q**2 + 4) for q in (before, u**2 - v**2)]
    change = (curvatures[1] - curvatures[0]) / steps
    q = middle.mean()
    at = math.sqrt((math.sqrt(q**2 + 4) + q) / 2)
    weights = {"u": np.array(at), "v": np.array(1 / at)}
    predicted = networks.label_noise_slope(product(), weights, learning_rate=rate, noise_sd=sigma)
    return change.mean(), change.std(ddof=1) / walkers**0.5, predicted.value


@pytest.mark.statistical
def test_label_noise_slope_is_what_descent_with_noisy_labels_does():
    """Within 4 standard errors and 0.5 % for what is left of higher order in lr sigma^2 (here 0.002)."""
    measured, error, predicted = descend(rate=0.05, sigma=0.2)
    assert abs(measured - predicted) < 4 * error + 0.005 * abs(predicted)
    # control: without the finite-step factor 1 / (1 - lr lambda / 2) the slope is 11 % off, and excluded
    small_step = predicted * (1 - 0.05 * (2**2 + 2**-2) / 2)
    assert abs(measured - small_step) > 4 * error + 0.005 * abs(small_step)


def test_label_noise_slope_needs_the_zero_loss_set_and_a_stable_step():
    off = {"u": np.array(2.0), "v": np.array(0.6)}
    slope = networks.label_noise_slope(product(), off, learning_rate=0.01, noise_sd=0.2)
    assert not slope.mixed
    assert "above twice" in slope.note
    on = {"u": np.array(2.0), "v": np.array(0.5)}
    for bad in (
        {"learning_rate": 0.5, "noise_sd": 1},  # 2 / 4.25 is the limit
        {"learning_rate": 0.01, "noise_sd": 0},
        {"learning_rate": math.nan, "noise_sd": 1},
        {"learning_rate": 0.01, "noise_sd": 1, "batch": 2},
    ):
        with pytest.raises(UsageError, match=r"unstable|must be"):
            networks.label_noise_slope(product(), on, **bad)
    hinge = network(lambda w, x: x @ w, np.ones((1, 1)), np.ones((1, 1)), loss="hinge")
    with pytest.raises(UsageError, match="half-mse"):
        networks.label_noise_slope(hinge, np.ones((1, 1)), learning_rate=0.1, noise_sd=1)


def test_batches_of_labels_divide_the_slope_by_their_size():
    model, weights = two_layers(), two_layer_weights()
    slopes = [
        networks.label_noise_slope(model, weights, learning_rate=1e-3, noise_sd=100.0, batch=batch).value
        for batch in (None, 5, 1)
    ]
    assert slopes[0] == slopes[1] == pytest.approx(slopes[2] / 5, rel=ROUND_OFF)
    assert slopes[0] < 0


def test_what_does_not_fit_is_refused_in_a_sentence():
    model = regression()
    with pytest.raises(UsageError, match="cannot take these weights"):
        networks.hessian_trace(model, {"v": np.ones((4, 1))})
    with pytest.raises(UsageError, match="not all finite"):
        networks.hessian_trace(model, {"w": np.full((4, 1), np.nan)})
    with pytest.raises(UsageError, match=r"\(count, 4\)"):
        networks.hessian_products(model, WEIGHTS, np.ones(4))
    with pytest.raises(UsageError, match="1 to 4"):
        networks.top_eigenvalues(model, WEIGHTS, 5)
    with pytest.raises(UsageError, match="at least 2"):
        networks.hutchinson_trace(model, WEIGHTS, probes=1)
