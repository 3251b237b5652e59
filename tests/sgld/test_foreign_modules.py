"""Modules of other libraries as user-defined models: their arrays are the weights."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import networks
from langevin.sgld import Callbacks, Computation, Data, Law, Model, Plan, Recording, execute, load, train

GENERATOR = np.random.default_rng(4)
INPUTS = GENERATOR.normal(size=(12, 3))
DATA = Data(INPUTS, np.tanh(INPUTS @ GENERATOR.normal(size=(3, 1))))
HIDDEN = 6
PARAMETERS = 3 * HIDDEN + HIDDEN + HIDDEN + 1


@cache
def equinox_model():
    """The arrays of the module are the weights; its other fields are the same for all networks."""
    import jax

    eqx = pytest.importorskip("equinox")

    def make(key):
        return eqx.nn.MLP(3, 1, HIDDEN, depth=1, activation=jax.nn.tanh, key=key)

    rest = eqx.partition(make(jax.random.key(0)), eqx.is_inexact_array)[1]

    def init(key):
        return eqx.filter(make(key), eqx.is_inexact_array)

    def apply(weights, inputs):
        return jax.vmap(eqx.combine(weights, rest))(inputs)

    return Model("equinox", init, apply, "half-mse", DATA, DATA)


@cache
def linen_model():
    """A module of flax.linen is a pair of functions already."""
    import jax

    nn = pytest.importorskip("flax.linen")
    module = nn.Sequential([nn.Dense(HIDDEN), jax.nn.tanh, nn.Dense(1)])

    def init(key):
        return module.init(key, INPUTS[:1])

    return Model("linen", init, module.apply, "half-mse", DATA, DATA)


@cache
def nnx_model():
    """A module of flax.nnx is split into its arrays and joined again."""
    import jax

    nnx = pytest.importorskip("flax.nnx")

    def make(key):
        rngs = nnx.Rngs(key)
        return nnx.Sequential(nnx.Linear(3, HIDDEN, rngs=rngs), jax.nn.tanh, nnx.Linear(HIDDEN, 1, rngs=rngs))

    definition, _ = nnx.split(make(jax.random.key(0)), nnx.Param)

    def init(key):
        return nnx.split(make(key), nnx.Param)[1]

    def apply(weights, inputs):
        return nnx.merge(definition, weights)(inputs)

    return Model("nnx", init, apply, "half-mse", DATA, DATA)


def plain_model():
    """The same network as a dictionary."""
    import jax.numpy as jnp

    def apply(weights, inputs):
        return jnp.tanh(inputs @ weights["in"] + weights["in bias"]) @ weights["out"] + weights["out bias"]

    return Model("plain", lambda key: None, apply, "half-mse", DATA, DATA)


def as_dictionary(name, weights):
    """Weights of one of these modules by the names of `plain_model`."""
    import jax

    first_bias, first, last_bias, last = (np.asarray(leaf) for leaf in jax.tree.leaves(weights))
    if name == "equinox":  # weight before bias, (outputs, inputs)
        first, first_bias, last, last_bias = first_bias.T, first, last_bias.T, last
    return {"in": first, "in bias": first_bias, "out": last, "out bias": last_bias}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("make", [equinox_model, linen_model, nnx_model])
def test_a_module_is_trained_recorded_and_resumed(make, monkeypatch):
    model, kept, seen = make(), [], {}
    monkeypatch.setattr("langevin.sgld.course.CHECKPOINT_SECONDS", 0.0)
    plan = Plan(Law(0.1, temperature=1e-6, batch=5), steps=300, chains=2, recording=Recording(10))
    watch = Callbacks(
        checkpoint=lambda _, state: kept.append(state),
        visit=lambda step, weights: seen.update({step: weights}),
    )
    whole = execute(model, replace(plan, computation=Computation(chunk=90)), watch)
    loss = whole.observables["train_loss"]
    assert whole.meta["parameters"] == PARAMETERS
    assert (loss[:, -1] < 0.5 * loss[:, 0]).all()
    again = execute(model, plan, resume=kept[len(kept) // 2])
    assert np.array_equal(again.states, whole.states)
    weights = seen[300][1]
    outputs = np.asarray(model.apply(weights, INPUTS.astype("float32")))
    plain = plain_model()
    np.testing.assert_allclose(
        outputs, plain.apply(as_dictionary(model.name, weights), INPUTS), atol=1e-5
    )  # single precision
    trace = networks.gauss_newton_trace(model, weights).value
    assert trace == pytest.approx(
        networks.gauss_newton_trace(plain, as_dictionary(model.name, weights)).value, rel=1e-6
    )


def test_weights_that_are_no_arrays_are_refused_with_the_remedy():
    def init(key):
        return {"w": np.ones((3, 1)), "activation": np.tanh}

    model = Model("raw", init, lambda w, x: x @ w["w"], "half-mse", DATA, DATA)
    with pytest.raises(UsageError, match=r"raw starts from a ufunc among its weights.*only the arrays"):
        train(model, Law(0.1), steps=1)


def test_a_model_may_have_a_name_of_its_own(tmp_path, monkeypatch):
    module = tmp_path / "nets.py"
    module.write_text(
        "from langevin.sgld import Law, Plan\nDEFAULTS = Plan(Law(0.1), 3)\ndef mlp(width: int = 4): return width\n"
    )
    (tmp_path / "loose.py").write_text("DEFAULTS = {'steps': 3}\ndef model(width: int = 4): return width\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    factory, defaults = load("nets:mlp")
    assert factory(width=5) == 5
    assert defaults == Plan(Law(0.1), 3)
    with pytest.raises(UsageError, match=r"DEFAULTS of loose is a dict: it must be a langevin.sgld.Plan"):
        load("loose")
    with pytest.raises(UsageError, match=r"holds no function cnn\(\*\*dials\)"):
        load("nets:cnn")
    with pytest.raises(UsageError, match="module:function"):
        load("nets:3")
