"""How far walkers move: displacement, its mean and square, drift, diffusion at long times, and length of the path."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.measure.arrival import Stretch, last_frames
from langevin.measure.moments import over_walkers
from langevin.measure.walkers import joined, sound
from langevin.measure.windows import ALIKE, even_window
from langevin.types import FloatArray, Measurement, Status, Trajectory, blocks
from langevin.words import counted

#: Largest number of coordinates for which a sum by coordinates is faster than a sum by vectors.
FEW = 8


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
    """Lags, in time, at which one chain of a part of the run was recorded.

    Args:
        trajectory: the run.
        part: of the run.
        row: index of the chain in the part.
    """
    times = trajectory.times[part.start[row] : part.end[row] + 1]
    return np.asarray(times[1:] - times[0], dtype=np.float64)


def squared_displacements(trajectory: Trajectory, part: Stretch, lags: FloatArray) -> FloatArray:
    """Squared displacement (chains of the part, lags in time), NaN beyond the record of a chain.

    For diffusion, linear interpolation in the lag is exact on average. For another exponent its error is of second
    order in frame gap / lag. Below the first lag of a chain it is not used.

    Args:
        trajectory: the run.
        part: of the run.
        lags: in time, (lags,).
    """
    squared = np.empty((len(part.chains), len(lags)))
    alike = (part.start == part.start[0]).all() and (part.end == part.end[0]).all()
    if alike and np.array_equal(lags, lags_of(trajectory, part, 0)):  # nothing to interpolate
        frames = slice(int(part.start[0]), int(part.end[0]) + 1)
        for rows, held in _held(trajectory, part):
            moved = held[:, frames][:, 1:] - held[:, frames][:, :1]
            squared[rows] = _squared_lengths(moved)
        return squared
    for row, path in enumerate(_paths(trajectory, part)):
        moved = ((path[1:] - path[0]) ** 2).sum(axis=1)
        own = lags_of(trajectory, part, row)
        # times are rounded, so a lag slightly beyond the record counts as its end
        known = (lags >= own[0] * (1 - ALIKE)) & (lags <= own[-1] * (1 + ALIKE))
        squared[row] = np.where(known, np.interp(lags, own, moved), np.nan)
    return squared


def mean_displacement(trajectory: Trajectory, coordinate: int = 0, frame: int = -1) -> Measurement:
    """Mean over the walkers of x(t) - x(0), with its standard error.

    Args:
        trajectory: The run. Diverged and failed walkers are left out. If walkers had stopped at a target before the
            frame, `mixed` is False, because they no longer move.
        coordinate: Index of the coordinate of the state.
        frame: Index of the recorded frame at time t.

    Raises:
        UsageError: the coordinate or the frame does not exist, or no walker is left.
    """
    keep, note, fair = sound(trajectory)
    _, draws, dim = trajectory.states.shape
    if not -dim <= coordinate < dim:
        raise UsageError(f"there is no coordinate {coordinate}", f"0 to {dim - 1}", "choose one of these")
    if not -draws <= frame < draws:
        raise UsageError(f"there is no frame {frame}", f"0 to {draws - 1}", "choose one of these")
    moved = np.subtract(*(trajectory.states[:, place, coordinate][keep] for place in (frame, 0)))
    status = np.asarray(trajectory.events["status"])[keep]
    stopped = (status == Status.HIT) & (np.asarray(trajectory.events["step"])[keep] < trajectory.steps[frame])
    if stopped.any():
        note = joined(
            note, f"{counted(int(stopped.sum()), 'walker')} had stopped at the target before this frame"
        )
    n = len(moved)
    error = float(moved.std(ddof=1) / math.sqrt(n)) if n > 1 else math.inf
    note = joined(note, "" if n > 1 else "one walker has no standard error")
    mixed = fair and n > 1 and not stopped.any()
    return Measurement(float(moved.mean()), error, n, "mean displacement", mixed, note)


def drift_velocity(trajectory: Trajectory, coordinate: int = 0, frame: int = -1) -> Measurement:
    """Mean displacement from the first frame to `frame`, over the time between them.

    Args:
        trajectory: The run.
        coordinate: Index of the coordinate of the state.
        frame: Index of the last recorded frame.

    Raises:
        UsageError: as `mean_displacement`, or the time between the frames is 0.
    """
    moved = mean_displacement(trajectory, coordinate, frame)
    elapsed = float(trajectory.times[frame] - trajectory.times[0])
    if not elapsed > 0:
        raise UsageError("no time passes up to this frame", "a frame after the first", "choose a later one")
    return Measurement(
        moved.value / elapsed, moved.error / elapsed, moved.n, "drift velocity", moved.mixed, moved.note
    )


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
        first_time: Start of the window.
        last_time: End of the window.

    Raises:
        UsageError: the window has fewer than 4 evenly spaced frames, or no walker is left.
    """
    part = even_window(trajectory, first_time, last_time)
    states = part.run.states
    even = 2 * ((states.shape[1] - 1) // 2) + 1
    lengths, whole, coarse, distance = over_walkers(states, lambda path: _path_lengths(path, even)).T
    ratio = float(coarse.sum() / whole.sum()) if whole.any() else 1.0
    note = joined(
        part.note, part.doubt, f"every second frame gives {ratio:.3f} of it; a diffusing path has no length"
    )
    return (
        _mean_length(lengths, f"path length over frames {part.spacing:.4g} apart", note, not part.doubt),
        _mean_length(distance, "distance between the ends", part.note, not part.doubt),
    )


def _squared_lengths(vectors: FloatArray) -> FloatArray:
    """Squared lengths (chains, frames) of vectors (chains, frames, dim)."""
    if vectors.shape[2] > FEW:
        return np.asarray(np.einsum("ijk,ijk->ij", vectors, vectors))
    squares: FloatArray = np.square(vectors[:, :, 0])
    for place in range(1, vectors.shape[2]):
        squares += np.square(vectors[:, :, place])
    return squares


def _held(trajectory: Trajectory, part: Stretch) -> Iterator[tuple[slice, FloatArray]]:
    """States (chains, frames, dim) of the chains of a stretch, and which; read by blocks of chains."""
    states = trajectory.states
    each = int(np.prod(states.shape[1:])) * states.dtype.itemsize
    for (rows,) in blocks(part.chains.shape, each):
        chains = part.chains[rows]  # in rising order: a slice of all of them needs no copy
        one_piece = slice(chains[0], chains[-1] + 1) if chains[-1] - chains[0] < len(chains) else chains
        yield rows, np.asarray(states[one_piece])


def _paths(trajectory: Trajectory, part: Stretch) -> Iterator[FloatArray]:
    """The path (frames, dim) of each chain of a stretch."""
    for rows, held in _held(trajectory, part):
        for path, start, end in zip(held, part.start[rows], part.end[rows], strict=True):
            yield path[start : end + 1]


def _growth(origin: FloatArray, near: FloatArray, far: FloatArray) -> FloatArray:
    """Growth of the squared distance from the origin, for each walker; arguments (walkers, dim)."""
    early, late = (((place - origin) ** 2).sum(axis=1) for place in (near, far))
    return np.asarray(late - early)


def _path_lengths(path: FloatArray, even: int) -> FloatArray:
    """Length, length of the first `even` frames and of every second of these, distance of the ends: (walkers, 4)."""
    distance = np.sqrt(((path[:, -1] - path[:, 0]) ** 2).sum(axis=-1))
    pair = path[:, :even]
    return np.stack(
        [_polygon_lengths(path), _polygon_lengths(pair), _polygon_lengths(pair[:, ::2]), distance], axis=1
    )


def _polygon_lengths(states: FloatArray) -> FloatArray:
    """Length of the polygon of each walker (walkers,)."""
    return np.asarray(np.sqrt((np.diff(states, axis=1) ** 2).sum(axis=-1)).sum(axis=1))


def _mean_length(values: FloatArray, name: str, note: str, good: bool) -> Measurement:
    n = len(values)
    error = float(values.std(ddof=1) / math.sqrt(n)) if n > 1 else math.inf
    note = joined(note, "" if n > 1 else "one walker has no standard error")
    return Measurement(float(values.mean()), error, n, name, good and n > 1, note)
