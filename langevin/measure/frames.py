"""Frames in time: whether they are evenly spaced, and the weight of each frame in a mean over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.types import FloatArray

#: Gaps and lags that differ by less than this, relatively, count as equal: times are rounded sums of steps.
ALIKE = 1e-6


def evenly_spaced(times: FloatArray) -> bool:
    """Whether the gaps between times (frames,) are all equal."""
    gaps = np.diff(times)
    return bool((np.abs(gaps - gaps.mean()) <= ALIKE * gaps.mean()).all())


def time_weights(times: FloatArray, part: Any) -> FloatArray:
    """Weights of the frames `part`, an index of times (draws,), in a mean over time; their mean is 1.

    The weight of a frame is proportional to the time since the frame before it; for the first frame of a run, to the
    time until the next. So evenly spaced frames all have the weight 1, and steps of different lengths count by their
    length (Welling and Teh 2011).
    """
    gaps = np.diff(times)
    own: FloatArray = np.concatenate([gaps[:1], gaps])[part]
    relative: FloatArray = own / own.mean()
    return np.ones_like(own) if (np.abs(relative - 1) <= ALIKE).all() else relative


def deviations(values: FloatArray, weights: FloatArray | float) -> tuple[float, FloatArray]:
    """Weighted mean of values (walkers, frames), and the weighted deviations from it, whose mean is 0."""
    mean = float((weights * values).mean())
    return mean, weights * (values - mean)
