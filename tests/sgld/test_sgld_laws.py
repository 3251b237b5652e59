"""Laws of motion by name: the numbers that they take, and their steps."""

import sys
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Computation, Data, Law, Model, Plan, Protocol, Recording, execute, losses, train
from langevin.types import Status

TRACED = []


@cache
def regression():
    """Full rank: 4 samples, 3 weights; the gradient is X^T (X w - y) / 4."""
    generator = np.random.default_rng(1)
    inputs, targets = generator.normal(size=(4, 3)), generator.normal(size=(4, 1))

    def apply(weights, inputs):
        TRACED.append(1)
        return inputs @ weights["w"]

    data = Data(inputs, targets)
    return Model("regression", lambda key: {"w": np.ones((3, 1))}, apply, "half-mse", data, data)


def told_right():
    """The same, with a rule for right outputs, so that it has accuracies."""
    return replace(regression(), correct=losses.within(0.1))


def loss(weights):
    inputs, targets = regression().train
    return ((inputs @ weights - targets) ** 2).mean() / 2


def gradient(weights):
    inputs, targets = regression().train
    return inputs.T @ (inputs @ weights - targets) / len(inputs)


@pytest.mark.parametrize(
    ("law", "message"),
    [
        ({"name": "adam"}, "optax.NAME"),
        ({"name": "gradient-descent", "batch": 2}, "takes no batch"),
        ({"name": "gradient-descent", "temperature": 1e-3}, "takes no temperature"),
        ({"name": "sgd"}, "needs batch"),
        ({"name": "sgd", "batch": 2, "label_noise": 0.1}, "takes no label_noise"),
        ({"label_noise": 0.1}, "law sgld takes no label_noise"),
        ({"name": "label-noise"}, "needs label_noise"),
        ({"decay": "decoupled"}, "say 'coupled'"),
        ({"decay": "none"}, "coupled or decoupled"),
        ({"options": {"b1": 0.9}}, "takes no options"),
        ({"name": "optax.nothing"}, "no optimiser 'nothing'"),
        ({"name": "optax.noisy_sgd"}, "take the law sgld"),
        ({"name": "optax.adam", "options": {"b3": 0.9}}, "no option 'b3'"),
        ({"name": "optax.adam", "temperature": 0.1}, "takes no temperature"),
    ],
)
def test_a_number_of_another_law_is_refused(law, message):
    with pytest.raises(UsageError, match=message):
        train(regression(), Law(0.1, **law), steps=5)


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        ({"schedule": lambda step: 2.0 + 0 * step}, "above 0 and at most 1"),
        ({"schedule": lambda step: 1.0}, "array of step numbers"),
        ({"after_memorisation": {"momentum": 0.1}}, "cannot change after memorisation"),
        ({"after_memorisation": {"learning_rate": 0.1}}, "schedule"),
        ({"after_memorisation": {"weight_decay": -1.0}}, "weight_decay is -1"),
        ({"stop": {"patience": 3}}, "no criterion 'patience'"),
        ({"stop": {"train_loss": -1.0}}, "at least 0"),
    ],
)
def test_a_protocol_that_cannot_be_followed_is_refused(protocol, message):
    with pytest.raises(UsageError, match=message):
        train(told_right(), Law(0.1), steps=5, protocol=Protocol(**protocol))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"law": 0.1}, "law must be a langevin.sgld.Law, got 0.1"),
        ({"protocol": {"stop": {}}}, "protocol must be a langevin.sgld.Protocol, got something of type dict"),
        (
            {"callbacks": print},
            "callbacks must be a langevin.sgld.Callbacks, got something of type builtin",
        ),
        ({"model": "tanh"}, "model must be a langevin.sgld.Model, got 'tanh'"),
    ],
)
def test_what_is_no_record_is_refused(given, message):
    with pytest.raises(UsageError, match=message):
        train(**{"model": regression(), "law": Law(0.1), "steps": 5} | given)


def test_noise_on_labels_is_refused_with_a_loss_that_is_not_squared():
    data = Data(np.ones((2, 1)), np.ones((2, 1)))
    model = Model("hinge", lambda key: np.zeros((1, 1)), lambda w, x: x @ w, "hinge", data, data)
    with pytest.raises(UsageError, match="half-mse"):
        train(model, Law(0.1, label_noise=1.0, name="label-noise"), steps=5)


def test_without_optax_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "optax", None)
    with pytest.raises(UsageError, match=r"langevin-manifold\[networks\]"):
        train(regression(), Law(0.1, name="optax.adam"), steps=5)


@pytest.mark.parametrize("decay", ["coupled", "decoupled"])
def test_adam_is_that_of_kingma_and_ba_with_decay_before_or_beside_it(decay):
    pytest.importorskip("optax")
    rate, strength, b1, b2, steps = 0.05, 0.1, 0.8, 0.9, 40
    trajectory = train(
        regression(),
        Law(rate, weight_decay=strength, name="optax.adamw", decay=decay, options={"b1": b1, "b2": b2}),
        steps=steps, chains=1, recording=Recording(range(steps)), computation=Computation("float64"),
    )  # fmt: skip
    weights, first, second, losses = np.ones((3, 1)), 0.0, 0.0, []
    for step in range(steps + 1):
        losses.append(loss(weights))
        pull = gradient(weights) + (strength * weights if decay == "coupled" else 0)
        first, second = b1 * first + (1 - b1) * pull, b2 * second + (1 - b2) * pull**2
        scaled = first / (1 - b1 ** (step + 1)) / (np.sqrt(second / (1 - b2 ** (step + 1))) + 1e-8)
        weights = weights - rate * (scaled + (strength * weights if decay == "decoupled" else 0))
    # Double precision, and a bias correction that optax takes in single precision.
    np.testing.assert_allclose(trajectory.observables["train_loss"][0], losses, rtol=1e-5)


def test_a_schedule_scales_step_and_clock():
    def schedule(step):
        return (1 + step / 3) ** -0.5

    rate, steps = 0.2, 30
    trajectory = train(
        regression(), Law(rate), steps=steps, chains=1, protocol=Protocol(schedule),
        recording=Recording(range(steps)), computation=Computation("float64", chunk=7),
    )  # fmt: skip
    weights, losses, times = np.ones((3, 1)), [], [0.0]
    for step in range(steps + 1):
        losses.append(loss(weights))
        weights = weights - rate * schedule(step) * gradient(weights)
        times.append(times[-1] + rate * schedule(step))
    np.testing.assert_allclose(trajectory.observables["train_loss"][0], losses, rtol=1e-10)
    np.testing.assert_allclose(trajectory.times, times[:-1], rtol=1e-12)
    assert trajectory.events["time"][0] == pytest.approx(trajectory.times[-1])


def label_variance(batch):
    """Variance of one weight under label noise over its law lr sigma^2 / (2 B (1 - lr / 2)), and the error."""
    data = Data(np.ones((8, 1)), np.zeros((8, 1)))
    model = Model("mean", lambda key: np.zeros((1, 1)), lambda w, x: x @ w, "half-mse", data, data)
    rate, sigma, networks = 0.5, 0.3, 200
    trajectory = train(
        model, Law(rate, label_noise=sigma, name="label-noise", batch=batch), steps=40, chains=networks,
        recording=Recording([10]), computation=Computation(lanes=networks),
    )  # fmt: skip
    squares = 2 * trajectory.observables["train_loss"][:, -1]
    expected = rate * sigma**2 / (2 * batch * (1 - rate / 2))
    return squares.mean() / expected, squares.std(ddof=1) / networks**0.5 / expected


@pytest.mark.statistical
def test_label_noise_is_fresh_for_every_label_of_the_step():
    ratio, error = label_variance(2)
    assert abs(ratio - 1) < 4 * error


@pytest.mark.statistical
def test_one_noise_for_all_labels_of_a_step_is_caught(monkeypatch):
    from langevin.sgld import law

    def shared(wanted, key, step, sd, like):
        return like * 0 + sd * law.random.normal(law.random.fold_in(key, step), (), like.dtype)

    monkeypatch.setattr(law, "draw", shared)
    ratio, error = label_variance(8)
    assert ratio - 1 > 5 * error  # eight times too much


def test_no_number_of_any_law_compiles_anew():
    pytest.importorskip("optax")
    plan = Plan(Law(0.1), steps=20, chains=2)
    together = replace(plan, computation=Computation(lanes=4))
    for first, second in (
        [
            replace(plan, law=Law(rate, weight_decay=rate, name="optax.adam", options={"b1": 5 * rate}))
            for rate in (0.1, 0.2)
        ],
        [replace(plan, law=Law(rate, label_noise=rate, name="label-noise")) for rate in (0.1, 0.2)],
        [
            replace(together, protocol=Protocol(sweep={"temperature": [1e-4, 1e-3]})),
            replace(together, law=Law(0.2), protocol=Protocol(sweep={"weight_decay": [0, 1]})),
        ],
    ):
        execute(regression(), first)
        before = len(TRACED)
        execute(regression(), second)
        assert len(TRACED) - before <= 2  # the shapes of the train and the test outputs


def test_a_law_changes_when_the_network_has_memorised():
    inputs = np.array([[1.0], [2.0]])
    data = Data(inputs, np.array([[1.0], [-1.0]]))  # learned by the second weight, a threshold

    def apply(weights, inputs):
        return weights["slope"] * inputs + weights["threshold"]

    def init(key):
        return {"slope": np.zeros(()), "threshold": np.zeros(())}

    model = Model("step", init, apply, "half-mse", data, data)
    run = partial(train, model, Law(0.1), steps=400, chains=2)
    plain, changed = run(), run(protocol=Protocol(after_memorisation={"weight_decay": 0.5}))
    step = changed.events["changed_step"]
    assert (step == changed.events["memorised_step"]).all()
    assert (step > 0).all()
    before = changed.steps <= step[0]
    loss_before, loss_after = (run.observables["train_loss"][:, before] for run in (plain, changed))
    assert np.array_equal(loss_before, loss_after)
    # With decay w the weights rest at (H + w)^-1 X^T y / n.
    features = np.hstack([inputs, np.ones((2, 1))])
    rest = np.linalg.solve(features.T @ features / 2 + 0.5 * np.eye(2), features.T @ data.targets / 2)
    norm = changed.observables["weight_norm"][:, -1]
    np.testing.assert_allclose(norm, np.linalg.norm(rest), rtol=1e-4)  # float32


def test_criteria_stop_a_network_where_they_are_met_first():
    run = partial(
        train, told_right(), Law(0.2), steps=2000, chains=2, recording=Recording(range(0, 2001, 10))
    )
    whole = run()
    level = whole.observables["train_loss"][0, 30]
    stopped = run(protocol=Protocol(stop={"train_loss": float(level)}))
    assert stopped.events["status"].tolist() == [Status.HIT] * 2
    assert stopped.events["step"].tolist() == [300, 300]
    assert stopped.steps[-1] == 300  # no network continued
    wanted = whole.events["generalised_step"][0]  # training and test data are the same here
    late = run(protocol=Protocol(stop={"generalised": 50}))
    if wanted >= 0:
        assert late.events["step"].tolist() == [wanted + 50] * 2
    else:
        assert (late.events["status"] == Status.FINISHED).all()
