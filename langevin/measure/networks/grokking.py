"""When networks memorise and when they generalise: times at which an accuracy is reached.

Two choices decide such a time: the level (1, strict, or 0.95), and whether the *first* frame at that level counts, or
the first frame after which the accuracy stays there for the rest of the run (*sustained*). A network that never reaches
the level is censored at the end of the run, not dropped. Times are those of the record, lr x steps.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.measure.arrival import arrival_frames
from langevin.measure.walkers import joined, sound
from langevin.types import FloatArray, Measurement, Positive, Status, Trajectory
from langevin.words import counted


class Arrivals(NamedTuple):
    """Times at which chains reach a level of accuracy.

    time      (chains,) of the frame at the level; the end of the run if censored
    censored  (chains,) whether the run ended before
    gap       (chains,) time since the frame before: the arrival is in this gap
    note      about omitted chains, and the criterion
    fair      whether the remaining chains are a fair sample of all
    """

    time: FloatArray
    censored: NDArray[np.bool_]
    gap: FloatArray
    note: str
    fair: bool = True


def memorisation_times(trajectory: Trajectory, *, level: float = 1.0, sustained: bool = False) -> Arrivals:
    """When the training accuracy reaches the level (`accuracy_times`).

    Args:
        trajectory: a run of networks.
        level: training accuracy in (0, 1].
        sustained: whether the accuracy must stay at the level until the end.
    """
    return accuracy_times(trajectory, "train", level=level, sustained=sustained)


def generalisation_times(trajectory: Trajectory, *, level: float = 1.0, sustained: bool = False) -> Arrivals:
    """When the test accuracy reaches the level (`accuracy_times`).

    Args:
        trajectory: a run of networks.
        level: test accuracy in (0, 1].
        sustained: whether the accuracy must stay at the level until the end.
    """
    return accuracy_times(trajectory, "test", level=level, sustained=sustained)


def accuracy_times(
    trajectory: Trajectory, part: str, *, level: float = 1.0, sustained: bool = False
) -> Arrivals:
    """When the accuracy on `part`, `train` or `test`, reaches the level, for every chain that did not diverge.

    Args:
        trajectory: a run of networks.
        part: train or test.
        level: accuracy in (0, 1].
        sustained: whether the accuracy must stay at the level until the end.

    Raises:
        UsageError: the part is unknown, the level is outside (0, 1], the accuracy was not recorded, or no chain is
            left.
    """
    if part not in ("train", "test"):
        raise UsageError(f"there is no part {part!r}", "'train' or 'test'", "choose one of these")
    if not 0 < level <= 1:
        raise UsageError(f"the level is {level}", "it must be above 0 and at most 1")
    if f"{part}_accuracy" not in trajectory.observables:
        raise UsageError(
            f"this run did not record {part}_accuracy",
            "a training of a network",
            "give a run of `langevin train`",
        )
    keep, note, fair = sound(trajectory)
    reached = np.asarray(trajectory.observables[f"{part}_accuracy"])[keep] >= level
    if sustained:
        reached = np.logical_and.accumulate(reached[:, ::-1], axis=1)[:, ::-1]
    criterion = f"{part} accuracy {level:g}, {'sustained' if sustained else 'first'}"
    return _first(trajectory, reached, joined(criterion, note), fair)


def arrival_times(trajectory: Trajectory) -> Arrivals:
    """When the training loss reaches the zero-loss set (`langevin.measure.arrival_frames`), for sound chains.

    Args:
        trajectory: a run of networks.

    Raises:
        UsageError: the run does not define arrival, or no chain is left.
    """
    keep, note, fair = sound(trajectory)
    frame = arrival_frames(trajectory)[keep, None]
    reached = (frame >= 0) & (np.arange(len(trajectory.times)) >= frame)
    return _first(trajectory, reached, joined("first on the zero-loss set", note), fair)


def _first(trajectory: Trajectory, reached: NDArray[np.bool_], note: str, fair: bool) -> Arrivals:
    """Arrivals at the first frame where `reached` (chains, frames) is True."""
    arrived = np.asarray(reached.any(axis=1))
    frame = np.where(arrived, reached.argmax(axis=1), len(trajectory.times) - 1)
    time = np.asarray(trajectory.times, dtype=float)[frame]
    gap = np.where(arrived, time - trajectory.times[np.maximum(frame - 1, 0)], 0.0)
    return Arrivals(time, np.logical_not(arrived), gap, note, fair)


def grokking_waits(trajectory: Trajectory, *, level: float = 1.0, sustained: bool = False) -> Trajectory:
    """The run with the time from memorised to generalised as the time of its events, over seeds.

    `langevin.measure.arrival_rate`, `coefficient_of_variation` and `exponential_score` take this run. A network that
    does not generalise is censored at the end of the run.

    Args:
        trajectory: a run of networks.
        level: accuracy in (0, 1], of both parts.
        sustained: whether the accuracies must stay at the level until the end.

    Raises:
        UsageError: as `accuracy_times`, or a network generalised before it memorised.
    """
    first, last = (
        accuracy_times(trajectory, part, level=level, sustained=sustained) for part in ("train", "test")
    )
    waits = last.time - first.time
    if (waits < 0).any():
        raise UsageError(
            counted(
                int((waits < 0).sum()), "network generalised before it", "networks generalised before they"
            )
            + " memorised",
            "networks that memorise first",
            "leave them out by a mask",
        )
    keep = sound(trajectory).keep
    status, time = (np.array(trajectory.events[name]) for name in ("status", "time"))
    status[keep], time[keep] = np.where(last.censored, Status.CENSORED, Status.HIT), waits
    return replace(trajectory, events={**trajectory.events, "status": status, "time": time})


def mean_time(arrivals: Arrivals) -> Measurement:
    """Mean over chains; its error is the standard error and the mean gap between frames, added in squares.

    With censored chains the mean is not known: the value, with their times at the end of the run, is a lower bound, and
    `mixed` is False.

    Args:
        arrivals: times of networks, as the functions above return them.
    """
    n, missing = len(arrivals.time), int(arrivals.censored.sum())
    value = float(arrivals.time.mean())
    if missing:
        note = joined(arrivals.note, f"{missing} of {n} chains censored: the mean is at least this")
        return Measurement(value, math.inf, n, "lower bound", False, note)
    if n == 1:
        note = joined(arrivals.note, "one chain has no standard error")
        return Measurement(value, math.inf, 1, "sample mean", False, note)
    error = math.hypot(float(arrivals.time.std(ddof=1)) / math.sqrt(n), float(arrivals.gap.mean()))
    return Measurement(value, error, n, "sample mean", arrivals.fair, arrivals.note, Positive())


def median_time(arrivals: Arrivals) -> Measurement:
    """Median over chains; it needs no assumption about censored chains if they are fewer than half.

    The error is half the distance of two order statistics, and the gap between frames, added in squares. The order
    statistics are chosen by the binomial distribution of the number of chains below the median, so that they enclose it
    in about 68 % of all samples; their distance is scaled by the normal quantile of their true coverage. `mixed` is
    False if the median (then the value is a lower bound) or the upper order statistic is censored, and with fewer than
    3 chains.

    Args:
        arrivals: times of networks, as the functions above return them.
    """
    from scipy.special import bdtr, ndtri

    n, missing = len(arrivals.time), int(arrivals.censored.sum())
    late = np.where(arrivals.censored, math.inf, arrivals.time)
    order = np.argsort(late, kind="stable")
    ordered = late[order]
    note = joined(arrivals.note, f"{missing} of {n} chains censored" if missing else "")
    # At both ends as many chains are cut as possible with a coverage of 60 % or more.
    cut = max((k for k in range((n + 1) // 2) if k == 0 or 2 * bdtr(k, n, 0.5) <= 0.4), default=0)
    value = float(np.median(arrivals.time))
    if not math.isfinite(ordered[n // 2]):
        note = joined(note, "the median is at least this")
        return Measurement(value, math.inf, n, "lower bound", False, note)
    if n < 3 or not math.isfinite(ordered[n - 1 - cut]):
        note = joined(note, f"too few chains {'arrived ' if missing else ''}for an error")
        return Measurement(value, math.inf, n, "median", False, note)
    coverage = 1 - 2 * float(bdtr(cut, n, 0.5))
    half = (ordered[n - 1 - cut] - ordered[cut]) / 2 / float(ndtri((1 + coverage) / 2))
    error = math.hypot(float(half), float(arrivals.gap[order[n // 2]]))
    return Measurement(value, error, n, "median", arrivals.fair, note)
