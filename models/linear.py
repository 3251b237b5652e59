"""A linear estimator of a linear teacher: grokking without features, with a time that is known exactly.

f = w . x learns t . x from Gaussian inputs x ~ N(0, I) by gradient descent on half the mean square. The error w - t is
multiplied by I - lr X^T X / samples in every step, so that train and test loss follow from the eigenvalues of X^T X.
A sample counts as right if its error is below a tolerance. As the train loss falls faster than the test loss, the
network "memorises" before it "generalises" (Levi, Beck and Bar-Sinai 2023, arXiv 2310.16441, "Grokking in linear
estimators").
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import numpy as np

from langevin.errors import UsageError
from langevin.sgld import Data, Law, Model, Plan, Preset, Recording
from langevin.sgld.losses import within

DEFAULTS = Plan(Law(0.1, name="gradient-descent"), steps=10_000, recording=Recording(frames=200))

PRESETS = {
    "quick": Preset(
        "the test error reaches the tolerance long after the train error, without any feature",
        replace(DEFAULTS, steps=4000),
        bands={
            "memorised_step_95": (80, 300),
            "generalised_step_95": (300, 4000),
            "generalised_step_95 / memorised_step_95": (2, 20),
        },
    ),
    "full": Preset(
        "the same from twenty starts, until the test error vanishes",
        replace(DEFAULTS, steps=20_000, chains=20),
        bands={"memorised_step_95": (80, 300), "generalised_step_95": (300, 4000), "test_accuracy": (1, 1)},
    ),
}


def apply(weights: Any, inputs: Any) -> Any:
    """Outputs (samples, 1) of inputs (samples, dim)."""
    return inputs @ weights["output"]


def model(
    dim: int = 100,
    samples: int = 120,
    test_samples: int = 1000,
    scale: float = 1.0,
    tolerance: float = 0.1,
    data_seed: int = 0,
) -> Model:
    """Linear regression of a linear teacher of norm 1.

    Args:
        dim: Number of inputs.
        samples: Number of training samples; with fewer than inputs, the test loss does not fall to 0.
        test_samples: Number of test samples.
        scale: Norm of the mean initial weights.
        tolerance: Largest error of a sample that counts as right; the mean square target is 1.
        data_seed: Seed of the samples and of the teacher.

    Raises:
        UsageError: a number out of range.
    """
    for name, number in {"dim": dim, "samples": samples, "test_samples": test_samples}.items():
        if number < 1:
            raise UsageError(f"{name} is {number}: it must be at least 1")
    for name, size in {"scale": scale, "tolerance": tolerance}.items():
        if not 0 < size < np.inf:
            raise UsageError(f"{name} is {size}: it must be finite and above 0")
    generator = np.random.default_rng(data_seed)
    teacher = generator.normal(size=(dim, 1))
    teacher /= np.linalg.norm(teacher)
    inputs = generator.normal(size=(samples + test_samples, dim))
    targets = inputs @ teacher

    def init(key: Any) -> dict[str, Any]:
        return {"output": scale * jax.random.normal(key, (dim, 1)) / dim**0.5}

    return Model(
        name="linear",
        init=init,
        apply=apply,
        loss="half-mse",
        train=Data(inputs[:samples], targets[:samples]),
        test=Data(inputs[samples:], targets[samples:]),
        dials={
            "dim": dim,
            "samples": samples,
            "test_samples": test_samples,
            "scale": scale,
            "tolerance": tolerance,
            "data_seed": data_seed,
        },
        correct=within(tolerance),
    )
