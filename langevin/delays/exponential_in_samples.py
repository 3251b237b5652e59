"""Exponential in the number of training samples.

S. V. Kozyrev, How to explain grokking (2024, arXiv 2412.18624): every sample takes the same share of the volume of the
zero-loss set, so that the entropy falls linearly, and by Eyring's formula the delay is exp(a - b samples). Both numbers
are fitted; a negative b excludes the law.
"""

from __future__ import annotations

from collections.abc import Sequence

from langevin.types import Constant, DelayTheory, FloatArray, Seen


def _predict(seen: Seen, constants: Sequence[float]) -> FloatArray:
    return constants[0] - constants[1] * seen.samples / 300


exponential_in_samples = DelayTheory(
    formula="delay = 10^(a - b samples / 300)",
    source="Kozyrev, arXiv 2412.18624",
    predict=_predict,
    constants=(Constant("a", 4.0), Constant("b", 1.0, low=0.0)),
    assumes="every sample takes the same share of the volume of the zero-loss set",
)
