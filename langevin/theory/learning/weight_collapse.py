"""The weight decay at which a two-layer ReLU network with hinge loss collapses to zero.

With inputs z, whose last entry is 1 for the bias, and units a relu(u.z) without a bias at the output, let

    gamma = max over unit vectors u of |mean over samples of y relu(u.z)| .

For a unit, mean y a relu(u.z) <= gamma |a| |u| <= gamma (a^2 + |u|^2) / 2. So mean y f <= gamma |x|^2 / 2 for all
weights x. Samples with y f >= 1 do not contribute to the slope of the hinge loss, and x.grad f = 2 f (Euler). So under
the gradient flow of mean hinge loss + w |x|^2 / 2

    d (|x|^2 / 2) / dt = (2 / samples) (sum of the y f that are below 1) - w |x|^2 <= (gamma - w) |x|^2 .

For w > gamma every network shrinks to zero, from every start. For w < gamma a small unit along the best u grows. So
gamma is the threshold, not only a bound. Every local maximum of |mean y relu(u.z)| is such a threshold for the units
that move towards it: while they are small, a and |u| grow or shrink at the rate (height - w), and u turns uphill.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError, unfit
from langevin.types import FloatArray, Prediction

#: Steps of an ascent, and the length of its first step, 1000 times the length of its last step.
STEPS, STRIDE = 1000, 0.3
#: Number of random directions from which the highest maximum is searched.
STARTS = 256


def hill_heights(inputs: ArrayLike, labels: ArrayLike, starts: ArrayLike) -> FloatArray:
    """Values (starts,) of |mean y relu(u.z)| that an ascent from each of the directions `starts` reaches.

    Args:
        inputs: (samples, features), without the 1 for the bias.
        labels: (samples,), 1 or -1.
        starts: (starts, features + 1), of any length above 0; the last feature is the bias.

    Raises:
        UsageError: the shapes do not fit, a label is not 1 or -1, or a number is not finite.
    """
    table, signs = np.asarray(inputs, dtype=float), np.asarray(labels, dtype=float)
    units = np.array(starts, dtype=float)
    fit = table.ndim == units.ndim == 2 and table.size and units.shape[1] == table.shape[1] + 1
    if not fit or signs.shape != (len(table),):
        raise UsageError(
            f"inputs {table.shape}, labels {signs.shape} and starts {units.shape} do not fit",
            "they must be (samples, features), (samples,) and (starts, features + 1)",
        )
    norms = np.linalg.norm(units, axis=1, keepdims=True)
    if not (np.isfinite(table).all() and np.isfinite(norms).all() and norms.all()):
        raise unfit("inputs and starts", "must be finite, and no start zero", "")
    if not np.isin(signs, (-1, 1)).all():
        raise unfit("labels", "must be 1 or -1", "")
    samples = np.column_stack([table, np.ones(len(table))])
    units /= norms
    towards = np.where(np.maximum(units @ samples.T, 0) @ signs < 0, -1.0, 1.0)[:, None]
    heights = np.zeros(len(units))
    for step in range(STEPS):
        slope = towards * (((units @ samples.T > 0) * signs) @ samples) / len(samples)
        heights = np.maximum(heights, (slope * units).sum(axis=1))
        units += STRIDE * 1e-3 ** (step / STEPS) * slope
        units /= np.linalg.norm(units, axis=1, keepdims=True)
    return heights


def collapse_decay(inputs: ArrayLike, labels: ArrayLike) -> Prediction:
    """gamma (module docstring): the highest maximum found from random directions.

    It is a lower bound, because a higher maximum may have been missed. The remainder is the difference from the second
    highest result of the ascents; it is round-off if several found the same maximum.

    Args:
        inputs: (samples, features), without the 1 for the bias.
        labels: (samples,), 1 or -1.

    Raises:
        UsageError: as `hill_heights`.
    """
    features = np.shape(inputs)[-1] if np.ndim(inputs) else 0
    starts = np.random.default_rng(0).standard_normal((STARTS, features + 1))
    second, first = np.sort(hill_heights(inputs, labels, starts))[-2:]
    return Prediction(float(first), float(first - second))
