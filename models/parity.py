"""(n, k)-parity: the label is the product of the first k of n signs, learned from few samples.

One hidden layer of ReLU units with bias, an output without; hinge loss, minibatches and weight decay:
the setting of Merrill, Tsilivis and Shukla (2023), "A tale of two circuits". The network memorises the
training set first and generalises much later, when the weight decay has thinned it out.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from langevin.errors import UsageError
from langevin.sgld import Data, Model

DEFAULTS = {"steps": 4000, "learning_rate": 0.1, "weight_decay": 0.01, "batch": 32, "chains": 5}


def apply(weights: Any, inputs: Any) -> Any:
    """Outputs (samples, 1) of inputs (samples, n)."""
    return jax.nn.relu(inputs @ weights["hidden"] + weights["hidden bias"]) @ weights["output"]


def uniform(key: Any, fan_in: int, shape: tuple[int, ...]) -> Any:
    """Weights uniform in +-1/sqrt(fan_in), the default of linear layers in PyTorch."""
    bound = fan_in**-0.5
    return jax.random.uniform(key, shape, minval=-bound, maxval=bound)


def model(
    n: int = 50, k: int = 2, samples: int = 300, test_samples: int = 100, width: int = 500, data_seed: int = 0
) -> Model:
    """Sparse parity.

    Args:
        n: Number of signs of an input.
        k: Number of signs that decide the label.
        samples: Number of training samples.
        test_samples: Number of test samples.
        width: Number of hidden units.
        data_seed: Seed of the samples.

    Raises:
        UsageError: k outside 1 ... n, or a count below 1.
    """
    if not 1 <= k <= n:
        raise UsageError(f"k is {k}: the parity is taken over 1 to n = {n} signs")
    for name, count in (("samples", samples), ("test_samples", test_samples), ("width", width)):
        if count < 1:
            raise UsageError(f"{name} is {count}: it must be at least 1")

    generator = np.random.default_rng(data_seed)
    inputs = generator.choice([-1.0, 1.0], size=(samples + test_samples, n))
    labels = inputs[:, :k].prod(axis=1, keepdims=True)

    def init(key: Any) -> dict[str, Any]:
        hidden, bias, output = jax.random.split(key, 3)
        return {
            "hidden": uniform(hidden, n, (n, width)),
            "hidden bias": uniform(bias, n, (width,)),
            "output": uniform(output, width, (width, 1)),
        }

    return Model(
        name="parity",
        init=init,
        apply=apply,
        loss="hinge",
        train=Data(inputs[:samples], labels[:samples]),
        test=Data(inputs[samples:], labels[samples:]),
        dials={
            "n": n,
            "k": k,
            "samples": samples,
            "test_samples": test_samples,
            "width": width,
            "data_seed": data_seed,
        },
    )
