"""Modular arithmetic: the table, its halves, and both networks."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Law, Recording, train
from models import modular


def pairs(data):
    """First token, second token and answer of each sample."""
    return *data.inputs.T, np.argmax(data.targets, axis=1)


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("add", lambda a, b: a + b),
        ("subtract", lambda a, b: a - b),
        ("mixed", lambda a, b: a * a + a * b + b),
    ],
)
def test_the_table_is_whole_and_right(operation, answer):
    model = modular.model(p=11, operation=operation, fraction=0.6)
    seen = set()
    for data in (model.train, model.test):
        first, second, third = pairs(data)
        assert (third == answer(first, second) % 11).all()
        seen |= set(zip(first.tolist(), second.tolist()))
    assert len(seen) == len(model.train.inputs) + len(model.test.inputs) == 121
    assert abs(len(model.train.inputs) - 0.6 * 121) <= 2  # a pair and its mirror image count two


@pytest.mark.parametrize(("operation", "symmetric"), [("add", True), ("squares", True), ("subtract", False)])
def test_both_orders_of_a_pair_are_on_one_side_where_the_answer_is_the_same(operation, symmetric):
    first, second, _ = pairs(modular.model(p=11, operation=operation, fraction=0.5).train)
    chosen = set(zip(first.tolist(), second.tolist()))
    assert (chosen == {(b, a) for a, b in chosen}) == symmetric


def test_the_quadratic_network_is_its_formula():
    import jax

    model = modular.model(p=5, width=7)
    weights = jax.tree.map(np.asarray, jax.jit(model.init)(jax.random.key(0)))
    first, second, _ = pairs(model.train)
    expected = (weights["first"][first] + weights["second"][second]) ** 2 @ weights["output"].T
    np.testing.assert_allclose(model.apply(weights, model.train.inputs), expected, rtol=1e-4, atol=1e-5)
    assert weights["first"].std() == pytest.approx(0.15, rel=0.5)


def test_the_transformer_sees_the_order_of_its_tokens_only_through_their_places():
    import jax

    model = modular.model(p=5, network="transformer", width=8)
    generator, shapes = np.random.default_rng(0), jax.eval_shape(model.init, jax.random.key(0))
    weights = {name: generator.normal(size=shape.shape) for name, shape in shapes.items()}
    apply = jax.jit(model.apply)
    inputs = model.train.inputs
    mirrored = inputs[:, ::-1]
    assert np.abs(apply(weights, inputs) - apply(weights, mirrored)).max() > 1.0
    placeless = {**weights, "position": 0 * weights["position"]}
    straight, turned = apply(placeless, inputs), apply(placeless, mirrored)
    # sums of float32 numbers in another order: some units of the last place of the largest, which is about 400
    units = 8 * np.finfo(np.float32).eps * np.abs(straight).max()
    np.testing.assert_allclose(straight, turned, rtol=0.0, atol=units)


def test_tables_that_do_not_depend_on_the_tokens_start_as_small_as_those_that_do():
    """If its rows were the fan-in of a table, `=` and the positions would exceed the tokens by 8 to 1 and 4.6 to 1."""
    import jax

    weights = jax.jit(modular.model(p=59, network="transformer", width=64).init)(jax.random.key(0))
    for name in ("embedding", "equals", "position"):
        size = float((np.asarray(weights[name]) ** 2).mean() ** 0.5)
        # 64 normals and more: the root mean square is within four of its errors, 9 % each
        assert size == pytest.approx(64**-0.5, rel=0.36)


@pytest.mark.parametrize(("network", "width"), [("quadratic", 7), ("transformer", 8)])
def test_the_table_of_embeddings_has_a_row_for_every_residue(network, width):
    import jax

    model = modular.model(p=5, network=network, width=width)
    assert jax.eval_shape(lambda key: model.embedding(model.init(key)), jax.random.key(0)).shape == (5, width)


@pytest.mark.slow
def test_the_quadratic_network_memorises_under_sgld():
    trajectory = train(
        modular.model(p=7, fraction=0.6), Law(0.5, temperature=1e-5), steps=500, chains=1, recording=Recording(20)
    )  # fmt: skip
    assert trajectory.observables["train_accuracy"][0, -1] > 0.9
    assert trajectory.meta["parameters"] == 3 * 7 * 128


@pytest.mark.parametrize(
    "dials",
    [{"operation": "divide"}, {"network": "mlp"}, {"fraction": 1.0}, {"fraction": float("nan")}, {"p": 1},
     {"network": "transformer", "width": 6}],
)  # fmt: skip
def test_impossible_dials_are_refused(dials):
    with pytest.raises(UsageError, match=f"{next(iter(dials))} is|width is 6"):
        modular.model(**dials)
