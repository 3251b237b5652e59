"""The logarithm of the initial scale, in units of the decay.

K. Lyu, J. Jin, Z. Li, S. S. Du, J. D. Lee and W. Hu, Dichotomy of early and late phase implicit biases can provably
induce grokking (2023, arXiv 2311.18817): from large initial weights of scale alpha the network leaves the kernel regime
at a time of log(alpha) / (lr wd). It is a theorem of the limit of large alpha; the factor is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return (seen.weight_decay > 0) & (seen.scale > 1)


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return constants[0] + np.log10(np.log(seen.scale) / (seen.learning_rate * seen.weight_decay))


initial_scale = DelayTheory(
    formula="delay = c log(scale) / (lr wd)",
    source="Lyu et al., arXiv 2311.18817",
    predict=_predict,
    applies=_applies,
    constants=(Constant("log10 c", 0.0),),
    assumes="large initial weights; networks that are homogeneous in their weights",
)
