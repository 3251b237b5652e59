"""When each chain arrives on the zero-loss set, and the parts of the run before and after arrival."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.measure.walkers import joined, sound
from langevin.measure.windows import ALIKE
from langevin.types import Status, Trajectory

Frames = NDArray[np.int64]
BEFORE, AFTER = "before arrival", "after arrival"


class Stretch(NamedTuple):
    """Part of a run: for each of `chains` the frames start ... end, a note on omitted chains, `fair` as in `Sound`."""

    chains: Frames
    start: Frames
    end: Frames
    note: str
    fair: bool = True


def arrival_frames(trajectory: Trajectory) -> Frames:
    """First frame of each chain on the zero-loss set (chains,), -1 if it never arrives.

    The meta of the run defines arrival: `arrival_loss`, the training loss at or below which a chain is on the set; or
    `arrival`: "train accuracy 1", or "start" if the chains start on the set.

    Args:
        trajectory: The run.

    Raises:
        UsageError: the meta contains none of these, or the needed observable was not recorded.
    """
    loss, arrival = trajectory.meta.get("arrival_loss"), trajectory.meta.get("arrival")
    if loss is not None:
        reached = _observable(trajectory, "train_loss") <= loss
    elif arrival == "train accuracy 1":
        reached = _observable(trajectory, "train_accuracy") >= 1
    elif arrival == "start":
        return np.zeros(len(trajectory.events["status"]), dtype=np.int64)
    else:
        raise UsageError(
            "when this run is on the zero-loss set is not known",
            allowed='its meta needs `arrival_loss`, or `arrival` = "train accuracy 1" or "start"',
        )
    return np.where(reached.any(axis=1), reached.argmax(axis=1), -1)


def stretch(trajectory: Trajectory, window: str) -> Stretch:
    """The frames before or after arrival, for the chains in which this part is long enough to have common lags.

    Before: from frame 0 to the arrival, or to the end if there is no arrival. After: from the arrival to the end, or to
    the stop of the walker. Chains whose part is shorter than the median are left out.

    Args:
        trajectory: the run.
        window: `before arrival` or `after arrival`.

    Raises:
        UsageError: the window is unknown, no chain can be used, or as `arrival_frames`.
    """
    arrival = arrival_frames(trajectory)
    keep, note, fair = sound(trajectory)
    last = last_frames(trajectory)
    if window == BEFORE:
        start, end = np.zeros_like(arrival), np.where(arrival >= 0, np.minimum(arrival, last), last)
        missing = "every chain starts on the zero-loss set, so there is no motion before arrival"
    elif window == AFTER:
        start, end = arrival, last
        missing = "no chain arrives on the zero-loss set and continues to move"
    else:
        raise UsageError(
            f"there is no window {window!r}", "two windows are known", f"choose {BEFORE!r} or {AFTER!r}"
        )
    keep = keep & (start >= 0) & (end > start)
    if not keep.any():
        raise UsageError(missing, remedy="start elsewhere" if window == BEFORE else "walk longer")
    length = trajectory.times[end] - trajectory.times[start]
    lengths = np.sort(length[keep])
    long = keep & (length >= lengths[(len(lengths) - 1) // 2] * (1 - ALIKE))
    short = int(len(arrival) - long.sum())
    note = joined(note, f"{short} of {len(arrival)} chains left out, their stretch is short" if short else "")
    chains = np.flatnonzero(long)
    return Stretch(chains, start[chains], end[chains], note, fair)


def last_frames(trajectory: Trajectory) -> Frames:
    """Last frame in which each walker still moves: the last frame, or the frame before it stopped at a target."""
    status = np.asarray(trajectory.events["status"])
    stopped = np.searchsorted(trajectory.steps, np.asarray(trajectory.events["step"]), side="right") - 1
    return np.where(status == Status.HIT, np.maximum(stopped, 0), len(trajectory.steps) - 1)


def _observable(trajectory: Trajectory, name: str) -> NDArray[np.floating]:
    if name not in trajectory.observables:
        raise UsageError(
            f"arrival is defined by `{name}`, which this run did not record",
            "a run that has recorded it",
            "record it in the run",
        )
    return np.asarray(trajectory.observables[name])
