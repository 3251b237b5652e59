"""Means and correlations over the walkers of functions of the state, which is read one block at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.measure.stationarity import heavy_tailed
from langevin.measure.walkers import joined, sound
from langevin.types import FloatArray, Measurement, Trajectory, blocks

#: function(states (points, dim)) -> values (points,)
StateFunction = Callable[[FloatArray], NDArray[np.floating]]
#: Largest size of a spectrum in memory, in bytes (16 MiB).
SPECTRUM_BYTES = 2**24
#: With fewer effective values, their correlation time is not known.
ENOUGH = 100


def over_states(states: FloatArray, function: Callable[[FloatArray], Any]) -> NDArray[Any]:
    """Values (walkers, frames) of a function of the state, which takes (points, dim) and returns (points,).

    The states (walkers, frames, dim) may be in a file. They are read in blocks of at most 64 MiB, so memory contains
    the values and one block. The function receives one block at a time.

    Args:
        states: (walkers, frames, dim).
        function: from states (points, dim) to values (points,).

    Raises:
        UsageError: the function returns a wrong shape.
    """
    walkers, frames, dim = states.shape
    values: NDArray[Any] | None = None
    for part in blocks((walkers, frames), dim * states.dtype.itemsize):
        block = np.asarray(states[part])
        points = block.reshape(-1, dim)
        found = np.asarray(function(points))
        if found.shape != points.shape[:1]:
            raise UsageError(
                f"the function gives {found.shape} for states {points.shape}", allowed="one value a state"
            )
        if values is None:
            values = np.empty((walkers, frames), found.dtype)
        values[part] = found.reshape(block.shape[:2])
    assert values is not None  # there is a block even if there is no walker
    return values


def over_walkers(states: FloatArray, function: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Rows (walkers, ...) of a function of whole paths, which takes (some walkers, frames, dim).

    The states (walkers, frames, dim) may be in a file. They are read in blocks of at most 64 MiB, or of one
    walker if its path is larger, so memory contains the rows and one block.

    Args:
        states: (walkers, frames, dim).
        function: from paths (some walkers, frames, dim) to rows (some walkers, ...).
    """
    each = int(np.prod(states.shape[1:])) * states.dtype.itemsize
    return np.concatenate([function(np.asarray(states[part])) for part in blocks(states.shape[:1], each)])


def ensemble_mean(trajectory: Trajectory, function: StateFunction, frame: int = -1) -> Measurement:
    """Mean over the independent walkers of a function of the state at one frame, with its standard error.

    `mixed` is False if the values have no variance (`langevin.measure.stationarity`).

    Args:
        trajectory: The run; diverged and failed walkers are left out.
        function: Takes states (walkers, dim), returns (walkers,).
        frame: Index of the recorded frame.

    Raises:
        UsageError: the frame does not exist, no walker is left, or values of the function have a wrong shape or are not
            finite.
    """
    keep, note, fair = sound(trajectory)
    draws = trajectory.states.shape[1]
    if not -draws <= frame < draws:
        raise UsageError(f"there is no frame {frame}", f"0 to {draws - 1}", "choose one of these")
    frame %= draws
    values = _finite(over_states(trajectory.states[keep, frame : frame + 1], _as_floats(function))[:, 0])
    n = len(values)
    error = float(values.std(ddof=1) / math.sqrt(n)) if n > 1 else math.inf
    doubt = "one walker has no standard error" if n == 1 else heavy_tailed(values[:, None])
    return Measurement(
        float(values.mean()), error, n, "ensemble mean", fair and not doubt, joined(note, doubt)
    )


def correlation_time(values: FloatArray) -> float:
    """Integrated correlation time of (walkers, frames) in frames: 1/2 for independent values.

    The autocorrelation about the common mean is averaged over the walkers, so walkers that stay in different regions
    count as correlated. It is summed up to the first lag of at least 5 times the sum so far (Sokal 1997).
    """
    frames = values.shape[1]
    centred = values - values.mean()
    variance = float((centred**2).mean())
    if variance == 0:
        return 0.5
    covariance = np.fft.irfft(mean_power(centred))[:frames] / (frames - np.arange(frames))
    times = np.cumsum(covariance / variance) - 0.5
    settled = np.flatnonzero(np.arange(frames) >= 5 * times)
    return max(float(times[settled[0]] if len(settled) else times.max()), 0.5)


def mean_power(centred: FloatArray) -> FloatArray:
    """Mean over the rows of the power spectrum of (rows, frames), padded to twice the frames; by blocks of rows."""
    rows, frames = centred.shape
    block = max(1, SPECTRUM_BYTES // (16 * (frames + 1)))
    total = np.zeros((0, frames + 1))
    for first in range(0, rows, block):
        power = np.abs(np.fft.rfft(centred[first : first + block], 2 * frames, axis=1)) ** 2
        total = np.concatenate([total, power]).sum(axis=0, keepdims=True)
    mean: FloatArray = total[0] / rows
    return mean


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


def _series(trajectory: Trajectory, function: StateFunction | str) -> FloatArray:
    """Values (walkers, frames)."""
    if isinstance(function, str):
        if function not in trajectory.observables:
            known = ", ".join(trajectory.observables) or "none"
            raise UsageError(f"there is no observable {function!r}", allowed=f"this run has {known}")
        return np.asarray(trajectory.observables[function], dtype=float)
    return over_states(trajectory.states, _as_floats(function))


def _as_floats(function: StateFunction) -> StateFunction:
    return lambda states: np.asarray(function(states), dtype=float)


def _finite(values: FloatArray) -> FloatArray:
    if not np.isfinite(values).all():
        raise UsageError(
            "the function is not finite at every state", "finite values", "check the function or the run"
        )
    return values
