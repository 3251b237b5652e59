"""A model whose functions fail or return wrong shapes is refused by a message that names the function."""

import jax.numpy as jnp
import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Data, Law, Model, train

INPUTS = np.random.default_rng(0).normal(size=(6, 3))
DATA = Data(INPUTS, INPUTS[:, :1])
SOUND = {"init": lambda key: jnp.ones((3, 1)), "apply": lambda w, x: x @ w, "loss": "half-mse"}


def begun(**changed):
    return train(Model("mine", train=DATA, test=DATA, **{**SOUND, **changed}), Law(0.1), steps=1, chains=1)


def fail(*arguments):
    raise RuntimeError("no such file\nand more")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"init": fail}, r"init of mine fails: RuntimeError: no such file$"),
        ({"apply": fail}, r"apply of mine fails: RuntimeError: no such file$"),
        ({"init": lambda key: jnp.ones((4, 1))}, "apply of mine fails: TypeError: dot_general requires"),
        ({"apply": lambda w, x: np.tanh(x @ w)}, "apply of mine fails: TracerArrayConversionError"),
        ({"apply": lambda w, x: (x @ w)[:, 0]}, r"training outputs of shape \(6,\) and targets of shape"),
        ({"loss": lambda f, y: jnp.mean((f - y) ** 2)}, r"loss of mine has the shape \(\): it must be one number a"),
        ({"loss": lambda f, y: (f - y) ** 2}, r"loss of mine has the shape \(6, 1\)"),
        ({"loss": "mse"}, "no loss is called 'mse'"),
        ({"correct": lambda f, y: f > y}, r"correct of mine has the shape \(6, 1\)"),
        ({"observe": {"size": lambda w: w}}, r"the observable size has the shape \(3, 1\)"),
        ({"observe": {"size": fail}}, "the observable size of mine fails: RuntimeError"),
    ],
)  # fmt: skip
def test_a_function_that_does_not_fit_is_named(changed, message):
    with pytest.raises(UsageError, match=message):
        begun(**changed)


def test_a_sound_model_is_not_refused():
    assert begun().observables["train_loss"].shape == (1, 2)
    assert begun(loss=lambda f, y: jnp.sum((f - y) ** 2, axis=1)).meta["loss"] == "<lambda>"
