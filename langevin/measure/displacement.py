"""The displacement of the chains after a lag."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.measure.arrival import Stretch, last_frames
from langevin.measure.walkers import sound
from langevin.measure.windows import ALIKE
from langevin.types import FloatArray, Trajectory, blocks


def mean_squared_displacement(trajectory: Trajectory, origin: ArrayLike = 0) -> tuple[FloatArray, FloatArray]:
    """Squared displacement |x(origin + lag) - x(origin)|^2 of each chain; its mean over chains is the MSD.

    Nothing is subtracted: neither a drift of the centre nor thermal motion across the set.

    Args:
        trajectory: Positions, or the sketch of the weights, whose squared distances estimate the true ones.
        origin: Frame from which displacement counts: one for all chains or one for each; -1 leaves a chain out.

    Returns:
        Lags in time (lags,), from the chain with the longest record, and squared displacements (chains, lags). They are
        interpolated linearly between two frames, and NaN if a chain has no record, or has stopped, diverged or failed.

    Raises:
        UsageError: an origin is not a frame, or no chain has a frame after its origin.
    """
    keep = sound(trajectory).keep
    chains, draws, _ = trajectory.states.shape
    start = np.broadcast_to(np.asarray(origin), (chains,)).astype(np.int64)
    if start.min() < -1 or start.max() >= draws:
        raise UsageError("an origin lies outside the record", allowed=f"frames go from 0 to {draws - 1}")
    end = last_frames(trajectory)
    rows = np.flatnonzero(keep & (start >= 0) & (end > start))
    if not len(rows):
        raise UsageError(
            "no chain has a frame after its origin",
            "an origin before the last frame",
            "choose an earlier origin",
        )
    part = Stretch(rows, start[rows], end[rows], "")
    longest = np.argmax(trajectory.times[part.end] - trajectory.times[part.start])
    lags = lags_of(trajectory, part, int(longest))
    squared: FloatArray = np.full((chains, len(lags)), np.nan)
    squared[rows] = squared_displacements(trajectory, part, lags)
    return lags, squared


def lags_of(trajectory: Trajectory, part: Stretch, row: int) -> FloatArray:
    """Lags, in time, at which one chain of a part of the run was recorded."""
    times = trajectory.times[part.start[row] : part.end[row] + 1]
    return np.asarray(times[1:] - times[0], dtype=np.float64)


def squared_displacements(trajectory: Trajectory, part: Stretch, lags: FloatArray) -> FloatArray:
    """Squared displacement (chains of the part, lags in time), NaN beyond the record of a chain.

    For diffusion, linear interpolation in the lag is exact on average. For another exponent its error is of second
    order in frame gap / lag. Below the first lag of a chain it is not used.
    """
    squared = np.empty((len(part.chains), len(lags)))
    alike = (part.start == part.start[0]).all() and (part.end == part.end[0]).all()
    if alike and np.array_equal(lags, lags_of(trajectory, part, 0)):  # nothing to interpolate
        frames = slice(int(part.start[0]), int(part.end[0]) + 1)
        for rows, held in _held(trajectory, part):
            paths = held[:, frames]
            squared[rows] = ((paths[:, 1:] - paths[:, :1]) ** 2).sum(axis=2)
        return squared
    for row, path in enumerate(_paths(trajectory, part)):
        moved = ((path[1:] - path[0]) ** 2).sum(axis=1)
        own = lags_of(trajectory, part, row)
        # times are rounded, so a lag slightly beyond the record counts as its end
        known = (lags >= own[0] * (1 - ALIKE)) & (lags <= own[-1] * (1 + ALIKE))
        squared[row] = np.where(known, np.interp(lags, own, moved), np.nan)
    return squared


def _held(trajectory: Trajectory, part: Stretch) -> Iterator[tuple[slice, FloatArray]]:
    """States (chains, frames, dim) of the chains of a stretch, and which; read by blocks of chains."""
    states = trajectory.states
    each = int(np.prod(states.shape[1:])) * states.dtype.itemsize
    for (rows,) in blocks(part.chains.shape, each):
        yield rows, np.asarray(states[part.chains[rows]])


def _paths(trajectory: Trajectory, part: Stretch) -> Iterator[FloatArray]:
    """The path (frames, dim) of each chain of a stretch."""
    for rows, held in _held(trajectory, part):
        for path, start, end in zip(held, part.start[rows], part.end[rows], strict=True):
            yield path[start : end + 1]
