"""Means of functions of the state over walkers and time."""

from __future__ import annotations

import math

from langevin.measure.frames import deviations
from langevin.measure.moments import ENOUGH, StateFunction
from langevin.measure.walkers import joined
from langevin.measure.windows import doubts, memory_of, series, window
from langevin.types import Measurement, Trajectory
from langevin.words import counted


def time_mean(trajectory: Trajectory, function: StateFunction | str, burn_in: float) -> Measurement:
    """Mean over walkers and time after `burn_in`; its error includes the correlation in time.

    The weight of a frame is the time since the frame before, so frames and steps of different lengths give a mean over
    time. `n` is the effective number of independent values, frames x walkers / (2 x integrated correlation time); below
    100 `mixed` is False, because the correlation time is then not known. `mixed` is also False if the values were not
    stationary or have no variance (`langevin.measure.stationarity` says what the tests can miss), or if a walker had
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
