"""Baseline: the delay is a number of units of the slowest clock of the law of motion.

A law with this clock in it can beat a constant by the clock alone. What the law adds is its gain over this baseline.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def clock(seen: Seen) -> FloatArray:
    """Steps of the slow clock: 1 / (lr sigma)^2 of label noise, else 1 / (lr wd) of decay, else 1 / lr."""
    lr = seen.learning_rate
    with np.errstate(divide="ignore"):
        of_noise, of_decay = 1 / (lr * seen.label_noise) ** 2, 1 / (lr * seen.weight_decay)
    of_decay = np.where(seen.weight_decay > 0, of_decay, 1 / lr)
    return np.where(seen.label_noise > 0, of_noise, of_decay)


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return constants[0] + np.log10(clock(seen))


slow_clock = DelayTheory(
    formula="delay = c / (lr wd), c / (lr sigma)^2 under label noise, c / lr without either",
    source="a baseline",
    predict=_predict,
    constants=(Constant("log10 c", 0.0),),
    baseline=True,
)
