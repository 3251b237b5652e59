"""Slow weight decay moves a network by the Riemannian gradient flow of its norm on the zero-loss set.

E. Boursier, S. Pesme and R.-A. Dragomir, A theoretical framework for grokking (2025, arXiv 2505.20172): in the limit of
small decay, after memorising, the weights follow the gradient flow of |w|^2 / 2 in the zero-loss set, on the time lr wd
x steps. No constant is free. The flow is followed from the weights of each network at memorisation, when these are at
hand: the column `norm_flow` has the time at which it reaches a test accuracy of 0.95. The law applies if the network
is parity with a hinge loss. The half-MSE tasks with decay have mostly more constraints than weights, so that there is
no set to flow on; without decay there is no flow.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import DelayTheory, FloatArray, Seen

#: Half of the step of the flow: a network at which it begins to generalise has a delay, which is not 0.
SHORTEST = 0.01


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return ~np.isnan(seen.norm_flow)


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return np.log10(np.maximum(seen.norm_flow, SHORTEST) / (seen.learning_rate * seen.weight_decay))


norm_flow = DelayTheory(
    formula="delay = (time to test accuracy 0.95 of the flow of the norm on the zero-loss set) / (lr wd)",
    source="Boursier, Pesme and Dragomir, arXiv 2505.20172",
    predict=_predict,
    applies=_applies,
    assumes="slow decay, full batches, and a network that is on the zero-loss set when it has memorised",
)
