"""Arrhenius' law in the free energy of the memorising weights.

A. Lakkapragada, Using physics-inspired singular learning theory to understand grokking (2025, arXiv 2512.00686):
exp(beta Delta F) with F = n L + lambda log n, L the loss and lambda the local learning
coefficient. F of the generalising weights is not known before; it goes into the prefactor. The local learning
coefficient is one of a minimum, and most networks are not at one when they have memorised; this weakens the test. A
negative b excludes the law, for it is an inverse temperature.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return np.isfinite(seen.learning_coefficient)


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    energy = seen.samples * seen.train_loss + seen.learning_coefficient * np.log(seen.samples)
    return constants[0] - constants[1] * energy / 1000


free_energy = DelayTheory(
    formula="delay = 10^(a - b (samples L + lambda log samples) / 1000)",
    source="Lakkapragada, arXiv 2512.00686",
    predict=_predict,
    applies=_applies,
    constants=(Constant("a", 3.0), Constant("b", 0.1, low=0.0)),
    assumes="both phases are minima, and the barrier between them does not vary",
)
