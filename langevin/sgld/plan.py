"""The numbers of a training, and what they may be."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld.model import Model


class Law(NamedTuple):
    """Numbers of the law of motion (`langevin.sgld.law`)."""

    learning_rate: Any
    temperature: Any
    weight_decay: Any


class Plan(NamedTuple):
    """What all chains of a run share; the arguments of `langevin.sgld.train`."""

    law: Law
    steps: int
    batch: int | None
    chains: int
    seed: int
    frames: NDArray[np.int64]
    sketch: int
    dtype: str
    chunk: int


def noise_sd(learning_rate: Any, temperature: Any) -> Any:
    """Standard deviation of the noise that one step adds to each weight, sqrt(2 lr theta)."""
    return (2 * learning_rate * temperature) ** 0.5


def check(model: Model, plan: Plan) -> None:
    """Refuse a plan with a number out of its range.

    Raises:
        UsageError: for the first such number, with the range.
    """
    if not isinstance(model, Model):
        raise UsageError(f"a training takes a langevin.sgld.Model, not {type(model).__name__}")
    for name, number in plan.law._asdict().items():
        positive = name == "learning_rate"
        if not math.isfinite(number) or number < 0 or (positive and number == 0):
            raise UsageError(
                f"{name} is {number}: it must be finite and {'above' if positive else 'at least'} 0"
            )
    samples = len(model.train.targets)
    largest = {"steps": 2**31 - 1, "chains": 10**6, "sketch": 2**16, "chunk": 2**31 - 1, "batch": samples}
    for name, limit in largest.items():
        count = getattr(plan, name)
        if count is not None and not 1 <= count <= limit:
            raise UsageError(f"{name} is {count}: it must be between 1 and {limit}")
    if not 0 <= plan.seed < 2**64:
        raise UsageError(f"seed is {plan.seed}: it must be between 0 and 2^64 - 1")
    if plan.dtype not in ("float32", "float64"):
        raise UsageError(f"dtype is {plan.dtype!r}: it must be float32 or float64")
