"""Baseline: the delay is a multiple of the time to memorise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return constants[0] + np.log10(seen.memorised_step)


constant_ratio = DelayTheory(
    formula="delay = c T_mem",
    source="a baseline",
    predict=_predict,
    constants=(Constant("log10 c", 0.5),),
    baseline=True,
)
