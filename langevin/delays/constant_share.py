"""Baseline: every network of a task generalises with the same probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langevin.types import Constant, FloatArray, Seen, WhetherTheory


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return np.full(len(seen.samples), 1 / (1 + np.exp(-constants[0])))


constant_share = WhetherTheory(
    formula="generalises with probability p",
    source="a baseline",
    predict=_predict,
    constants=(Constant("logit p", 1.0),),
    baseline=True,
)
