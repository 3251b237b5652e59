"""(n, k)-parity: the label is the product of the first k of n signs, learned from few samples.

One hidden layer of ReLU units with bias, an output without; hinge loss, minibatches and weight decay:
the setting of Merrill, Tsilivis and Shukla (2023), "A tale of two circuits". The network memorises the
training set first and generalises much later, when weight decay has removed most of its hidden units.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from langevin.errors import UsageError
from langevin.sgld import Data, Law, Model, Plan, Preset, Protocol, Recording
from langevin.types import Observable

#: A recorded step, at which 400 samples are evaluated, costs as much as eight steps.
DEFAULTS = Plan(Law(0.1, weight_decay=0.01, batch=32), steps=4000, recording=Recording(frames=100))

#: Memorised in tens of epochs of 10 steps, generalised in some two hundred.
DECAYING = Law(0.1, weight_decay=0.01, name="sgd", batch=32)
#: Labels with noise and no decay. At the start lr x sharpness is 3, and the network runs away to flatter weights.
NOISY = Law(0.1, label_noise=1.0, name="label-noise", batch=32)
#: A network has learned the rule when it has answered all of the test for 300 steps.
LEARNED = {"generalised": 300}

PRESETS = {
    "quick": Preset(
        "loss and accuracy under weight decay: memorised first, generalised ten times later",
        Plan(DECAYING, steps=4000, protocol=Protocol(stop=LEARNED)),
        bands={
            "memorised_step": (60, 300),
            "generalised_step": (1000, 3500),
            "generalised_step / memorised_step": (5, 30),
            "trace": (60, 110),
        },
    ),
    "full": Preset(
        "the same over 20 seeds, to the end",
        Plan(DECAYING, steps=10_000, chains=20),
        bands={"memorised_step": (60, 300), "generalised_step": (1000, 3500), "test_accuracy": (1, 1)},
    ),
    "raised-decay": Preset(
        "hypothesis 1: weight decay raised to 0.1 at memorisation brings generalisation forward",
        Plan(DECAYING, steps=4000, protocol=Protocol(after_memorisation={"weight_decay": 0.1}, stop=LEARNED)),
        bands={"memorised_step": (60, 300), "generalised_step": (200, 700)},
    ),
    "collapse": Preset(
        "hypothesis 1: weight decay raised to 0.5 brings down training and test accuracy alike",
        Plan(DECAYING, steps=3000, protocol=Protocol(after_memorisation={"weight_decay": 0.5})),
        bands={"train_accuracy": (0.4, 0.7), "test_accuracy": (0.3, 0.7), "train_loss": (0.95, 1.05)},
    ),
    "outliers": Preset(
        "hypothesis 2: one label in twenty flipped: slower, and the flipped labels stay memorised",
        Plan(DECAYING, steps=8000),
        {"outliers": 0.05},
        bands={"generalised_step_95": (1200, 5000), "train_accuracy": (0.99, 1), "test_accuracy": (0.9, 1)},
    ),
    "label-noise": Preset(
        "drift to flat regions: noise on the labels alone, no decay, brings generalisation, at a small trace",
        Plan(NOISY, steps=30_000, protocol=Protocol(stop=LEARNED)),
        {"loss": "half-mse"},
        bands={
            "memorised_step": (100, 2000),
            "generalised_step": (2500, 25_000),
            "trace": (12, 40),
            # lr sigma^2 / 4 B = 0.00078 at small steps (`langevin.sgld.Preset`)
            "late train_loss / late trace": (0.00068, 0.00135),
        },
    ),
    "still": Preset(
        "control of label-noise: without noise and decay the network stays where it memorised",
        Plan(replace(NOISY, label_noise=0.0, name="sgd"), steps=8000),
        {"loss": "half-mse"},
        bands={
            "memorised_step": (40, 400),
            "generalised_step": (float("inf"),) * 2,
            "test_accuracy": (0.5, 0.8),
        },
    ),
}


def apply(weights: Any, inputs: Any) -> Any:
    """Outputs (samples, 1) of inputs (samples, n)."""
    return jax.nn.relu(inputs @ weights["hidden"] + weights["hidden bias"]) @ weights["output"]


def trace(weights: Any, inputs: Any) -> Any:
    """tr(J^T J) / samples, the mean of |df/dw|^2 over inputs (samples, n), in closed form."""
    before = inputs @ weights["hidden"] + weights["hidden bias"]
    size = jnp.sum(inputs**2, axis=1, keepdims=True) + 1
    squared = jax.nn.relu(before) ** 2 + (before > 0) * weights["output"][:, 0] ** 2 * size
    return jnp.sum(jnp.sum(squared, axis=0)) / len(inputs)  # samples first: XLA adds along them in vectors


def traced(_: Model, weights: Any, data: Any) -> Any:
    """The same for the samples of the loss, so that both share the product of inputs and weights."""
    return trace(weights, data[0].inputs)


TRACE = Observable("tr(J^T J) / samples", traced)


def uniform(key: Any, fan_in: int, shape: tuple[int, ...]) -> Any:
    """Weights uniform in +-1/sqrt(fan_in), the default of linear layers in PyTorch."""
    bound = fan_in**-0.5
    return jax.random.uniform(key, shape, minval=-bound, maxval=bound)


def model(
    n: int = 50,
    k: int = 2,
    samples: int = 300,
    test_samples: int = 100,
    width: int = 500,
    scale: float = 1.0,
    outliers: float = 0.0,
    loss: str = "hinge",
    data_seed: int = 0,
) -> Model:
    """Sparse parity.

    Args:
        n: Number of signs of an input.
        k: Number of signs that decide the label.
        samples: Number of training samples.
        test_samples: Number of test samples.
        width: Number of hidden units.
        scale: Factor of all initial weights.
        outliers: Fraction of the training labels that are wrong, rounded to whole samples; test labels are right.
        loss: hinge, or half-mse, which label noise needs.
        data_seed: Seed of the samples.

    Raises:
        UsageError: k outside 1 ... n, a count below 1, a scale not above 0, outliers outside 0 ... 1, or another loss.
    """
    if not 1 <= k <= n:
        raise UsageError(f"k is {k}: the parity is taken over 1 to n = {n} signs")
    for name, count in (("samples", samples), ("test_samples", test_samples), ("width", width)):
        if count < 1:
            raise UsageError(f"{name} is {count}: it must be at least 1")
    if not 0 < scale < np.inf:
        raise UsageError(f"scale is {scale}: it must be finite and above 0")
    if not 0 <= outliers <= 1:
        raise UsageError(f"outliers is {outliers}: it must be a part, from 0 to 1")
    if loss not in ("hinge", "half-mse"):
        raise UsageError(f"loss is {loss!r}: it must be hinge or half-mse")

    generator = np.random.default_rng(data_seed)
    inputs = generator.choice([-1.0, 1.0], size=(samples + test_samples, n))
    labels = inputs[:, :k].prod(axis=1, keepdims=True)
    labels[generator.permutation(samples)[: round(outliers * samples)]] *= -1

    def init(key: Any) -> dict[str, Any]:
        hidden, bias, output = jax.random.split(key, 3)
        return {
            "hidden": scale * uniform(hidden, n, (n, width)),
            "hidden bias": scale * uniform(bias, n, (width,)),
            "output": scale * uniform(output, width, (width, 1)),
        }

    return Model(
        name="parity",
        init=init,
        apply=apply,
        loss=loss,
        train=Data(inputs[:samples], labels[:samples]),
        test=Data(inputs[samples:], labels[samples:]),
        dials={
            "n": n,
            "k": k,
            "samples": samples,
            "test_samples": test_samples,
            "width": width,
            "scale": scale,
            "outliers": outliers,
            "loss": loss,
            "data_seed": data_seed,
        },
        observe={"trace": TRACE},
    )
