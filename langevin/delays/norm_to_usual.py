"""The norm decays to that of usual initial weights.

The zone of good generalisation is a shell of weight norms around that of a usual initialisation, and weight decay takes
the norm there as exp(-lr wd steps): Z. Liu, E. J. Michaud and M. Tegmark, Omnigrok (2022, arXiv 2210.01117), with the
shell put where usual initial weights are. No constant is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return (seen.weight_decay > 0) & (seen.norm > seen.start_norm / seen.scale)


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    usual = seen.start_norm / seen.scale
    return np.log10(np.log(seen.norm / usual) / (seen.learning_rate * seen.weight_decay))


norm_to_usual = DelayTheory(
    formula="delay = log(norm / usual initial norm) / (lr wd)",
    source="Liu, Michaud and Tegmark, Omnigrok, arXiv 2210.01117; the usual norm instead of w_c is ours",
    predict=_predict,
    applies=_applies,
    assumes="weight decay alone moves the norm, and the norm alone decides the test accuracy",
)
