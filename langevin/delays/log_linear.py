"""Baseline: a power law in every dial and in the norm, fitted without any idea of a mechanism."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.delays.slow_clock import clock
from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _dials(seen: Seen) -> tuple[FloatArray, ...]:
    amount = np.where(np.isfinite(seen.fraction), seen.fraction, seen.samples / 300)
    return clock(seen) / 1000, amount, seen.scale, seen.width / 100, seen.norm / seen.start_norm * seen.scale


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(np.array(_dials(seen))).all(axis=0))


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    powers = np.array(constants[1:])[:, None]
    return np.asarray(constants[0] + np.sum(powers * np.log10(np.array(_dials(seen))), axis=0))


log_linear = DelayTheory(
    formula="delay = c clock^a samples^b scale^d width^e (norm / usual initial norm)^f",
    source="a baseline",
    predict=_predict,
    applies=_applies,
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
