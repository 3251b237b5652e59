"""The norm decays to a threshold at a fitted multiple of the rate of the decay.

T. X. Khanh and others, First-passage prediction of grokking delay (2026, arXiv 2605.18845): under AdamW log(V_m / V*) /
(2 kappa lr wd), V = |w|^2, with kappa and V* from a calibration. Its second condition, on an angle, is not used: no
angle is recorded. The constants fitted here are a = 1 / kappa and b = log |w*| / kappa, in which the law is linear.
If a is negative, the delay is longer for smaller norms, and the law is excluded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return seen.weight_decay > 0


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    fall = constants[0] * np.log(seen.norm) - constants[1]
    return np.log10(np.maximum(fall, 1e-3) / (seen.learning_rate * seen.weight_decay))


norm_rate = DelayTheory(
    formula="delay = (a log norm - b) / (lr wd)",
    source="Khanh et al., arXiv 2605.18845",
    predict=_predict,
    applies=_applies,
    constants=(Constant("a", 1.0, low=0.0), Constant("b", 1.5)),
    assumes="the norm falls to its threshold, and the norm alone decides the test accuracy",
)
