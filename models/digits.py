"""Handwritten digits (8 x 8 pixels, scikit-learn's copy of the UCI set) in a network too large for them.

One hidden layer of tanh units, half-MSE to centred one-hot labels. With the default dials 4810 weights meet
50 samples x 10 outputs = 500 constraints, so the zero-loss set has some 4300 dimensions; tanh keeps it
smooth, and the inputs are scaled so that the softest constraint relaxes in about 10^3 steps: arrival
on the set and the diffusion along it are both seen in one short run.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from langevin.errors import UsageError
from langevin.sgld import Data, Model

DEFAULTS = {"steps": 20_000, "learning_rate": 0.05, "temperature": 1e-6, "chains": 5, "sketch": 256}

CLASSES = 10


def apply(weights: Any, inputs: Any) -> Any:
    """Outputs (samples, 10) of inputs (samples, 64)."""
    hidden = jnp.tanh(inputs @ weights["hidden"] + weights["hidden bias"])
    return hidden @ weights["output"] + weights["output bias"]


def model(samples: int = 50, width: int = 64, data_seed: int = 0) -> Model:
    """Digits from few samples.

    Args:
        samples: Number of training images; all others are the test set.
        width: Number of hidden units; the network has 75 x width + 10 weights.
        data_seed: Seed of the choice of training images.

    Raises:
        UsageError: no training or no test image left, no hidden unit, or scikit-learn missing.
    """
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as missing:
        raise UsageError(
            "models.digits takes its images from scikit-learn: pip install scikit-learn"
        ) from missing
    pixels, labels = load_digits(return_X_y=True)
    if not 1 <= samples < len(labels):
        raise UsageError(f"samples is {samples}: take 1 to {len(labels) - 1} of the {len(labels)} images")
    if width < 1:
        raise UsageError(f"width is {width}: the hidden layer needs at least 1 unit")

    order = np.random.default_rng(data_seed).permutation(len(labels))
    inputs, targets = pixels[order], np.eye(CLASSES)[labels[order]] - 1 / CLASSES
    inputs = inputs - inputs[:samples].mean(axis=0)
    inputs /= max(inputs[:samples].std(), 1e-12)  # mean square 1 a pixel; a single image is its own mean
    size = inputs.shape[1]

    def init(key: Any) -> dict[str, Any]:
        hidden, output = jax.random.split(key)
        return {
            "hidden": jax.random.normal(hidden, (size, width)) / size**0.5,
            "hidden bias": jnp.zeros(width),
            "output": jax.random.normal(output, (width, CLASSES)) / width**0.5,
            "output bias": jnp.zeros(CLASSES),
        }

    return Model(
        name="digits",
        init=init,
        apply=apply,
        loss="half-mse",
        train=Data(inputs[:samples], targets[:samples]),
        test=Data(inputs[samples:], targets[samples:]),
        dials={"samples": samples, "width": width, "data_seed": data_seed},
    )
