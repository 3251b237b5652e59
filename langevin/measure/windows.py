"""Part of a run between two times: its sound walkers, its frames, the weight of each frame, and means over it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from langevin.errors import UsageError
from langevin.measure.moments import ENOUGH, StateFunction, _series, correlation_time
from langevin.measure.stationarity import unsettled
from langevin.measure.walkers import joined, sound
from langevin.types import FloatArray, Measurement, Status, Trajectory
from langevin.words import counted

FEWEST_FRAMES = 4
#: Gaps and lags that differ by less than this, relatively, count as equal: times are rounded sums of steps.
ALIKE = 1e-6


class Window(NamedTuple):
    """The sound walkers between two times: their run, and a note.

    `spacing` is the mean time between the frames, and `weights` (frames,) is the weight of each frame in a mean over
    time. `moving` is False if a walker had stopped at a target before the end of the window. `doubt` states why a mean
    over the window is not reliable: a walker has stopped, or too many were lost. It is empty otherwise.
    """

    run: Trajectory
    spacing: float
    weights: FloatArray
    note: str
    moving: bool
    doubt: str = ""


def window(trajectory: Trajectory, first_time: float, last_time: float) -> Window:
    """Frames with first_time <= time <= last_time of the walkers that neither diverged nor failed.

    Args:
        trajectory: the run.
        first_time: start of the window.
        last_time: end of the window.

    Raises:
        UsageError: there are fewer than 4 frames, or no walker is left.
    """
    keep, note, fair = sound(trajectory)
    frames = np.flatnonzero((trajectory.times >= first_time) & (trajectory.times <= last_time))
    if len(frames) < FEWEST_FRAMES:
        raise UsageError(
            f"{counted(len(frames), 'frame lies', 'frames lie')} between the times {first_time:g} and {last_time:g}",
            allowed=f"at least {FEWEST_FRAMES} are needed",
        )
    part = slice(int(frames[0]), int(frames[-1]) + 1)
    times, steps = trajectory.times[part], trajectory.steps[part]
    events = {name: np.asarray(values)[keep] for name, values in trajectory.events.items()}
    stopped = int(((events["status"] == Status.HIT) & (events["step"] < steps[-1])).sum())
    run = replace(
        trajectory,
        times=times,
        steps=steps,
        states=trajectory.states[keep, part],
        observables={name: values[keep, part] for name, values in trajectory.observables.items()},
        events=events,
    )
    note = joined(
        note, f"{counted(stopped, 'walker')} had stopped at a target in this window" if stopped else ""
    )
    spacing = float((times[-1] - times[0]) / (len(times) - 1))
    doubt = joined(
        "a stopped walker is not stationary" if stopped else "", "" if fair else "too many walkers were lost"
    )
    return Window(run, spacing, time_weights(trajectory.times, part), note, not stopped, doubt)


def even_window(trajectory: Trajectory, first_time: float, last_time: float) -> Window:
    """A window with frames evenly spaced in time, for estimators that depend on the lag between them.

    Args:
        trajectory: the run.
        first_time: start of the window.
        last_time: end of the window.

    Raises:
        UsageError: the frames are not evenly spaced in time, or as `window`.
    """
    part = window(trajectory, first_time, last_time)
    if not evenly_spaced(part.run.times):
        raise UsageError(
            "the frames are not evenly spaced in time",
            "frames of one spacing",
            "take steps of one length, record every n-th of them, and "
            "choose a window without a shorter gap at its end",
        )
    return part


def memory_of(part: Window, *series: FloatArray) -> float:
    """Longest correlation time, in frames, of series (walkers, frames), with the weights of the frames."""
    return max(correlation_time(deviations(values, part.weights)[1]) for values in series)


def doubts(part: Window, memory: float, *series: FloatArray) -> str:
    """Why a mean over time is not reliable: the doubt of the window, or a series (walkers, frames) not stationary.

    Args:
        part: the window.
        memory: correlation time of the series, in frames (`memory_of`).
        series: all series on which the mean depends.
    """
    reasons = dict.fromkeys(unsettled(values, part.weights, memory) for values in series)
    return joined(*reasons, part.doubt)


def series(part: Window, function: StateFunction | str) -> FloatArray:
    """Values (walkers, frames) of a function of the states (points, dim), or of a recorded observable.

    Raises:
        UsageError: the observable is unknown, or values of the function have a wrong shape or are not finite.
    """
    values = np.asarray(_series(part.run, function), dtype=float)
    if not np.isfinite(values).all():
        raise UsageError(
            "the values are not finite in every frame", "finite values", "check the function or the run"
        )
    return values


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


def time_mean(trajectory: Trajectory, function: StateFunction | str, burn_in: float) -> Measurement:
    """Mean over walkers and time after `burn_in`; its error includes the correlation in time.

    The weight of a frame is the time since the frame before, so frames and steps of different lengths give a mean over
    time. `n` is the effective number of independent values, frames x walkers / (2 x integrated correlation time); below
    100 `mixed` is False, because the correlation time is then not known. `mixed` is also False if the values were not
    stationary or have no variance (`langevin.measure.stationarity` lists what the tests can miss), or if a walker had
    stopped at a target.

    Args:
        trajectory: The run; diverged and failed walkers are left out.
        function: Function of the states (points, dim), or the name of an observable.
        burn_in: Time after which the frames count, in the unit of `times`.

    Raises:
        UsageError: the observable is unknown, there are fewer than 4 frames after the burn-in, or a value is not
            finite.
    """
    part = window(trajectory, burn_in, math.inf)
    values = series(part, function)
    memory = memory_of(part, values)
    mean, spread = deviations(values, part.weights)
    effective = values.size / (2 * memory)
    few = f"only {counted(round(effective), 'effective value')}, {ENOUGH} are needed: run longer"
    doubt = joined(few if effective < ENOUGH else "", doubts(part, memory, values))
    error = float(spread.std() / math.sqrt(effective))
    return Measurement(mean, error, int(effective), "time mean", not doubt, joined(part.note, doubt))
