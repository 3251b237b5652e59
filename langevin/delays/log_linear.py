"""Baseline: a power law in every dial and in the norm, fitted without any idea of a mechanism."""

from __future__ import annotations

import numpy as np

from langevin.delays.slow_clock import clock
from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _predict(seen: Seen, constants: FloatArray) -> FloatArray:
    amount = np.where(np.isfinite(seen.fraction), seen.fraction, seen.samples / 300)
    usual = seen.norm / seen.start_norm * seen.scale
    dials = (clock(seen) / 1000, amount, seen.scale, seen.width / 100, usual)
    return constants[0] + sum(power * np.log10(dial) for power, dial in zip(constants[1:], dials))


log_linear = DelayTheory(
    formula="delay = c clock^a samples^b scale^d width^e (norm / usual initial norm)^f",
    source="a baseline",
    predict=_predict,
    constants=(
        Constant("log10 c", 3.0),
        Constant("a", 1.0),
        Constant("b", -1.0),
        Constant("d", 0.1),
        Constant("e", 0.1),
        Constant("f", 0.1),
    ),
    baseline=True,
)
