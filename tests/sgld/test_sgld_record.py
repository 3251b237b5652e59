"""The record of a training: sketch, rank, frames, events, refusals and warnings."""

import json
import subprocess
import sys
from functools import cache, partial

import numpy as np
import pytest

from langevin.errors import NumericalError, UsageError
from langevin.sgld import Computation, Data, Law, Model, Plan, Recording, execute, schedule, train
from langevin.sgld.plan import with_settings
from langevin.types import Status


@cache
def product_model(scale=1.0, loss="half-mse"):
    """f = a b x: two weights, one of them gauge, and residuals that all constrain a b."""
    inputs = scale * np.arange(1.0, 4)[:, None]

    def init(key):
        return {"a": np.ones(()), "b": np.full((), 0.5)}

    def apply(weights, inputs):
        return weights["a"] * weights["b"] * inputs

    return Model("product", init, apply, loss, Data(inputs, inputs), Data(inputs[:2], inputs[:2]))


def sketched(vectors, size):
    import jax

    from langevin.sgld.observation import sketch

    return np.asarray(jax.jit(partial(sketch, size=size))(vectors.astype(np.float32)))


@pytest.mark.statistical
@pytest.mark.parametrize("size", [50, 64])
def test_squared_distances_of_the_sketch_are_unbiased_with_variance_two_over_s(size):
    # Vectors with disjoint supports have independent signs; 400 x 24 weights fill three blocks of signs.
    count, support = 400, 24
    vectors = np.kron(np.eye(count), np.ones(support) / support**0.5)
    squared = (sketched(vectors, size) ** 2).sum(axis=1)
    variance = 2 / size * (1 - 1 / support)
    assert abs(squared.mean() - 1) < 4 * (variance / count) ** 0.5
    fourth = np.mean((squared - 1) ** 4)
    assert abs(squared.var() - variance) < 4 * ((fourth - variance**2) / count) ** 0.5


def test_blocks_of_signs_differ():
    """With the same signs in all blocks, a weight could not be distinguished from the one a block later."""
    from langevin.sgld.observation import BLOCK, signs

    first, second = (np.asarray(signs(block, BLOCK, 64)) for block in (0, 1))
    assert set(np.unique(first)) == {-1, 1}
    assert abs((first * second).mean()) < 4 / first.size**0.5


def test_the_sketch_is_linear():
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=(2, 5000))
    together, one, other = sketched(np.array([first + second, first, second]), 64)
    np.testing.assert_allclose(together, one + other, atol=1e-3)  # float32 sums of 5000 terms


def test_gauge_lowers_the_rank():
    trajectory = train(product_model(), Law(0.05, temperature=1e-4), steps=5, chains=2)
    assert trajectory.meta["residuals"] == 3
    assert trajectory.meta["rank"] == 1
    assert trajectory.events["rank"].tolist() == [1, 1]
    assert trajectory.meta["arrival_loss"] == pytest.approx(1e-4)


def test_the_record_has_the_shapes_of_a_trajectory_and_json_holds_its_meta():
    trajectory = train(product_model(), Law(0.05), steps=40, chains=2, recording=Recording(10))
    draws = len(trajectory.steps)
    assert trajectory.states.shape == (2, draws, 64)
    assert trajectory.states.dtype == np.float64
    np.testing.assert_allclose(trajectory.times, 0.05 * trajectory.steps)
    assert all(values.shape == (2, draws) for values in trajectory.observables.values())
    assert all(values.shape == (2,) for values in trajectory.events.values())
    assert trajectory.observables["displacement"][:, 0].tolist() == [0, 0]
    assert trajectory.meta["arrival"] is None  # the targets are no labels, and there is no thermal noise
    assert "train_accuracy" not in trajectory.observables
    assert "arrival_loss" not in trajectory.meta
    assert {"parameters", "noise_sd", "seed", "dials", "versions"} <= json.loads(
        json.dumps(dict(trajectory.meta))
    ).keys()


def test_arrival_is_the_first_frame_at_or_below_theta_rank():
    trajectory = train(
        product_model(), Law(0.02, temperature=1e-4), steps=400, chains=2, recording=Recording(range(0, 401, 10))
    )  # fmt: skip
    for chain, arrival in enumerate(trajectory.events["arrival_step"]):
        below = trajectory.observables["train_loss"][chain] <= trajectory.meta["arrival_loss"]
        assert 0 < arrival == trajectory.steps[below][0]


def test_divergence_is_a_status_and_keeps_the_last_finite_frame():
    computation = Computation(unstable=True)
    with pytest.warns(UserWarning, match="lr x sharpness"):
        trajectory = train(product_model(), Law(50.0), steps=5000, chains=2, computation=computation)
    assert trajectory.events["status"].tolist() == [Status.DIVERGED] * 2
    assert (trajectory.events["step"] < 50).all()
    assert all(np.isfinite(values).all() for values in trajectory.observables.values())
    assert np.isfinite(trajectory.states).all()
    assert trajectory.meta["rank"] is None


def test_data_that_are_not_finite_are_refused():
    with pytest.raises(NumericalError, match="not finite at its initial weights"):
        train(product_model(scale=np.nan), Law(0.1), steps=5)


def test_a_loss_may_be_a_function():
    def quartic(outputs, targets):
        return ((outputs - targets) ** 4).sum(axis=-1)

    trajectory = train(product_model(loss=quartic), Law(0.01), steps=50, chains=1)
    loss = trajectory.observables["train_loss"][0]
    assert loss[-1] < loss[0] == pytest.approx(np.mean((0.5 * np.arange(1, 4)) ** 4))
    assert trajectory.meta["loss"] == "quartic"


def test_noise_below_the_resolution_of_the_weights_is_warned_of_once():
    run = partial(train, product_model(), Law(0.01, temperature=1e-15), steps=2, chains=3)
    with pytest.warns(UserWarning, match="noise of one step, .* resolution of float32") as caught:
        run()
    assert len(caught) == 1
    run(computation=Computation("float64"))  # fine enough: no warning follows; it would be an error here


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"temperature": -1.0}, "temperature"),
        ({"weight_decay": float("inf")}, "weight_decay"),
        ({"steps": 0}, "steps"),
        ({"chains": 0}, "chains"),
        ({"batch": 4}, "between 1 and 3"),
        ({"seed": -1}, "seed"),
        ({"sketch": 0}, "sketch"),
        ({"frames": 1}, "frames"),
        ({"frames": [11]}, "frames go from 0 to 10"),
        ({"dtype": "float16"}, "float32 or float64"),
        ({"lanes": 0}, "lanes is 0"),
        ({"momentum": 0.9}, "'momentum' is no setting of a training"),
    ],
)
def test_a_number_out_of_range_is_refused_with_the_range(changes, message):
    with pytest.raises(UsageError, match=message):
        execute(product_model(), with_settings(Plan(Law(0.1), steps=10), changes))


def test_an_unknown_loss_and_outputs_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match="half-mse, hinge"):
        train(product_model(loss="quartic"), Law(0.1), steps=1)
    model = product_model()
    wrong = Model("flat", model.init, lambda w, x: x[:, 0], "half-mse", model.train, model.test)
    with pytest.raises(UsageError, match=r"shape \(3,\)"):
        train(wrong, Law(0.1), steps=1)


def test_frames_are_geometric_then_regular():
    steps = schedule(10_000, 200)
    assert steps[0] == 0
    assert steps[-1] == 10_000
    assert len(steps) <= 201
    assert set(range(1, 5)) <= set(steps.tolist())
    assert np.diff(steps).max() <= 100
    assert schedule(7, 100).tolist() == list(range(8))
    assert schedule(50, [3, 9]).tolist() == [0, 3, 9, 50]


def test_naming_the_package_does_not_import_jax():
    code = "import sys, langevin.sgld, langevin.cli; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
