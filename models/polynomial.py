"""From lazy to rich: a quadratic target and a network whose output scale says how far weights must move.

Kumar, Bordelon, Gershman and Pehlevan (2023, arXiv 2310.06110): f = (alpha / N) sum_i g(w_i . x), g(h) = h +
eps h^2 / 2, inputs x ~ N(0, I / D), w ~ N(0, I), target (beta . x)^2 / 2 with |beta|^2 = D. At large alpha the
network fits by its linearisation, whose kernel at the start is, for N to infinity,

    K_0(x, x') = x . x' + eps^2 (x . x')^2,

and knows little of the target; it generalises when the weights have moved. For these times to be
comparable the learning rate must go as N / alpha^2. The weights held here are u = alpha w / sqrt(N), in which the
same motion has the learning rate itself: it needs no change with alpha or N, and the kernel is K_0 without a prefactor.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import random

from langevin.errors import UsageError
from langevin.sgld import Data, Model, Preset
from langevin.sgld.losses import within

DEFAULTS = {"steps": 30_000, "learning_rate": 5.0, "chains": 5, "law": "gradient-descent", "frames": 300}

#: First recorded steps at which the mean losses are a twentieth of that at the start.
TRAIN_FITS, TEST_FITS = "train_loss <= 0.02", "test_loss <= 0.02"

PRESETS = {
    "quick": Preset(
        "rich: at alpha = 1/4 the test loss follows the train loss",
        {**DEFAULTS, "steps": 15_000},
        {"alpha": 0.25},
        bands={TRAIN_FITS: (40, 200), f"{TEST_FITS} / {TRAIN_FITS}": (3, 20)},
    ),
    "lazy": Preset(
        "lazy: at alpha = 2 the train loss falls first and the test loss long after",
        {**DEFAULTS, "steps": 30_000},
        {"alpha": 2.0},
        bands={TRAIN_FITS: (200, 1500), f"{TEST_FITS} / {TRAIN_FITS}": (20, 100)},
    ),
    "full": Preset(
        "the gap at the lazy end, alpha = 4, over 10 networks",
        {**DEFAULTS, "steps": 100_000, "chains": 10},
        {"alpha": 4.0},
        bands={TRAIN_FITS: (400, 4000), f"{TEST_FITS} / {TRAIN_FITS}": (20, 200)},
    ),
}


def model(
    dim: int = 25,
    samples: int = 100,
    test_samples: int = 500,
    width: int = 100,
    alpha: float = 1.0,
    eps: float = 0.05,
    tolerance: float = 0.3,
    data_seed: int = 0,
) -> Model:
    """Polynomial regression.

    Args:
        dim: D, dimension of the inputs.
        samples: Number of training samples.
        test_samples: Number of test samples.
        width: N, number of hidden units.
        alpha: Scale of the output; large is lazy.
        eps: Strength of the quadratic part of g, which is what the target needs.
        tolerance: A sample counts as right with an error up to this share of the root mean square target.
        data_seed: Seed of the samples and of beta.

    Raises:
        UsageError: a number out of range.
    """
    counts = {"dim": dim, "samples": samples, "test_samples": test_samples, "width": width}
    for name, number in counts.items():
        if number < 1:
            raise UsageError(f"{name} is {number}: it must be at least 1")
    for name, size in {"alpha": alpha, "eps": eps, "tolerance": tolerance}.items():
        if not 0 < size < np.inf:
            raise UsageError(f"{name} is {size}: it must be finite and above 0")
    generator = np.random.default_rng(data_seed)
    inputs = generator.normal(size=(samples + test_samples, dim)) / dim**0.5
    beta = generator.normal(size=dim)
    beta *= dim**0.5 / np.linalg.norm(beta)
    targets = (inputs @ beta)[:, None] ** 2 / 2
    unit = width**0.5 / alpha  # w = unit u

    def apply(weights: Any, inputs: Any) -> Any:
        h = unit * (inputs @ weights["hidden"])
        return (alpha * (h + eps * h**2 / 2).mean(axis=1))[:, None]

    def init(key: Any) -> dict[str, Any]:
        return {"hidden": random.normal(key, (dim, width)) / unit}

    return Model(
        name="polynomial",
        init=init,
        apply=apply,
        loss="half-mse",
        train=Data(inputs[:samples], targets[:samples]),
        test=Data(inputs[samples:], targets[samples:]),
        dials={**counts, "alpha": alpha, "eps": eps, "tolerance": tolerance, "data_seed": data_seed},
        correct=within(tolerance * float((targets[:samples] ** 2).mean() ** 0.5)),
    )
