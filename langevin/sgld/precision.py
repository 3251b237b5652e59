"""JAX in single or in double precision, for as long as a block lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.sgld.model import Data

#: What JAX says of numbers of unlike precision that meet: when it compiles, and when it differentiates.
SIGNS = ("verifier errors", "to have the same dtypes")


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Compute in `float32` or `float64` inside the block.

    JAX (0.10) remembers the form in which a compiled function first saw a NumPy array that it captured, as long as that
    function is kept, and hands it to functions compiled in the other precision. Mostly they do not compile then.

    Raises:
        UsageError: a model captures an array without saying in which precision, or mixes them in another way.
    """
    import jax

    try:
        with jax.enable_x64(dtype == "float64"):
            yield
    except (TypeError, ValueError) as error:
        if not any(sign in str(error) for sign in SIGNS):
            raise
        raise UsageError(
            f"a function of the model mixes precisions ({dtype} is asked for)",
            "one precision",
            "cast each NumPy array that it holds where it is used, as in jnp.asarray(array, weights.dtype)",
        ) from error


def input_kind(inputs: Any, dtype: str) -> str:
    """The precision asked for, but `int32` for inputs that are whole numbers, such as tokens."""
    return "int32" if np.issubdtype(np.asarray(inputs).dtype, np.integer) else dtype


def data_in(data: Data, dtype: str) -> Data:
    """The data as arrays of JAX; NumPy rounds them, for which JAX would compile."""
    import jax

    inputs = np.asarray(data.inputs, input_kind(data.inputs, dtype))
    return Data(jax.device_put(inputs), jax.device_put(np.asarray(data.targets, dtype)))
