"""A power of the logit scale, under cross-entropy.

T. X. Khanh, What does the weight norm control in grokking? (2026, arXiv 2606.18465): under cross-entropy the delay is a
function of the effective logit scale. The source has a curve and not a formula; the power law is ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return np.equal(seen.loss, "cross-entropy")


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return constants[0] + constants[1] * np.log10(seen.logit_scale)


logit_scale = DelayTheory(
    formula="delay = c (logit scale)^a",
    source="Khanh, arXiv 2606.18465; the power law is ours",
    predict=_predict,
    applies=_applies,
    constants=(Constant("log10 c", 3.0), Constant("a", 1.0, low=0.0)),
    assumes="a cross-entropy, whose gradient vanishes at a large logit scale",
)
