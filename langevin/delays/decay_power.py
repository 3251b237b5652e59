"""A power of the distance of the decay from a critical one.

L. Verma, Weight decay regimes in grokking transformers (2026, arXiv 2605.20441): the time to generalise, in epochs, is
a power nu = 0.757 of wd - wd_c in an empirical fit. Prefactor, wd_c and nu are fitted here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return seen.weight_decay > 0


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    log_c, log_critical, nu = constants
    above = seen.weight_decay - 10.0**log_critical
    return np.where(above > 0, log_c - nu * np.log10(np.where(above > 0, above, 1.0)), np.nan)


decay_power = DelayTheory(
    formula="delay = c (wd - wd_c)^-nu",
    source="Verma, arXiv 2605.20441",
    predict=_predict,
    applies=_applies,
    constants=(Constant("log10 c", 1.5), Constant("log10 wd_c", -5.0), Constant("nu", 0.757, low=0.0)),
    assumes="one learning rate: the law is in steps, and has no learning rate",
)
