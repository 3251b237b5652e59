"""The batch size above which minibatch noise is Gaussian, part of `sims.sgd_noise`."""

import math
from dataclasses import replace

import numpy as np

from langevin.measure.seeds import mean_over


def boundary(noise, batches, bounds):
    """Batch size at which every number has fallen to its bound, in the worst stage and direction.

    Numbers are interpolated against log(batch size). The error has two parts: the standard error over networks, and
    the standard deviation of a uniform distribution over the gap between the batch sizes on both sides, since the
    curve between them is not known.

    Args:
        noise: values (stages, networks, batch sizes, directions) by name.
        batches: batch sizes in rising order.
        bounds: bound of each number by name.
    """
    sizes = []
    for name, bound in bounds.items():
        rows = np.minimum.accumulate(noise[name], axis=2)
        logs = np.apply_along_axis(lambda row, at: np.interp(-at, -row, np.log(batches)), 2, rows, bound)
        sizes.append(np.exp(logs))
    found = np.moveaxis(sizes, 2, 0)
    columns = found.reshape(len(found), -1)
    worst = columns[:, columns.mean(axis=0).argmax()]
    crossing = mean_over(worst, "batch size at which the noise becomes Gaussian")
    after = np.clip(np.searchsorted(batches, crossing.value), 1, len(batches) - 1)
    gap = batches[after] - batches[after - 1]
    return replace(crossing, error=math.hypot(crossing.error, gap / math.sqrt(12)))
