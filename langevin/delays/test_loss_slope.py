"""The test loss continues to fall at the rate that it has at the step of memorising.

Ours: a reading of the slope, with the test loss at which networks of the task generalise as its constant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return seen.test_slope < 0


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    fall = np.log(seen.test_loss) - constants[0]
    return np.log10(np.maximum(fall, 1e-3) / -seen.test_slope)


test_loss_slope = DelayTheory(
    formula="delay = log(test loss / c) / (-d log(test loss) / d step)",
    source="ours",
    predict=_predict,
    applies=_applies,
    constants=(Constant("log c", -2.0),),
    assumes="an exponential fall of the test loss; no forecast if the test loss still rises",
)
