"""The largest eigenvalue of the Hessian of the training loss, followed from recorded step to recorded step."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import random

from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.sharpness import product
from langevin.types import Observable

#: Products with the Hessian at each recorded step, and rounds of them at the first, which has no known eigenvector.
PRODUCTS, FIRST_ROUNDS, KEY = 4, 10, 20_260_312


def look(model: Model, weights: Weights, data: tuple[Data, Data], memory: Any) -> tuple[dict[str, Any], Any]:
    """The eigenvalue `value`, and `error` = |H v - value v| of its vector v, which is the memory.

    `PRODUCTS` steps of Lanczos begin at the vector of the recorded step before. An eigenvalue lies within `error` of
    `value`, and none of them above it would be missed but by a start that is orthogonal to its vector; `value` is a
    Rayleigh quotient, so it is never above the largest.
    """
    known = jnp.any(memory != 0)
    start = jnp.where(known, memory, random.normal(random.key(KEY), memory.shape, memory.dtype))
    zero = jnp.zeros((), memory.dtype)

    def advance(_: Any, now: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        return lanczos(lambda vector: product(weights, data[0], vector, model=model)[1], now[0])

    rounds = jnp.where(known, 1, FIRST_ROUNDS)
    vector, value, error = jax.lax.fori_loop(0, rounds, advance, (start, zero, zero))
    return {"value": value, "error": error}, vector


def lanczos(multiply: Any, start: Any) -> tuple[Any, Any, Any]:
    """Vector, value and residual of the largest eigenvalue in the Krylov space of `PRODUCTS` products from a vector.

    Every vector is made orthogonal to all others, twice. If the space ends before, the remaining vectors are not used.
    """
    basis, images, live = [start / jnp.linalg.norm(start)], [], [jnp.ones((), bool)]
    for step in range(PRODUCTS):
        images.append(multiply(basis[-1]))
        if step + 1 < PRODUCTS:
            rest, rows = images[-1], jnp.stack(basis)
            for _ in range(2):
                rest = rest - rows.T @ (rows @ rest)
            length, floor = (
                jnp.linalg.norm(rest),
                10 * jnp.finfo(start.dtype).eps * jnp.linalg.norm(images[-1]),
            )
            live.append((length > floor) & live[-1])
            basis.append(jnp.where(live[-1], rest / jnp.where(length > 0, length, 1), 0))
    rows, products, alive = jnp.stack(basis), jnp.stack(images), jnp.stack(live)
    small = rows @ products.T
    below = -(
        1 + 2 * jnp.sum(jnp.abs(small))
    )  # less than any eigenvalue: directions that are not there come last
    small = (small + small.T) / 2 + jnp.diag(jnp.where(alive, 0, below))
    values, modes = jnp.linalg.eigh(small)
    vector = modes[:, -1] @ rows
    return vector, values[-1], jnp.linalg.norm(modes[:, -1] @ products - values[-1] * vector)


sharpness = Observable(
    summary="largest eigenvalue of the Hessian by 4 products from the last recorded step, with its residual",
    look=look,
    uses_memory=True,
)
