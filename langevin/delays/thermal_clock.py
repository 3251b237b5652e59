"""Baseline: under thermal noise, the delay is a number of units of 1 / (lr theta)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return seen.temperature > 0


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return constants[0] - np.log10(seen.learning_rate * seen.temperature)


thermal_clock = DelayTheory(
    formula="delay = c / (lr theta)",
    source="a baseline",
    predict=_predict,
    applies=_applies,
    constants=(Constant("log10 c", -2.0),),
    baseline=True,
)
