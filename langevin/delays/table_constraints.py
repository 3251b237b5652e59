"""The slowest constraint that the training pairs put on a table of tokens.

Z. Liu, O. Kitouni, N. Nolte, E. J. Michaud, M. Tegmark and M. Williams, Towards understanding grokking: an effective
theory of representation learning (2022, arXiv 2205.10343): the embeddings obey dE/dt = -H E, and structure appears in
the time of the third smallest eigenvalue of H, as the first two belong to shift and scale. In the source the sums are
not taken modulo a number. The factor is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return seen.table_gap > 1e-9


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return constants[0] - np.log10(seen.learning_rate * seen.table_gap)


table_constraints = DelayTheory(
    formula="delay = c / (lr lambda_3)",
    source="Liu et al., arXiv 2205.10343",
    predict=_predict,
    applies=_applies,
    constants=(Constant("log10 c", 2.0),),
    assumes="a table of tokens; sums that are not taken modulo a number",
)
