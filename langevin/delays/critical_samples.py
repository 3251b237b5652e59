"""Whether a network generalises: with more than a critical number of samples.

V. Varma et al., Explaining grokking through circuit efficiency (2023, arXiv 2309.02390), and M. A. Mohamadi et al.
(2024, arXiv 2407.12332): below a critical amount of data the generalising solution has no advantage. The critical share
of the table, or number of samples, and the width of the transition are fitted. It has no prediction of the time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langevin.types import Constant, FloatArray, Seen, WhetherTheory


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    amount = np.where(np.isfinite(seen.fraction), seen.fraction, seen.samples / 1000)
    share: FloatArray = 1 / (1 + np.exp(-(np.log(amount) - constants[0]) / np.exp(constants[1])))
    return share


critical_samples = WhetherTheory(
    formula="generalises if samples > n_c",
    source="Varma et al., arXiv 2309.02390; Mohamadi et al., arXiv 2407.12332",
    predict=_predict,
    constants=(Constant("log n_c", -1.5), Constant("log width", -2.0)),
    assumes="the amount of data decides",
)
