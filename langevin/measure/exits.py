"""How often walkers leave a region, and how long they stay in it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from langevin.errors import UsageError
from langevin.measure.bootstrap import bootstrap_walkers
from langevin.measure.moments import correlation_time
from langevin.measure.occupancy import FEWEST_TRANSITIONS, Region, membership
from langevin.measure.stationarity import unsettled
from langevin.measure.walkers import Mask, joined
from langevin.measure.windows import Window, window
from langevin.types import FloatArray, Measurement, Positive, Trajectory, Waits

#: Stays must last this many frame gaps on average; otherwise too many of them begin and end between two frames.
FRAMES_A_STAY = 10


def exit_rate(
    trajectory: Trajectory,
    inside: Region,
    *,
    elsewhere: Region | None = None,
    first_time: float,
    last_time: float = math.inf,
) -> Measurement:
    """Exits from a region per time spent in it.

    A diffusing walker near a border crosses it infinitely often, so the count grows with the density of frames. Two
    regions with a gap between them give a rate: a walker in the gap counts for the region that it was in last, and an
    exit is an arrival `elsewhere`. Without `elsewhere` it is the complement, which is valid only for jumps. The error
    is over walkers by the bootstrap. For one walker it is rate / sqrt(exits) (Poisson), and n is the number of exits.
    Without an exit there is no error. `mixed` is False with fewer than 20 exits, with stays shorter than 10 frame gaps
    on average, or if the rate changes in time or from walker to walker (`langevin.measure.stationarity`).

    Args:
        trajectory: The run.
        inside: The region, as in `occupation`.
        elsewhere: The other region, arrivals in which are exits; the complement of `inside` if None.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: as `occupation`, the regions overlap, or no time is spent in the region.
    """
    part = window(trajectory, first_time, last_time)
    leaves, stays = _exits(part, inside, elsewhere)
    return _ratio(part, leaves, stays, "exit rate", 1)


def residence_time(
    trajectory: Trajectory,
    inside: Region,
    *,
    elsewhere: Region | None = None,
    first_time: float,
    last_time: float = math.inf,
) -> Measurement:
    """Mean duration of a stay in a region: time in it per exit, with stays that the window cuts; see `exit_rate`.

    Args:
        trajectory: The run.
        inside: The region, as in `occupation`.
        elsewhere: The other region, arrivals in which are exits; the complement of `inside` if None.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: as `exit_rate`, or there is no exit.
    """
    part = window(trajectory, first_time, last_time)
    leaves, stays = _exits(part, inside, elsewhere)
    if not leaves.any():
        raise UsageError("no walker leaves the region in the window", "a region that is left", "run longer")
    return _ratio(part, leaves, stays, "residence time", -1)


def _exits(part: Window, inside: Region, elsewhere: Region | None) -> tuple[Mask, FloatArray]:
    """Exits of each walker and its time in the region, from each frame to the next (walkers, frames - 1)."""
    within = membership(part, inside)
    without = ~within if elsewhere is None else membership(part, elsewhere)
    if (within & without).any():
        raise UsageError(
            "the two regions overlap", "regions without a common state", "leave a gap between them"
        )
    frames = np.where(within | without, np.arange(within.shape[1]), 0)
    latest = np.maximum.accumulate(frames, axis=1)
    belongs = np.take_along_axis(within, latest, axis=1)
    leaves = belongs[:, :-1] & ~belongs[:, 1:]
    stays = belongs[:, :-1] * np.diff(part.run.times)
    if not stays.any():
        raise UsageError(
            "no walker is in the region in the window",
            "a region that is visited",
            "choose another region or window",
        )
    return leaves, stays


def _ratio(part: Window, leaves: Mask, stays: FloatArray, name: str, power: int) -> Measurement:
    """(exits / time)^power: the rate, or for the power -1 the residence time.

    The test uses exits minus rate x time, which has no memory if the rate is constant.
    """
    exits, time = leaves.sum(axis=1), stays.sum(axis=1)
    rest = leaves - float(exits.sum() / time.sum()) * stays
    rows = np.stack([exits, time], axis=1).astype(float)
    measured = bootstrap_walkers(rows, lambda means: (means[:, 0] / means[:, 1]) ** power, name)
    count, stay = int(exits.sum()), float(time.sum()) / max(int(exits.sum()), 1)
    if not count:
        measured = replace(measured, error=math.inf)
    elif len(rows) == 1:
        measured = replace(measured, error=measured.value / math.sqrt(count), n=count, note="", mixed=True)
    few = f"only {count} exits, {FEWEST_TRANSITIONS} are needed: run longer"
    short = (
        f"a stay lasts {stay / part.spacing:.1f} frame gaps, {FRAMES_A_STAY} are needed: record more often"
    )
    doubt = joined(
        few if count < FEWEST_TRANSITIONS else "",
        short if stay < FRAMES_A_STAY * part.spacing else "",
        joined(unsettled(rest, 1.0, correlation_time(rest)), part.doubt),
    )
    note = joined(part.note, measured.note, doubt)
    few_exits = Waits(count, float(time.sum()), watched=True, power=-power)
    law = few_exits if len(rows) == 1 or count < FEWEST_TRANSITIONS else Positive()
    return replace(measured, mixed=measured.mixed and not doubt, note=note, law=law)
