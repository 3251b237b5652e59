"""Messages before the first step: sharpness, stability, resolution."""

from functools import cache, partial

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Callbacks, Computation, Data, Law, Leaf, Model, Protocol, train


@cache
def regression(features):
    """A regression whose Hessian X^T X / 40 has known eigenvalues."""
    generator = np.random.default_rng(2)
    inputs = generator.normal(size=(40, features))
    data = Data(inputs, inputs[:, :1])
    return Model("regression", lambda key: np.ones((features, 1)), lambda w, x: x @ w, "half-mse", data, data)


@cache
def named(features):
    """The same with its weights in a leaf that has a name."""
    plain = regression(features)
    return Model(
        "named", lambda key: {"w": plain.init(key)}, lambda w, x: plain.apply(w["w"], x), "half-mse",
        plain.train, plain.test,
    )  # fmt: skip


def top(model):
    return np.linalg.eigvalsh(model.train.inputs.T @ model.train.inputs / 40)[-1]


@pytest.mark.parametrize("features", [1, 30])
def test_sharpness_is_the_largest_eigenvalue_of_the_hessian(features):
    model = regression(features)
    trajectory = train(model, Law(0.1), steps=1, chains=1)
    assert trajectory.meta["sharpness"] == pytest.approx(top(model), rel=2e-3)  # Lanczos stops at 1e-3


def test_sharpness_of_a_hessian_with_a_larger_negative_eigenvalue_is_the_largest():
    def apply(weights, inputs):
        return inputs * (weights["a"] ** 2 - 3 * weights["b"] ** 2)[None]

    data = Data(np.ones((1, 1)), np.zeros((1, 1)))
    model = Model(
        "saddle", lambda key: {"a": np.ones(1), "b": np.zeros(1)}, apply, lambda f, y: f[:, 0], data, data
    )
    assert train(model, Law(0.1), steps=1, chains=1).meta["sharpness"] == pytest.approx(2, rel=1e-3)


def test_one_line_says_temperature_rate_noise_and_sharpness():
    lines = []
    said = Callbacks(announce=lines.append)
    train(regression(30), Law(0.1, temperature=2e-3), steps=1, chains=1, callbacks=said)
    (line,) = lines
    assert (
        f"temperature 0.002, learning rate 0.1, noise sd per step 0.02, lr x sharpness {0.1 * top(regression(30)):.3g}"
        in line
    )
    protocol = Protocol(sweep={"temperature": [0.2, 0.0]})
    train(regression(30), Law(0.1), steps=1, chains=1, protocol=protocol, callbacks=said)
    assert "temperature 0 ... 0.2" in lines[1]
    assert "decay" not in lines[1]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"weight_decay": 0.01}, "noise sd per step 0, coupled weight decay 0.01, lr"),
        (
            {"weight_decay": 0.01, "name": "optax.adamw", "decay": "decoupled"},
            "decoupled weight decay 0.01, lr",
        ),
        (
            {"name": "underdamped"},
            "law underdamped (friction 1), temperature 0, learning rate 0.1, noise sd per step 0, lr",
        ),
        (
            {"name": "preconditioned", "temperature": 5e-3, "leaves": {"w": Leaf(0.5)}},
            "(memory 0.99, floor 1e-05, warm up 1000), temperature 0.005, learning rate 0.1, noise sd per step "
            "0.0316 x sqrt(G), leaf w rate x 0.5, decay x 1, lr",
        ),
        ({"name": "label-noise", "label_noise": 0.5}, "noise sd per step 0, label noise 0.5, lr"),
    ],
)
def test_decay_and_label_noise_are_in_the_line_and_which_decay(numbers, said):
    pytest.importorskip("optax")
    lines = []
    train(named(1), Law(0.1, **numbers), steps=1, chains=1, callbacks=Callbacks(announce=lines.append))
    assert said in lines[0]


def test_a_step_that_diverges_at_a_quadratic_is_refused_or_tried_with_a_warning():
    limit, run = 2 / top(regression(30)), partial(train, regression(30), steps=3, chains=1)
    run(Law(0.99 * limit))
    with pytest.raises(UsageError, match="take a learning rate below"):
        run(Law(1.01 * limit))
    with pytest.raises(UsageError, match="lr x sharpness"):  # the decay adds to every curvature
        run(Law(0.99 * limit, weight_decay=0.1))
    with pytest.warns(UserWarning, match="lr x sharpness"):
        run(Law(1.01 * limit), computation=Computation(unstable=True))


@pytest.mark.parametrize(
    ("law", "edge"),
    [
        ({"name": "heavy-ball", "options": {"momentum": 0.5}}, lambda top: 6 / top),
        ({"name": "underdamped", "options": {"friction": 0.5}}, lambda top: 4 / top**0.5),
        ({"leaves": {"w": Leaf(0.25)}}, lambda top: 8 / top),
        ({"leaves": {"w": Leaf(4.0, 0.5)}, "weight_decay": 3.0}, lambda top: 0.5 / (top + 1.5)),
    ],
)
def test_the_edge_of_a_law_is_where_it_diverges(law, edge):
    model = named(30)
    limit = edge(top(regression(30)))
    run = partial(train, model, steps=400, chains=1, computation=Computation("float64"))
    assert run(Law(0.97 * limit, **law)).observables["weight_norm"][0, -1] < 20
    with pytest.raises(UsageError, match=f"take a learning rate below {limit:.2g}"):
        run(Law(1.03 * limit, **law))
    with pytest.warns(UserWarning, match="lr x sharpness"):
        run = train(
            model,
            Law(1.03 * limit, **law),
            steps=400,
            chains=1,
            computation=Computation("float64", unstable=True),
        )
    assert run.observables["weight_norm"][0, -1] > 1e3


def test_a_network_may_pass_the_edge_up_to_the_catapult():
    def apply(weights, inputs):
        return weights["a"] * weights["b"] * inputs

    data = Data(np.ones((1, 1)), np.ones((1, 1)))
    model = Model("product", lambda key: {"a": np.ones(1), "b": np.ones(1)}, apply, "half-mse", data, data)
    # At a = b = 1 the eigenvalue is 2, and the loss is not quadratic.
    train(model, Law(1.9), steps=3, chains=1)
    with pytest.raises(UsageError, match="from about 4 on in a network"):
        train(model, Law(2.1), steps=3, chains=1)


def test_an_optimiser_that_rescales_is_warned_of_only():
    pytest.importorskip("optax")
    with pytest.warns(UserWarning, match="lr x sharpness"):
        train(regression(30), Law(10.0, name="optax.adam"), steps=3, chains=1)


def test_a_gradient_below_the_resolution_of_the_weights_is_warned_of():
    model = regression(30)
    far = Model("far", lambda key: 1e6 * np.ones((30, 1)), model.apply, "half-mse", model.train, model.test)
    with pytest.warns(UserWarning, match=r"gradient of one step.* or use float64$"):
        train(far, Law(1e-9), steps=1, chains=1)
    with pytest.warns(UserWarning, match=r"gradient of one step.* raise the learning rate$"):
        train(far, Law(1e-18), steps=1, chains=1, computation=Computation("float64"))
