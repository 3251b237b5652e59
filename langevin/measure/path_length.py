"""Length of the paths of walkers, compared with the distance between their ends."""

from __future__ import annotations

import math

import numpy as np

from langevin.measure.blockwise import over_walkers
from langevin.measure.walkers import joined
from langevin.measure.windows import even_window
from langevin.types import FloatArray, Measurement, Trajectory


def mean_path_length(
    trajectory: Trajectory, *, first_time: float, last_time: float = math.inf
) -> tuple[Measurement, Measurement]:
    """Mean length of the polygon through the recorded frames, and mean distance between its ends.

    The length of a diffusing path is not a property of the motion: it grows without limit, as the inverse square root
    of the time between frames. `note` contains the ratio of the length with every second frame: 1/sqrt(2) = 0.71 for
    diffusion and 1 for a smooth path. Errors are over walkers. `mixed` is False for one walker, or if some walkers had
    stopped at a target.

    Args:
        trajectory: A run of evenly spaced frames; diverged and failed walkers are left out.
        first_time: Where the window begins.
        last_time: Where it ends.

    Raises:
        UsageError: the window has fewer than 4 evenly spaced frames, or no walker is left.
    """
    part = even_window(trajectory, first_time, last_time)
    states = part.run.states
    even = 2 * ((states.shape[1] - 1) // 2) + 1
    lengths, whole, coarse, distance = over_walkers(states, lambda path: _of(path, even)).T
    ratio = float(coarse.sum() / whole.sum()) if whole.any() else 1.0
    note = joined(
        part.note, part.doubt, f"every second frame gives {ratio:.3f} of it; a diffusing path has no length"
    )
    return (
        _mean(lengths, f"path length over frames {part.spacing:.4g} apart", note, not part.doubt),
        _mean(distance, "distance between the ends", part.note, not part.doubt),
    )


def _of(path: FloatArray, even: int) -> FloatArray:
    """Length, length of the first `even` frames and of every second of these, distance of the ends: (walkers, 4)."""
    distance = np.sqrt(((path[:, -1] - path[:, 0]) ** 2).sum(axis=-1))
    pair = path[:, :even]
    return np.stack([_lengths(path), _lengths(pair), _lengths(pair[:, ::2]), distance], axis=1)


def _lengths(states: FloatArray) -> FloatArray:
    """Length of the polygon of each walker (walkers,)."""
    return np.asarray(np.sqrt((np.diff(states, axis=1) ** 2).sum(axis=-1)).sum(axis=1))


def _mean(values: FloatArray, name: str, note: str, good: bool) -> Measurement:
    n = len(values)
    error = float(values.std(ddof=1) / math.sqrt(n)) if n > 1 else math.inf
    note = joined(note, "" if n > 1 else "one walker has no standard error")
    return Measurement(float(values.mean()), error, n, name, good and n > 1, note)
