"""The norm decays to a threshold, the same in all trainings of a task.

Z. Liu, E. J. Michaud and M. Tegmark, Omnigrok (2022, arXiv 2210.01117), w_0 and w_c the norms at the beginning and in
the shell of good generalisation: log(w_0 / w_c) / (lr wd). The norm-separation delay law of T. X. Khanh and others
(2026, arXiv 2603.13331) has the same form up to a factor, log(V_m / V_post) / (lr wd), V = |w|^2. V_post is read after
generalising there, and is a fitted constant here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return seen.weight_decay > 0


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    fall = np.log(seen.norm) - constants[0]
    return np.log10(np.maximum(fall, 1e-3) / (seen.learning_rate * seen.weight_decay))


norm_threshold = DelayTheory(
    formula="delay = log(norm / w_c) / (lr wd)",
    source="Liu, Michaud and Tegmark, Omnigrok, arXiv 2210.01117; norm separation, arXiv 2603.13331",
    predict=_predict,
    applies=_applies,
    constants=(Constant("log w_c", 1.5),),
    assumes="weight decay alone moves the norm, and the norm alone decides the test accuracy",
)
