"""Growth of the logarithm of times as the fraction of the table shrinks, and how far it is from an exponential."""

import math

import numpy as np

from langevin.measure.seeds import mean_over
from langevin.types import Measurement, Status


def growth(late):
    """Growth of log T per unit of the fraction, below and above the middle fraction; half its difference over its mean.

    `late` are runs at three fractions, by fraction. Their events are the times T between memorising and generalising,
    and the status of the networks.
    """
    parts = sorted(late)
    logs = [mean_over(np.log(np.maximum(late[part].events["time"], 1))) for part in parts]
    sides, uneven = unevenness(parts, [m.value for m in logs])
    near, far = np.diff(parts)
    # the difference is a sum of the three logarithms with these weights; the error of the mean hardly matters
    weights = 1 / near, 1 / near + 1 / far, 1 / far
    error = math.hypot(*(weight * m.error for weight, m in zip(weights, logs))) / abs(sum(sides))
    complete = all((one.events["status"] == Status.HIT).all() for one in late.values())
    return sides, Measurement(uneven, error, min(m.n for m in logs), "unevenness of the growth", complete)


def unevenness(parts, logs):
    """Decrease of three logarithms per unit of the fraction on both sides; half its difference over its mean."""
    low, high = -np.diff(logs) / np.diff(parts)
    return (low, high), (low - high) / (low + high)
