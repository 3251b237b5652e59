"""Drift down the trace of the Hessian under label noise, to a threshold of the trace.

G. Blanc, N. Gupta, G. Valiant and P. Valiant (2020, arXiv 1904.09080) and A. Damian, T. Ma and J. D. Lee (2021, arXiv
2106.06530): on the zero-loss set, label noise descends tr H at the rate lr sigma^2 / (2 batch) in the time lr steps. If
the trace falls exponentially at a rate of this order, it is at its threshold after (a log trace - b) batch / (lr
sigma)^2 steps. That networks generalise at one trace is a claim of its own (see the sim `parity_label_noise`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return seen.label_noise > 0


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    fall = constants[0] * np.log(seen.trace) - constants[1]
    return np.log10(np.maximum(fall, 1e-4) / (seen.learning_rate * seen.label_noise) ** 2)


trace_drift = DelayTheory(
    formula="delay = (a log trace - b) / (lr sigma)^2",
    source="ours, after Blanc et al., arXiv 1904.09080, and Damian, Ma and Lee, arXiv 2106.06530",
    predict=_predict,
    applies=_applies,
    constants=(Constant("a", 10.0, low=0.0), Constant("b", 30.0)),
    assumes="noise on the labels, and generalisation at one trace",
)
