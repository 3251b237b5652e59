"""Correlation of a function of the state with its later value, over independent walkers."""

from __future__ import annotations

import math

import numpy as np

from langevin.measure.moments import StateFunction
from langevin.measure.walkers import sound
from langevin.types import Measurement, Trajectory


def walker_correlation(
    trajectory: Trajectory, function: StateFunction, first: int, second: int
) -> Measurement:
    """Correlation over walkers of a function at two frames; its error comes from the influence function of each walker.

    Args:
        trajectory: The run; lost walkers are left out.
        function: Takes states (walkers, dim), returns (walkers,).
        first: Earlier frame.
        second: Later frame.
    """
    walkers = sound(trajectory)
    pair = [np.asarray(function(trajectory.states[walkers.keep, frame])) for frame in (first, second)]
    n, sizes = len(pair[0]), [float(part.std()) for part in pair]
    if n < 3 or not min(sizes) > 0.0:
        note = "a number that is the same for all walkers has no correlation"
        return Measurement(math.nan, math.inf, n, "correlation over walkers", False, note)
    u, v = ((part - part.mean()) / size for part, size in zip(pair, sizes))
    value = float((u * v).mean())
    error = float((u * v - value * (u**2 + v**2) / 2.0).std(ddof=1)) / n**0.5
    return Measurement(value, error, n, "correlation over walkers", walkers.fair, walkers.note)
