"""Laws with a memory: their distribution in a quadratic, at steps so coarse that the bias of each is visible."""

from functools import cache

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

from langevin.sgld import Computation, Data, Law, Leaf, Model, Protocol, Recording, train

pytestmark = pytest.mark.statistical
SAMPLES, CURVATURES = 8, np.array([0.5, 1.0, 2.0])
AXES = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
HESSIAN = AXES @ np.diag(CURVATURES) @ AXES.T
NETWORKS, TEMPERATURES = 400, [1e-3, 4.0]


@cache
def quadratic():
    """f = x^T H x / 2 in three coordinates that are not axes of H."""
    columns = np.linalg.qr(np.random.default_rng(2).normal(size=(SAMPLES, 3)))[0]
    inputs = SAMPLES**0.5 * columns @ np.diag(CURVATURES**0.5) @ AXES.T
    data = Data(inputs, np.zeros((SAMPLES, 1)))
    return Model("quadratic", lambda key: np.zeros((3, 1)), lambda w, x: x @ w, "half-mse", data, data)


def ends(law, steps=150, model=None):
    """Weights along the axes of H, and the memory (networks, 3), at the end, for each temperature."""
    run = train(
        model or quadratic(), law, steps=steps, chains=NETWORKS, seed=2, recording=Recording([steps]),
        protocol=Protocol(sweep={"temperature": TEMPERATURES}),
        computation=Computation("float64", lanes=2 * NETWORKS),
    )  # fmt: skip
    return [
        (run.state["leaf 0"][part] @ AXES, run.state["leaf 1"][part])
        for part in (slice(0, NETWORKS), slice(NETWORKS, 2 * NETWORKS))
    ]


def far(x, variances):
    """Standard errors between the second moments (3, 3) of x and a diagonal of variances, the largest of them."""
    scaled = x / variances**0.5
    moments = scaled.T @ scaled / len(x)
    return (np.abs(moments - np.eye(3)) / ((1 + np.eye(3)) / len(x)) ** 0.5).max()


FRICTION, TIME = 2.0, 0.6  # h^2 a up to 2.9 of 4


def test_underdamped_motion_samples_the_gibbs_law_exactly():
    """Weights have theta H^-1, velocities theta; Euler's theta / a (1 - lr a / 2) would be detected."""
    law = Law(TIME, name="underdamped", options={"friction": FRICTION})
    for theta, (x, velocity) in zip(TEMPERATURES, ends(law)):
        assert far(x, theta / CURVATURES) < 4
        assert far(velocity, np.full(3, theta)) < 4
        assert far(x, theta / CURVATURES / (1 - TIME * CURVATURES / 2)) > 6


def test_underdamped_motion_starts_in_the_law_of_its_velocity():
    """With friction so weak that one step does not change the velocity: c = 1 - 5e-9."""
    law = Law(0.1, name="underdamped", options={"friction": 1e-3})
    for theta, (_, velocity) in zip(TEMPERATURES, ends(law, 1)):
        assert far(velocity, np.full(3, theta)) < 4


def test_friction_without_its_heat_is_caught(monkeypatch):
    from langevin.sgld import law

    drawn = law.draw
    monkeypatch.setattr(law, "draw", lambda *words: 0.5**0.5 * drawn(*words))
    cold = Law(TIME, name="underdamped", options={"friction": FRICTION})
    for theta, (x, velocity) in zip(TEMPERATURES, ends(cold, model=quadratic.__wrapped__())):
        assert far(x, theta / CURVATURES) > 6
        assert far(velocity, np.full(3, theta)) > 6


@pytest.mark.parametrize(("momentum", "rate"), [pytest.param(0.5, 1.5, marks=pytest.mark.slow), (0.9, 8.0)])
def test_a_heavy_ball_samples_theta_with_the_bias_of_its_recursion(momentum, rate):
    law = Law(rate, name="heavy-ball", options={"momentum": momentum})
    widening = 1 / (1 - rate * CURVATURES * (1 - momentum) / (2 * (1 + momentum)))
    for theta, (x, velocity) in zip(TEMPERATURES, ends(law, 250)):
        assert far(x, theta / CURVATURES * widening) < 4
        assert far(velocity @ AXES, 2 * (1 - momentum) * rate * theta / (1 + momentum) * widening) < 4
        assert far(x, theta / CURVATURES) > 5


def naive(joins_gradient, beta=0.8, eta=0.01, walkers=20_000):
    """Variance of the heavy ball of optax, in a well of curvature 1, with the noise of a step without momentum."""
    generator = np.random.default_rng(3)
    x, v = np.zeros(walkers), np.zeros(walkers)
    for _ in range(300):
        kick = (2 * eta) ** 0.5 * generator.normal(size=walkers)
        v = beta * v + x - (kick / eta if joins_gradient else 0)
        x = x - eta * v + (0 if joins_gradient else kick)
    return (x**2).mean()


def test_noise_without_regard_to_the_momentum_is_another_temperature():
    """theta' / (1 - beta), and (1 - beta) theta', here theta' = 1, up to the order of lr = 0.05."""
    assert naive(True) == pytest.approx(5.0, rel=0.08)
    assert naive(False) == pytest.approx(0.2, rel=0.30)


def test_a_preconditioner_that_stays_leaves_the_gibbs_law():
    """Each network has another G, and the covariance of the Euler recursion with it: theta H^-1 for small steps."""
    rate = 0.05
    law = Law(rate, name="preconditioned", options={"warm_up": 100, "memory": 0.95, "floor": 0.5})
    for theta, (x, squares) in zip(TEMPERATURES, ends(law, 1000)):
        scales = 1 / (0.5 + squares**0.5)
        whole = np.array([covariance(rate, scale, theta) for scale in scales])
        white = np.array([np.linalg.solve(np.linalg.cholesky(c), AXES @ one) for c, one in zip(whole, x)])
        assert far(white, np.ones(3)) < 4
        assert np.ptp(scales, axis=0).min() > (0 if theta < 1 else 0.02)  # each network has another G
        root = np.linalg.cholesky(HESSIAN / theta)
        assert np.abs(root.T @ whole.mean(axis=0) @ root - np.eye(3)).max() < 0.1


@cache
def parted():
    """The same quadratic with its first coordinate in a separate leaf."""
    import jax.numpy as jnp

    plain = quadratic()
    start = {"first": np.zeros((1, 1)), "others": np.zeros((2, 1))}
    return Model(
        "parted", lambda key: start, lambda w, x: x @ jnp.concatenate([w["first"], w["others"]]), "half-mse",
        plain.train, plain.test,
    )  # fmt: skip


@pytest.mark.parametrize("name", [pytest.param("sgld", marks=pytest.mark.slow), "underdamped"])
def test_rates_that_differ_from_leaf_to_leaf_leave_the_gibbs_law(name):
    """Underdamped motion has this law exactly, with the mass 1 / 4 of a leaf; SGLD has the bias of its recursion."""
    rate, theta, factors = 0.2, 0.5, np.array([4.0, 1.0, 1.0])
    options = {"friction": 2.0} if name == "underdamped" else {}
    run = train(
        parted(), Law(rate, theta, name=name, options=options, leaves={"first": Leaf(rate=4.0)}), steps=200,
        chains=NETWORKS, seed=2, recording=Recording([200]), computation=Computation("float64", lanes=NETWORKS),
    )  # fmt: skip
    x = np.hstack([run.state["leaf 0"], run.state["leaf 1"]])
    gibbs, biased = theta * np.linalg.inv(HESSIAN), covariance(rate, factors, theta)
    for law, agrees in ((gibbs, name == "underdamped"), (biased, name == "sgld")):
        white = np.linalg.solve(np.linalg.cholesky(law), x.T).T
        assert bool(far(white, np.ones(3)) < 4) is agrees


@cache
def line():
    """f = x^2 / 2."""
    data = Data(np.ones((1, 1)), np.zeros((1, 1)))
    return Model("line", lambda key: np.zeros((1, 1)), lambda w, x: x @ w, "half-mse", data, data)


@pytest.mark.slow
def test_a_preconditioner_that_follows_the_weights_leaves_another_law():
    """On a line (floor + |f'|) exp(-f / theta): a variance of 1.61 theta at this floor, within 4 standard errors."""
    floor, width = 0.5, (2 * np.pi) ** 0.5
    law = Law(0.01, 1.0, name="preconditioned", options={"warm_up": 2000, "memory": 0.0, "floor": floor})
    run = train(
        line(), law, steps=1500, chains=500, seed=2, recording=Recording([1500]),
        computation=Computation("float64", lanes=500),
    )  # fmt: skip
    x = run.state["leaf 0"][:, 0]
    expected = (floor * width + 4) / (floor * width + 2)
    error = (x**2).std(ddof=1) / len(x) ** 0.5
    assert abs((x**2).mean() - expected) < 4 * error
    assert abs((x**2).mean() - 1.0) > 5 * error


def covariance(rate, scale, theta):
    """Stationary covariance of x <- (1 - lr G H) x + sqrt(2 lr theta G) xi."""
    matrix = np.eye(3) - rate * scale[:, None] * HESSIAN
    return solve_discrete_lyapunov(matrix, 2 * rate * theta * np.diag(scale))
