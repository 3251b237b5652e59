"""Whether values have tails so heavy that a normal distribution does not describe the error of their mean.

The largest values follow a generalised Pareto distribution of some shape k (Pickands, Ann. Stat. 3 (1975) 119). Their
variance is infinite if k > 1/2. The mean of a sample is then usually too close to the bulk: a few very large values
dominate the true mean, and most samples do not contain them. k is estimated from the fraction 3 / sqrt(independent
values) of largest values (Vehtari and others 2024, J. Mach. Learn. Res. 25 (72) 1) by the method of Zhang and Stephens
(Technometrics 51 (2009) 316).

A distant second region that is rarely visited looks like such a tail at this threshold. But its values are close
together, and those of a power law are not: the largest values of three walkers differ.

With fewer than `ENOUGH` values the rule does not decide. In 200 runs of 400 to 4000 independent or correlated values,
it refused no run with Gaussian or exponential tails or in a double well, and at most two with the squares of such
values. For the squares of Student's distribution with 3 degrees of freedom, k = 2/3, it refused 46 % with 400 values,
58 % with 4000, and 92 % with 40 000. So a mean that it accepts may still have no variance.
"""

from __future__ import annotations

import math

import numpy as np

from langevin.types import FloatArray

#: The largest shape of a distribution with a variance.
WITH_VARIANCE = 0.5
#: Smallest number of independent values, and of parts of the record whose largest values are compared.
ENOUGH, PARTS = 400, 40
#: Fraction of values in the tail, times the root of the number of independent values.
TAIL = 3.0
#: For a power law, the maxima of the three largest parts differ by more than this, in logarithms, in 19 of 20 cases.
APART = 0.2
#: Largest number of tail values in the fit; a longer tail is thinned.
MOST = 2000
#: Excesses below this fraction of the largest value are round-off; smallest number of excesses of a tail.
ROUND_OFF, FEWEST = 1e-9, 5


def heavy_tailed(values: FloatArray, memory: float = 0.5) -> str:
    """Why a normal distribution does not describe the error of the mean of values (walkers, frames); empty if it may.

    Args:
        values: finite values of independent walkers.
        memory: correlation time of the values in frames, 1/2 for independent frames.
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
    """Shape k of the generalised Pareto distribution of the `count` largest values (n,); minus infinity if equal."""
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
    scale = scale[scale != 0.0]  # there the distribution is exponential, and the formula is not defined
    shapes = np.log1p(-scale[:, None] * excess).mean(axis=1)
    likelihood = count * (np.log(-scale / shapes) - shapes - 1.0)
    weights = np.exp(likelihood - likelihood.max())
    best = float(scale @ weights / weights.sum())
    return float(np.log1p(-best * excess).mean())


def _close_together(sizes: FloatArray) -> bool:
    """Whether the maxima of the three largest walkers (or parts of few walkers' records) are nearly equal."""
    pieces = -(-PARTS // len(sizes))
    parts = np.array_split(sizes, min(pieces, sizes.shape[1]), axis=1)
    largest = np.sort(np.concatenate([part.max(axis=1) for part in parts]))
    return bool(largest[-1] <= math.exp(APART) * largest[-3])
