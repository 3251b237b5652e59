"""Each step of a law with a memory, and of each leaf, is compared with a step written here from its formula."""

from functools import cache

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Callbacks, Computation, Data, Law, Leaf, Model, Protocol, Recording, train
from tests.tiny_network import network

STEPS, THETA, DECAY = 12, 0.02, 0.1
FACTORS = {"in": 0.25, "out": 4.0}


def leaves(rates=None, decays=None):
    rates, decays = rates or {}, decays or {}
    return {name: Leaf(rates.get(name, 1.0), decays.get(name, 1.0)) for name in {**rates, **decays}}


@cache
def slope():
    import jax

    inputs, targets = network().train

    def loss(weights):
        return ((network().apply(weights, inputs) - targets) ** 2).mean() / 2

    return jax.jit(jax.grad(loss))


@cache
def drawn():
    import jax

    from langevin.sgld.noise import normal_pairs

    return jax.jit(normal_pairs, static_argnums=1)


def normals(key, like):
    """Standard normals of a key in the shape of the weights, leaf by leaf in their order."""
    sizes = [leaf.size for leaf in like.values()]
    flat = np.asarray(drawn()(key, -(-sum(sizes) // 2)), np.float64).ravel()[: sum(sizes)]
    parts = np.split(flat, np.cumsum(sizes)[:-1])
    return {name: part.reshape(leaf.shape) for part, (name, leaf) in zip(parts, like.items())}


def trained(law, schedule=None):
    """Weights at each step under a law, and the key of the noise."""
    from jax import random

    from langevin.sgld.start import chain_key

    seen = []
    train(
        network(), law, steps=STEPS, chains=1, seed=5, protocol=Protocol(schedule),
        recording=Recording(range(STEPS + 1)), computation=Computation("float64"),
        callbacks=Callbacks(visit=lambda step, weights: seen.append(weights[0])),
    )  # fmt: skip
    return seen, random.split(random.split(chain_key(5, 0))[1], 3)[0]


def walked(law, step, memory, schedule=None):
    """Weights at each step by `step(weights, memory, xi) -> (weights, memory)`, with the trainer's normals."""
    import jax
    from jax import random

    seen, key = trained(law, schedule)
    with jax.enable_x64(True):
        weights = {name: np.asarray(leaf, np.float64) for name, leaf in seen[0].items()}
        memory, path = memory(weights, key), [weights]
        for number in range(STEPS):
            weights, memory = step(weights, memory, normals(random.fold_in(key, number), weights))
            path.append(weights)
    return seen, path


def pull(weights, decay=DECAY):
    """grad f + wd x."""
    return {name: np.asarray(leaf) + decay * weights[name] for name, leaf in slope()(weights).items()}


def assert_same(seen, path):
    """Equal up to the normals, whose last digit in float32 depends on the code that is compiled together with them."""
    for ours, theirs in zip(seen, path, strict=True):
        for name in theirs:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=3e-7)


FRICTION, RATE = 2.0, 0.05


def halved(steps):
    """Steps are half as long from the sixth on."""
    return np.where(np.asarray(steps) < 6, 1.0, 0.5)


def baoab(friction, rates):
    """The five parts of a step one after the other, with a gradient before and another one after them."""
    factors = iter(halved(range(STEPS)))

    def step(weights, velocity, xi):
        moved, turned = {}, {}
        h = friction * RATE * next(factors)
        keep = (1 - friction * h / 2) / (1 + friction * h / 2)
        before = pull(weights)
        for name in weights:
            root = rates[name] ** 0.5
            v = velocity[name] - h / 2 * root * before[name]
            x = weights[name] + h / 2 * root * v
            v = keep * v + (THETA * (1 - keep**2)) ** 0.5 * xi[name]
            moved[name], turned[name] = x + h / 2 * root * v, v
        behind = pull(moved)
        return moved, {name: turned[name] - h / 2 * rates[name] ** 0.5 * behind[name] for name in weights}

    return step


def warm(weights, key):
    from jax import random

    first = normals(random.fold_in(random.fold_in(key, 2**32 - 1), 0), weights)
    return {name: THETA**0.5 * xi for name, xi in first.items()}


ONES = dict.fromkeys(FACTORS, 1.0)


@pytest.mark.parametrize("rates", [pytest.param(ONES, marks=pytest.mark.slow), FACTORS])
def test_underdamped_motion_is_baoab(rates):
    law = Law(
        RATE, THETA, DECAY, name="underdamped", options={"friction": FRICTION},
        leaves={} if rates is ONES else leaves(rates),
    )  # fmt: skip
    seen, path = walked(law, baoab(FRICTION, rates), warm, halved)
    assert_same(seen, path)
    with pytest.raises(AssertionError):
        assert_same(seen, walked(law, baoab(1.01 * FRICTION, rates), warm, halved)[1])


def still(weights, key):
    return {name: np.zeros_like(leaf) for name, leaf in weights.items()}


def ball(momentum, rates, decays):
    """x(n+1) = x(n) + momentum (x(n) - x(n-1)) - (1 - momentum) (lr pull - sqrt(2 lr theta) xi)."""

    def step(weights, last, xi):
        force = slope()(weights)
        moved = {}
        for name, x in weights.items():
            lr, wd = RATE * rates[name], DECAY * decays[name]
            kick = lr * (np.asarray(force[name]) + wd * x) - (2 * lr * THETA) ** 0.5 * xi[name]
            moved[name] = x + momentum * last[name] - (1 - momentum) * kick
        return moved, {name: moved[name] - weights[name] for name in weights}

    return step


DECAYS = {"in": 0.0, "out": 3.0}


@pytest.mark.parametrize("tables", [pytest.param((), marks=pytest.mark.slow), (FACTORS, DECAYS)])
@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_a_heavy_ball_and_at_momentum_0_sgld_are_their_recursion_leaf_by_leaf(momentum, tables):
    step = ball(momentum, *(tables or (ONES, ONES)))
    law = Law(RATE, THETA, DECAY, name="heavy-ball", options={"momentum": momentum}, leaves=leaves(*tables))
    assert_same(*walked(law, step, still))
    if not momentum:
        assert_same(*walked(Law(RATE, THETA, DECAY, leaves=leaves(*tables)), step, still))
    if tables:
        with pytest.raises(AssertionError):
            assert_same(walked(law, step, still)[0], walked(law, ball(momentum, ONES, ONES), still)[1])


def test_a_preconditioned_step_is_that_of_li_and_others_until_it_has_warmed_up():
    memory, floor, warm_up, rate = 0.9, 0.1, 7, 0.01
    law = Law(
        rate, THETA, DECAY, name="preconditioned", leaves=leaves(FACTORS),
        options={"memory": memory, "floor": floor, "warm_up": warm_up},
    )  # fmt: skip

    def step(weights, now, xi):
        number, squares = now
        force, moved, after = slope()(weights), {}, {}
        for name, x in weights.items():
            g = np.asarray(force[name])
            mean = memory * squares[name] + (1 - memory) * g**2
            after[name] = mean if number < warm_up else squares[name]
            scale = rate * FACTORS[name] / (floor + after[name] ** 0.5)
            moved[name] = x - scale * (g + DECAY * x) + (2 * THETA * scale) ** 0.5 * xi[name]
        return moved, (number + 1, after)

    seen, path = walked(law, step, lambda weights, key: (0, still(weights, key)))
    assert_same(seen, path)
    warm_up = 8
    with pytest.raises(AssertionError):
        assert_same(seen, walked(law, step, lambda weights, key: (0, still(weights, key)))[1])


@pytest.mark.parametrize("decay", ["coupled", "decoupled"])
def test_factors_of_a_leaf_multiply_the_change_that_an_optimiser_makes_there_and_its_decay(decay):
    pytest.importorskip("optax")
    decays = {"in": 2.0, "out": 0.5}
    law = Law(RATE, 0.0, DECAY, name="optax.sign_sgd", decay=decay, leaves=leaves(FACTORS, decays))

    def step(weights, memory, xi):
        moved = {}
        for name, x in weights.items():
            rest = DECAY * decays[name] * x
            g = np.asarray(slope()(weights)[name])
            change = np.sign(g + rest) if decay == "coupled" else np.sign(g) + rest
            moved[name] = x - RATE * FACTORS[name] * change
        return moved, memory

    assert_same(*walked(law, step, still))


def branched():
    """The same network with its leaves in branches of a list."""
    plain = network()
    return Model(
        "branched",
        lambda key: {"layers": [{"w-in": plain.init(key)["in"]}, {"w_out": plain.init(key)["out"]}]},
        lambda w, x: plain.apply({"in": w["layers"][0]["w-in"], "out": w["layers"][1]["w_out"]}, x),
        "half-mse", plain.train, plain.test,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("table", "factors"),
    [
        ({"layers.1": 2.0}, (1.0, 2.0)),
        ({"layers": 2.0, "layers.0.w_in": 3.0}, (3.0, 2.0)),
        ({"layers.0.w-in": 0.5, "layers.1.w_out": 0.1}, (0.5, 0.1)),
    ],
)
def test_a_leaf_is_called_by_its_keys_or_those_of_a_branch(table, factors):
    from langevin.sgld.model import by_leaf

    weights = {"layers": [{"w-in": 0}, {"w_out": 0}]}
    assert by_leaf(1.0, leaves(table), "rate", weights) == {
        "layers": [{"w-in": factors[0]}, {"w_out": factors[1]}]
    }


@pytest.mark.parametrize(
    ("law", "said"),
    [
        ({"leaves": {"layers.2": Leaf()}}, "no leaf 'layers.2'.*layers.0.w-in, layers.1.w_out"),
        ({"leaves": {"lay": Leaf()}}, "no leaf 'lay'"),
        (
            {"leaves": {"layers": Leaf(rate=0.0)}},
            "factor of the rate of the leaf layers must be from 1e-09 to 1e\\+09, got 0.0",
        ),
        ({"leaves": {"layers": 0.5}}, "the leaf layers must be a langevin.sgld.Leaf, got 0.5"),
        ({"leaves": {"layers": Leaf(decay=-1.0)}}, "must be from 0 to"),
        ({"leaves": {"layers": Leaf(decay=float("nan"))}}, "must be from 0 to"),
        ({"name": "underdamped", "options": {"mass": 1.0}}, "the law underdamped takes friction, got mass"),
        (
            {"name": "underdamped", "options": {"friction": 0.0}},
            "friction of the law underdamped must be from",
        ),
        ({"name": "underdamped", "options": {"friction": "high"}}, "got 'high'"),
        ({"name": "heavy-ball", "options": {"momentum": 1.0}}, "must be at least 0 and below 1"),
        ({"name": "heavy-ball", "options": {"momentum": True}}, "got True"),
        ({"name": "preconditioned", "options": {"warm_up": 0}}, "from 1 to 2"),
        ({"name": "preconditioned", "label_noise": 0.1}, "takes no label_noise"),
        ({"name": "heavy-ball", "weight_decay": 0.1, "decay": "decoupled"}, "say 'coupled'"),
    ],
)
def test_what_a_law_does_not_take_is_refused(law, said):
    with pytest.raises(UsageError, match=said):
        train(branched(), Law(0.1, **law), steps=3)


def test_a_leaf_without_a_name_is_said_to_have_none():
    data = Data(np.ones((2, 1)), np.zeros((2, 1)))
    model = Model("bare", lambda key: np.ones((1, 1)), lambda w, x: x @ w, "half-mse", data, data)
    with pytest.raises(UsageError, match="one, without a name"):
        train(model, Law(0.1, leaves={"w": Leaf(2.0)}), steps=3)
