"""The square of the time to memorise.

S. V. Kozyrev, How to explain grokking (2024, arXiv 2412.18624): memorising is motion down a gradient, generalising is
diffusion over a similar distance, so that the time is the square of that of memorising, in units that the source leaves
open. The unit is fitted. It is no invariant: with half of the learning rate, both times double and the square does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return 2 * np.log10(seen.memorised_step) - constants[0]


square_law = DelayTheory(
    formula="delay = T_mem^2 / tau",
    source="Kozyrev, arXiv 2412.18624",
    predict=_predict,
    constants=(Constant("log10 tau", 1.0),),
    assumes="memorising and generalising cover the same distance, the second as a random walk",
)
