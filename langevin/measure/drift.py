"""Mean displacement and drift velocity."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import UsageError
from langevin.measure.walkers import joined, sound
from langevin.types import Measurement, Status, Trajectory
from langevin.words import counted


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
