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

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import random

from langevin.errors import UsageError
from langevin.sgld import Data, Law, Model, Plan, Preset, Recording
from langevin.sgld.losses import within

DEFAULTS = Plan(Law(5.0, name="gradient-descent"), steps=30_000, recording=Recording(frames=300))

#: First recorded steps at which the mean losses are a twentieth of that at the start.
TRAIN_FITS, TEST_FITS = "train_loss <= 0.02", "test_loss <= 0.02"

PRESETS = {
    "quick": Preset(
        "rich: at alpha = 1/4 the test loss follows the train loss",
        replace(DEFAULTS, steps=15_000),
        {"alpha": 0.25},
        bands={TRAIN_FITS: (40, 200), f"{TEST_FITS} / {TRAIN_FITS}": (3, 20)},
    ),
    "lazy": Preset(
        "lazy: at alpha = 2 the train loss falls first and the test loss long after",
        DEFAULTS,
        {"alpha": 2.0},
        bands={TRAIN_FITS: (200, 1500), f"{TEST_FITS} / {TRAIN_FITS}": (20, 100)},
    ),
    "full": Preset(
        "the gap at the lazy end, alpha = 4, over 10 networks",
        replace(DEFAULTS, steps=100_000, chains=10),
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
    linear: float = 0.0,
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
        linear: Part of the mean square of the target that is linear in beta . x; the mean square does not change. The
            kernel at the start learns this part first.
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
    if not 0 <= linear <= 1:
        raise UsageError(f"linear is {linear}: it must be a part, from 0 to 1")
    generator = np.random.default_rng(data_seed)
    inputs = generator.normal(size=(samples + test_samples, dim)) / dim**0.5
    beta = generator.normal(size=dim)
    beta *= dim**0.5 / np.linalg.norm(beta)
    along = (inputs @ beta)[:, None]
    # the mean square of z^2 / 2 is 3/4 for a standard normal z
    targets = (1 - linear) ** 0.5 * along**2 / 2 + (0.75 * linear) ** 0.5 * along

    def apply(weights: Any, inputs: Any) -> Any:
        return output(weights["hidden"], inputs, alpha, eps)[:, None]

    def init(key: Any) -> dict[str, Any]:
        return {"hidden": random.normal(key, (dim, width)) * (alpha / width**0.5)}

    return Model(
        name="polynomial",
        init=init,
        apply=apply,
        loss="half-mse",
        train=Data(inputs[:samples], targets[:samples]),
        test=Data(inputs[samples:], targets[samples:]),
        dials={
            **counts,
            "alpha": alpha,
            "eps": eps,
            "linear": linear,
            "tolerance": tolerance,
            "data_seed": data_seed,
        },
        correct=within(tolerance * float((targets[:samples] ** 2).mean() ** 0.5)),
    )


def output(hidden: Any, inputs: Any, alpha: Any, eps: Any) -> Any:
    """f (samples,) of the weights u (dim, width) at inputs (samples, dim)."""
    h = hidden.shape[1] ** 0.5 / alpha * (inputs @ hidden)  # w = sqrt(N) u / alpha
    return alpha * (h + eps * h**2 / 2).mean(axis=1)


def family(cases: Sequence[Mapping[str, Any]]) -> Model:
    """Many polynomial regressions as one model, compiled once; they know nothing of one another.

    Its loss is the sum of theirs, so that a step of gradient descent is a step of each. Every sample of its data holds
    one sample of each network, and as the last coordinate the square root of its share: smaller sets and inputs of
    fewer dimensions are filled up with zeros of share 0. Observables `train_loss i` and `test_loss i` are the losses of
    case i.

    Args:
        cases: Dials of `model`, of each network; all of one width.

    Raises:
        UsageError: no cases, widths that differ, or as `model`.
    """
    models = [model(**case) for case in cases]
    widths = {one.dials["width"] for one in models}
    if len(widths) != 1:
        raise UsageError(
            f"a family needs cases of one width: there are {len(models)}, of {len(widths)} widths"
        )
    shape = (len(models), max(one.dials["dim"] for one in models), widths.pop())
    alpha, eps = (np.array([one.dials[name] for one in models], np.float32) for name in ("alpha", "eps"))
    train, test = (joint([getattr(one, part) for one in models]) for part in ("train", "test"))

    def apply(weights: Any, inputs: Any) -> Any:
        outputs = jax.vmap(output, (0, 1, 0, 0), 1)(weights["hidden"], inputs[..., :-1], alpha, eps)
        return inputs[..., -1] * outputs

    def init(key: Any) -> dict[str, Any]:
        return {"hidden": random.normal(key, shape) * (alpha / shape[2] ** 0.5)[:, None, None]}

    def loss(data: Data, case: int) -> Any:
        inputs, targets = (np.asarray(part, np.float32) for part in data)
        return lambda weights: jnp.mean((apply(weights, inputs) - targets) ** 2, axis=0)[case] / 2

    observe = {
        f"{part}_loss {case}": loss(data, case)
        for part, data in (("train", train), ("test", test))
        for case in range(len(models))
    }
    dials = {"cases": [dict(one.dials) for one in models]}
    return Model("polynomials", init, apply, "half-mse", train, test, dials, observe=observe)


def joint(parts: Sequence[Data]) -> Data:
    """Inputs (samples, networks, dim + 1), the last the root of the share, and targets (samples, networks)."""
    samples, dim = np.max([part.inputs.shape for part in parts], axis=0)
    inputs, targets = np.zeros((samples, len(parts), dim + 1)), np.zeros((samples, len(parts)))
    for i, part in enumerate(parts):
        own, size = part.inputs.shape
        root = (samples / own) ** 0.5
        inputs[:own, i, :size], inputs[:own, i, -1] = part.inputs, root
        targets[:own, i] = root * part.targets[:, 0]
    return Data(inputs, targets)
