"""The diffusion coefficient at long times, from the growth of the squared displacement at the end of a run."""

from __future__ import annotations

import numpy as np

from langevin.measure.walkers import sound
from langevin.types import FloatArray, Measurement, Trajectory, blocks


def late_diffusion(trajectory: Trajectory) -> Measurement:
    """D = (E |x(t) - x(t/2)|^2 - E |x(3t/4) - x(t/2)|^2) / (2 dim t/4), over independent walkers.

    The difference removes the motion of walkers within a well, which does not grow. Lost walkers are left out and
    counted; if there are too many, `mixed` is False.

    Args:
        trajectory: a run with frames close to half and three quarters of its time.
    """
    times = trajectory.times
    half, later = (int(np.abs(times - share * times[-1]).argmin()) for share in (0.5, 0.75))
    if not 0 < half < later < len(times) - 1:
        note = "no frames at half and three quarters of the time, which the growth is measured between"
        return Measurement(float("nan"), float("inf"), 0, "growth of the squared displacement", False, note)
    keep, lost, fair = sound(trajectory)
    states, time = trajectory.states, float(times[-1] - times[later])
    walkers, _, dim = states.shape
    slopes = np.concatenate(
        [
            _growth(*(states[rows, frame][keep[rows]] for frame in (half, later, -1))) / (2.0 * dim * time)
            for (rows,) in blocks((walkers,), 3 * dim * states.dtype.itemsize)
        ]
    )
    n = len(slopes)
    error = float(slopes.std(ddof=1)) / n**0.5 if n > 1 else float("inf")
    name = "growth of the squared displacement"
    return Measurement(float(slopes.mean()), error, n, name, fair and n > 1, lost)


def _growth(origin: FloatArray, near: FloatArray, far: FloatArray) -> FloatArray:
    """Growth of the squared distance from the origin, for each walker; arguments (walkers, dim)."""
    early, late = (((place - origin) ** 2).sum(axis=1) for place in (near, far))
    return np.asarray(late - early)
