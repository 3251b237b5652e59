"""The time at which the linearised model is left.

After T. Kumar, B. Bordelon, S. J. Gershman and C. Pehlevan (2023, arXiv 2310.06110): a lazy network fits with the
kernel of its start, and generalises when the kernel has changed. The source has no closed formula for the time. Here
the kernel continues to change at the mean rate that it had up to memorising, until the change is c.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return constants[0] + np.log10(seen.memorised_step / seen.kernel_change)


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return np.asarray(seen.kernel_change > 0)


leaves_linear = DelayTheory(
    formula="delay = c T_mem / (|K - K_0| / |K_0|)",
    source="ours, after Kumar et al., arXiv 2310.06110",
    predict=_predict,
    applies=_applies,
    constants=(Constant("log10 c", 0.0),),
    assumes="the tangent kernel continues to change at its earlier mean rate",
)
