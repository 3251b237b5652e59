"""Baseline: the delay is the same number of steps in all trainings of a task."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return np.full(len(seen.norm), constants[0])


constant_delay = DelayTheory(
    formula="delay = c",
    source="a baseline",
    predict=_predict,
    constants=(Constant("log10 c", 3.0),),
    baseline=True,
)
