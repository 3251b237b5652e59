"""Whether values have tails so heavy that no normal law tells the error of their mean.

The largest of them follow a generalised Pareto law of some shape k (Pickands, Ann. Stat. 3 (1975) 119), and their
variance is infinite where k > 1/2. The mean of a sample is then most often too near to the bulk: its few largest values
carry it, and most samples have missed them. k is estimated from the largest 3 / sqrt(independent values) of them
(Vehtari and others 2024, J. Mach. Learn. Res. 25 (72) 1) by Zhang and Stephens (Technometrics 51 (2009) 316).

A second place far away, seldom visited, looks like such a tail at this threshold. But its values lie close together,
and those of a power law do not: the largest of three walkers are apart.

Where the values are fewer than `ENOUGH` the rule says nothing. Of 200 runs of 400 to 4000 independent values, or of as
many that are correlated, it refuses none with Gaussian or exponential tails or of a double well, and two at most of
their squares; of the squares of Student's law of 3 degrees, k = 2/3, 46 % with 400 values, 58 % with 4000, and 92 %
with 40 000. So a mean that it lets pass may still have no variance.
"""

from __future__ import annotations

import math

import numpy as np

from langevin.types import FloatArray

#: The largest shape of a law with a variance.
WITH_VARIANCE = 0.5
#: Fewest independent values, and fewest parts of the record whose largest values are compared.
ENOUGH, PARTS = 400, 40
#: Share of the values in the tail times the root of their independent number.
TAIL = 3.0
#: The three largest parts of a power law are apart by more than this, in logarithms, 19 times of 20.
APART = 0.2
#: Values of a tail that are fitted: a longer one is thinned.
MOST = 2000
#: Excesses below this share of the largest value are round-off, and fewer of them are no tail.
ROUND_OFF, FEWEST = 1e-9, 5


def heavy_tailed(values: FloatArray, memory: float = 0.5) -> str:
    """Why no normal law tells the error of the mean of values (walkers, frames), empty if nothing speaks against it.

    Args:
        values: finite, of independent walkers.
        memory: their correlation time in frames, 1/2 for independent frames.
    """
    independent = values.size / (2.0 * memory)
    if independent < ENOUGH:
        return ""
    count = int(TAIL / math.sqrt(independent) * values.size)
    centred = values - values.mean()
    shape = max(tail_shape(side, count) for side in (centred.ravel(), -centred.ravel()))
    # the relative error of the estimate is (1 + k) / sqrt(independent values in the tail)
    error = (1.0 + WITH_VARIANCE) / math.sqrt(TAIL * math.sqrt(independent))
    if shape <= WITH_VARIANCE + error or _close_together(np.abs(centred)):
        return ""
    exponent = f"{1.0 / shape:.2g} +- {error / shape**2:.1g}"
    return (
        f"the largest values fall off as a power law of the exponent {exponent}, below 2: their variance is infinite, "
        "no interval of the mean holds, and it is most often too near to the bulk"
    )


def tail_shape(values: FloatArray, count: int) -> float:
    """Shape k of the generalised Pareto law of the `count` largest values (n,), minus infinity where they are alike."""
    largest = np.sort(np.partition(values, len(values) - count - 1)[-count - 1 :])
    excess = largest[1:] - largest[0]
    excess = excess[excess > ROUND_OFF * float(np.abs(values).max())]
    if len(excess) < FEWEST:
        return -math.inf
    step = -(-len(excess) // MOST)
    return _shape(excess[step // 2 :: step])


def _shape(excess: FloatArray) -> float:
    """The estimate of Zhang and Stephens from excesses over a threshold, sorted: a mean over the likelihood of b."""
    count = len(excess)
    places = np.arange(1, 31 + int(math.sqrt(count)))
    spread = 1.0 - np.sqrt(len(places) / (places - 0.5))
    scale = 1.0 / excess[-1] + spread / (3.0 * excess[int(count / 4 + 0.5) - 1])
    scale = scale[scale != 0.0]  # there the law is exponential, and the formula has no number
    shapes = np.log1p(-scale[:, None] * excess).mean(axis=1)
    likelihood = count * (np.log(-scale / shapes) - shapes - 1.0)
    weights = np.exp(likelihood - likelihood.max())
    best = float(scale @ weights / weights.sum())
    return float(np.log1p(-best * excess).mean())


def _close_together(sizes: FloatArray) -> bool:
    """Whether the largest sizes of the three largest walkers, or parts of few walkers' records, are alike."""
    pieces = -(-PARTS // len(sizes))
    parts = np.array_split(sizes, min(pieces, sizes.shape[1]), axis=1)
    largest = np.sort(np.concatenate([part.max(axis=1) for part in parts]))
    return bool(largest[-1] <= math.exp(APART) * largest[-3])
