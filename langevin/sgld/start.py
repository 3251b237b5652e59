"""The initial weights of a network."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import random
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld.computation import input_kind
from langevin.sgld.model import Model, Weights, trained
from langevin.sgld.noise import threefry

#: Options of XLA for programs that run only a few times: they compile in a fifth of the time, with the same bits
#: (tests/sgld/test_start_bits.py). Later versions of XLA refuse the second option, for instance in JAX 0.12.
SOON: dict[str, int | bool] = {"xla_backend_optimization_level": 1}
if jax.__version_info__ < (0, 11):
    SOON["xla_cpu_use_fusion_emitters"] = False
#: Counter of the keys of settings with separate noise; no other derived key has this counter.
OWN = 2**31


def chain_key(seed: int, chain: int) -> Any:
    """Key of one chain: a function of (seed, chain), for seeds up to 64 bits."""
    key = random.key(seed & 0xFFFFFFFF, impl="threefry2x32")
    return random.fold_in(random.fold_in(key, seed >> 32), chain)


def network_keys(seed: int, network: int, setting: int = 0) -> tuple[Any, Any]:
    """Key of a network of a setting of a sweep, and the key of its run, computed by NumPy without a compilation.

    `setting` is the number of a setting with separate weights and noise; setting 0 has the key of the network alone.
    """
    low, *words = (seed & 0xFFFFFFFF, seed >> 32, network, *([OWN + setting] if setting else []))
    key = np.array([0, low], np.uint32)  # `random.key(low)`
    for word in words:
        key = _folded(key, word)
    own, steps = (random.wrap_key_data(one, impl="threefry2x32") for one in (key, _folded(key, 1)))
    return own, steps


def _folded(key: NDArray[np.uint32], word: int) -> NDArray[np.uint32]:
    """The key that `random.fold_in` gives; for 1 also the second key of `random.split`."""
    return np.concatenate(threefry(key, np.array([word], np.uint32)))


@partial(jax.jit, static_argnames=("model", "dtype"), compiler_options=SOON)
def initial_weights(key: Any, *, model: Model, dtype: str) -> Weights:
    """The initial weights of the chain of this key.

    Raises:
        UsageError: one of the weights is not an array of numbers.
    """
    return _drawn(model, dtype, key)


def initial_shapes(model: Model, dtype: str) -> Weights:
    """Shapes and types of the initial weights of a chain; nothing is computed.

    Raises:
        UsageError: one of the weights is not an array of numbers.
    """
    return jax.eval_shape(partial(_drawn, model, dtype), key_shape())


def key_shape() -> Any:
    """A stand-in for a key if only shapes are needed."""
    return jax.eval_shape(partial(random.key, impl="threefry2x32"), 0)


def _drawn(model: Model, dtype: str, key: Any) -> Weights:
    weights = model.init(random.split(key)[0])
    for leaf in jax.tree.leaves(weights):
        if not (isinstance(leaf, int | float) or jnp.issubdtype(getattr(leaf, "dtype", bool), jnp.number)):
            raise UsageError(
                f"{model.name} starts from a {type(leaf).__name__} among its weights",
                "arrays only",
                "let init give only the arrays to "
                "train, and put them back into the module in apply, as equinox.filter and equinox.combine do",
            )
    return jax.tree.map(partial(jnp.asarray, dtype=dtype), weights)


def count_parameters(model: Model, weights: Weights) -> int:
    """Number of trained weights of a model, after a check that its outputs fit its targets.

    Raises:
        UsageError: the outputs do not have the shape (samples, outputs) of the targets.
    """
    leaves = jax.tree.leaves(weights)
    for part, data in model.parts:
        inputs = jax.ShapeDtypeStruct(np.shape(data.inputs), input_kind(data.inputs, leaves[0].dtype))
        check_outputs(model, part, jax.eval_shape(model.apply, weights, inputs).shape, np.shape(data.targets))
    return sum(leaf.size for leaf in trained(model, weights))


def check_outputs(model: Model, part: str, outputs: tuple[int, ...], targets: tuple[int, ...]) -> None:
    """Refuse outputs on a part of the data that do not have the shape (samples, outputs) of its targets.

    Raises:
        UsageError: the outputs have another shape.
    """
    if len(outputs) != 2 or outputs != targets:
        raise UsageError(
            f"{model.name} has {part} outputs of shape {outputs} and targets of shape {targets}",
            "both must be (samples, outputs)",
        )
