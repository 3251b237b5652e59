"""Arithmetic modulo a prime: (a, b) to a op b, learned from a part of the table.

Two networks. `quadratic` is the cheapest that can do it, f = A (U[a] + V[b])^2 with tables U, V, A (p, N)
and no bias (Gromov 2023, arXiv 2301.02679); with the half-MSE to one-hot answers it has a zero-loss set, which
is generic only while it has more weights, less the 2 N of gauge, than fraction x p^3 residuals. `transformer` is one
layer of attention and a ReLU network after embeddings of a, b and =, without normalisation, with cross-entropy:
the network of Power et al. (2022) in the size of Nanda et al. (2023), whose loss is 0 nowhere.

Where a op b = b op a, the pairs (a, b) and (b, a) go to the same side, training or test: a network that is symmetric
in its inputs would know half of the test answers otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import random
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld import Data, Law, Model, Plan, Preset, Protocol, Recording
from langevin.types import Observable

DEFAULTS = Plan(Law(1.0, temperature=1e-5), steps=8000, recording=Recording(frames=100))

#: Adam with decoupled decay, as Power et al. and Nanda et al. have it.
ADAM = Law(1e-3, weight_decay=1.0, name="optax.adamw", decay="decoupled", options={"b2": 0.98})

PRESETS = {
    "quick": Preset(
        "thermal noise alone drives generalisation: p = 23, seven tenths of the table, no weight decay",
        replace(DEFAULTS, steps=6000),
        bands={
            "memorised_step_95": (100, 600),
            "generalised_step_95": (1000, 5500),
            "late train_loss": (0.0235, 0.042),
        },
    ),
    "more-data": Preset(
        "the same with nine tenths of the table: memorised later, generalised earlier",
        replace(DEFAULTS, steps=3000),
        {"fraction": 0.9},
        bands={
            "memorised_step_95": (150, 800),
            "generalised_step_95": (400, 2500),
            "late train_loss": (0.024, 0.042),
        },
    ),
    "full": Preset(
        "time to generalise against the fraction of the table, its steep end",
        replace(DEFAULTS, steps=100_000, chains=10, recording=Recording(frames=1000)),
        {"fraction": 0.5},
        bands={
            "memorised_step_95": (50, 600),
            "generalised_step_95": (8000, 100_000),
            "late train_loss": (0.022, 0.043),
        },
    ),
    "transformer": Preset(
        "one-layer transformer under weight decay, p = 97, half of the table: memorised, then generalised, on circles",
        Plan(
            replace(ADAM, batch=512),
            8000,
            protocol=Protocol(stop={"generalised": 100}),
            recording=Recording(frames=60),
        ),
        {"p": 97, "network": "transformer", "width": 64, "fraction": 0.5},
        # medians of five networks at three seeds were 1800 to 2400 and 2800 to 4400; two of five take longer than 6000
        bands={"memorised_step_95": (1000, 3400), "generalised_step_95": (1300, 6200)},
    ),
}

OPERATIONS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "squares": lambda a, b: a**2 + b**2,
    "mixed": lambda a, b: a**2 + a * b + b,
}
HEADS, EXPANSION = 4, 4


def quadratic(weights: Any, inputs: Any) -> Any:
    """Outputs (samples, p) of pairs of tokens (samples, 2)."""
    return sums(weights, inputs) ** 2 @ weights["output"].T


def sums(weights: Any, inputs: Any) -> Any:
    """What the hidden units square, U[a] + V[b], (samples, N)."""
    return weights["first"][inputs[:, 0]] + weights["second"][inputs[:, 1]]


def trace(weights: Any, inputs: Any) -> Any:
    """tr(J^T J) / samples of the quadratic network, the mean of |df/dw|^2 summed over outputs, in closed form."""
    hidden = sums(weights, inputs)
    outgoing = jnp.sum(weights["output"] ** 2, axis=0)
    p = len(weights["output"])
    squared = p * hidden**4 + 8 * hidden**2 * outgoing
    return jnp.sum(jnp.sum(squared, axis=0)) / len(inputs)  # samples first: XLA adds along them in vectors


def traced(_: Model, weights: Any, data: Any) -> Any:
    """The same for the samples of the loss, so that both share the sums of rows."""
    return trace(weights, data[0].inputs)


TRACE = Observable("tr(J^T J) / samples", traced)


def transformer(weights: Any, inputs: Any) -> Any:
    """Outputs (samples, p), read at the place of =, of pairs of tokens (samples, 2)."""
    samples, dim = len(inputs), weights["embedding"].shape[1]
    tokens = weights["embedding"][inputs]
    equals = jnp.broadcast_to(weights["equals"], (samples, 1, dim))
    x = jnp.concatenate([tokens, equals], axis=1) + weights["position"]
    last = x[:, -1]
    query = (last @ weights["query"]).reshape(samples, HEADS, -1)
    key = (x @ weights["key"]).reshape(samples, 3, HEADS, -1)
    value = (x @ weights["value"]).reshape(samples, 3, HEADS, -1)
    scores = jnp.einsum("shd,sthd->sht", query, key) / query.shape[-1] ** 0.5
    mixed = jnp.einsum("sht,sthd->shd", jax.nn.softmax(scores, axis=-1), value)
    last = last + mixed.reshape(samples, dim) @ weights["mix"]
    last = last + jax.nn.relu(last @ weights["up"]) @ weights["down"]
    return last @ weights["output"]


def split(answers: NDArray[Any], fraction: float, seed: int) -> NDArray[np.bool_]:
    """Which pairs of the table (p, p) are for training; if it is symmetric, both orders of a pair together."""
    draws = np.random.default_rng(seed).random(answers.shape)
    if (answers == answers.T).all():
        draws = np.triu(draws) + np.triu(draws, 1).T
    chosen: NDArray[np.bool_] = draws <= np.quantile(draws, fraction)
    return chosen


def model(
    p: int = 23,
    operation: str = "add",
    fraction: float = 0.7,
    network: str = "quadratic",
    width: int = 128,
    scale: float = 0.15,
    gain: float = 1.0,
    data_seed: int = 0,
) -> Model:
    """Modular arithmetic.

    Args:
        p: Modulus, the number of tokens.
        operation: add, subtract, multiply, squares (a^2 + b^2) or mixed (a^2 + a b + b), modulo p.
        fraction: Part of the table that is for training.
        network: quadratic, or transformer.
        width: Hidden units N of the quadratic network; dimension of the transformer, a multiple of 4.
        scale: Standard deviation of the quadratic network's initial weights.
        gain: Factor of all initial weights, of either network.
        data_seed: Seed of the choice of training pairs.

    Raises:
        UsageError: an operation or a network that is not there, a number out of range, or no pair left for a side.
    """
    if operation not in OPERATIONS:
        raise UsageError(f"operation is {operation!r}: it must be one of {', '.join(OPERATIONS)}")
    if network not in ("quadratic", "transformer"):
        raise UsageError(f"network is {network!r}: it must be quadratic or transformer")
    if p < 2 or width < 1 or not scale > 0 or not 0 < gain < np.inf:
        raise UsageError(
            f"p is {p}, width is {width}, scale is {scale} and gain is {gain}: at least 2, at least 1, above 0, above 0"
        )
    if network == "transformer" and width % HEADS:
        raise UsageError(f"width is {width}: the transformer has {HEADS} heads, so take a multiple of them")
    first, second = np.divmod(np.arange(p * p), p)
    answers = OPERATIONS[operation](first, second) % p
    chosen = split(answers.reshape(p, p), fraction, data_seed).ravel() if 0 < fraction < 1 else None
    if chosen is None or chosen.all() or not chosen.any():
        raise UsageError(f"fraction is {fraction}: it must leave pairs for training and for the test")
    inputs, targets = np.stack([first, second], axis=1).astype(np.int32), np.eye(p)[answers]

    def init(key: Any) -> dict[str, Any]:
        shapes = SHAPES[network](p, width)
        keys = random.split(key, len(shapes))
        # Of the transformer, all alike: a fan-in of one row would make = eight times as large as the tokens.
        spread = gain * (scale if network == "quadratic" else width**-0.5)
        return {name: spread * random.normal(k, shape) for k, (name, shape) in zip(keys, shapes.items())}

    return Model(
        name="modular",
        init=init,
        apply=quadratic if network == "quadratic" else transformer,
        loss="half-mse" if network == "quadratic" else "cross-entropy",
        train=Data(inputs[chosen], targets[chosen]),
        test=Data(inputs[~chosen], targets[~chosen]),
        dials={
            "p": p,
            "operation": operation,
            "fraction": fraction,
            "network": network,
            "width": width,
            "scale": scale,
            "gain": gain,
            "data_seed": data_seed,
        },
        observe={"trace": TRACE} if network == "quadratic" else {},
        embedding=lambda weights: weights["first" if network == "quadratic" else "embedding"],
    )


def quadratic_shapes(p: int, width: int) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights of the quadratic network.

    A (p, N) is kept by its outputs: as (N, p), the gradient of a step cost twice as much on a CPU.
    """
    return {"first": (p, width), "second": (p, width), "output": (p, width)}


def transformer_shapes(p: int, dim: int) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights of the transformer."""
    square = dict.fromkeys(("query", "key", "value", "mix"), (dim, dim))
    ends = {"embedding": (p, dim), "equals": (1, dim), "position": (3, dim), "output": (dim, p)}
    return {**ends, **square, "up": (dim, EXPANSION * dim), "down": (EXPANSION * dim, dim)}


SHAPES = {"quadratic": quadratic_shapes, "transformer": transformer_shapes}
