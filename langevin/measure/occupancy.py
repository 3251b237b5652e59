"""Where the walkers are: fraction of time in a region, rate of exits, where they end, and whether they stay."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from langevin.errors import UsageError
from langevin.measure.blockwise import over_states
from langevin.measure.bootstrap import bootstrap_walkers, mean_over_blocks
from langevin.measure.moments import ENOUGH, correlation_time
from langevin.measure.stationarity import unsettled
from langevin.measure.walkers import Mask, joined, sound
from langevin.measure.windows import Window, doubts, even_window, memory_of, series, window
from langevin.types import FloatArray, Measurement, Positive, Share, Status, Trajectory, Waits

#: inside(states (points, dim)) -> boolean (points,); or the name of an observable that is 0 or 1
Region = Callable[[FloatArray], Mask] | str
#: With fewer crossings than this, their rate is not known well enough.
FEWEST_TRANSITIONS = 20
#: Stays must last this many frame gaps on average; otherwise too many of them begin and end between two frames.
FRAMES_A_STAY = 10


def occupation(
    trajectory: Trajectory, inside: Region, *, first_time: float, last_time: float = math.inf
) -> Measurement:
    """Fraction of walkers and time in a region; its error includes the correlation in time.

    The error is over walkers or blocks of their records (`mean_over_blocks`), whose number is n. `mixed` is False with
    fewer than 20 crossings of the border, with fewer than 100 independent values, or if the fraction was not stationary
    (`langevin.measure.stationarity`). If no walker enters the region, or none leaves it, there is no error.

    Args:
        trajectory: The run; the weight of a frame is the time since the frame before.
        inside: Takes states (points, dim), returns True (points,) for those in the region; or the name of an
            observable that is 1 there and 0 elsewhere.
        first_time: Where the window begins: after the burn-in.
        last_time: Where it ends.

    Raises:
        UsageError: the window has fewer than 4 frames, no walker is left, or the function is not boolean or has a wrong
            shape.
    """
    part = window(trajectory, first_time, last_time)
    within = _membership(part, inside)
    values = within.astype(float)
    memory = memory_of(part, values)
    share, error, n = mean_over_blocks(values, memory, part.weights)
    crossings = int((within[:, 1:] != within[:, :-1]).sum())
    if not crossings:
        error = math.inf
    effective = share * (1 - share) / error**2 if error > 0 else math.inf
    rare = f"only {crossings} crossings of the border, {FEWEST_TRANSITIONS} are needed: run longer"
    few = f"worth only {effective:.0f} independent values, {ENOUGH} are needed: run longer"
    doubt = joined(
        rare if crossings < FEWEST_TRANSITIONS else "",
        few if effective < ENOUGH else "",
        doubts(part, memory, values),
    )
    visits = min(share, 1 - share) * effective
    law = Share(share * effective, effective) if 0 < visits < FEWEST_TRANSITIONS else None
    return Measurement(share, error, n, "occupation", not doubt, joined(part.note, doubt), law)


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
        first_time: Where the window begins: after the burn-in.
        last_time: Where it ends.

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
        first_time: Where the window begins: after the burn-in.
        last_time: Where it ends.

    Raises:
        UsageError: as `exit_rate`, or there is no exit.
    """
    part = window(trajectory, first_time, last_time)
    leaves, stays = _exits(part, inside, elsewhere)
    if not leaves.any():
        raise UsageError("no walker leaves the region in the window", "a region that is left", "run longer")
    return _ratio(part, leaves, stays, "residence time", -1)


def capture_probabilities(trajectory: Trajectory, targets: int = 0) -> dict[str, Measurement]:
    """Fraction of the walkers that each target caught, "target 0", "target 1" ..., and "none" for no target.

    The error is half the width of the Wilson interval at one standard error (Wilson 1927), so that a fraction of 0 or 1
    also has an error; `wilson_interval` gives the interval. `mixed` is False if some walkers were still moving, because
    their end is not known. Diverged and failed walkers are left out and counted.

    Args:
        trajectory: A run whose walkers stop at a target.
        targets: Number of targets, so that a target without a walker is also named.

    Raises:
        UsageError: no walker is left, or the walkers had no target.
    """
    keep, note, fair = sound(trajectory)
    status = np.asarray(trajectory.events["status"])[keep]
    if (status == Status.FINISHED).any():
        raise UsageError(
            "some walkers ran without a target to reach", "a run with a target", "run with a stop"
        )
    hit = status == Status.HIT
    target = np.asarray(trajectory.events.get("target", np.zeros(len(keep), dtype=int)))[keep]
    n, late = len(hit), int((~hit).sum())
    note = joined(note, f"{late} of {n} walkers still under way at the horizon" if late else "")
    shares = {
        f"target {index}": hit & (target == index)
        for index in sorted({*range(targets), *target[hit].tolist()})
    }
    return {
        name: share_of(caught, name, note, fair and not late)
        for name, caught in {**shares, "none": ~hit}.items()
    }


def found_and_kept(
    trajectory: Trajectory, inside: Region, *, after: float, first_time: float, last_time: float = math.inf
) -> tuple[Measurement, Measurement]:
    """Fraction of the walkers that arrive in a region, and fraction of these that are in it at a time `after` arrival.

    Finding a region and staying there are different. Arrival is the first frame inside; a walker may leave and return.
    Walkers that arrive less than `after` before the end of the window are left out of the second fraction, and counted.
    If no walker is left, it is NaN with n = 0. Errors are as for `capture_probabilities`.

    Raises:
        UsageError: as `occupation`, walkers stop at a target, frames are not evenly spaced, or `after` is shorter than
            a frame gap.
    """
    part = even_window(trajectory, first_time, last_time)
    within = _membership(part, inside)
    if not part.moving:
        raise UsageError(
            "walkers that stop at the target are kept by force", "a run without a stop", "run without a stop"
        )
    fair = not part.doubt
    frames = round(after / part.spacing) if math.isfinite(after) else 0
    if frames < 1:
        raise UsageError(
            f"after is {after:g}",
            "at least one frame gap",
            f"choose a time of at least one frame gap, {part.spacing:g}",
        )
    found: Mask = within.sum(axis=1) > 0
    check = within.argmax(axis=1) + frames
    followed = np.flatnonzero(found & (check < within.shape[1]))
    late = int(found.sum()) - len(followed)
    note = joined(part.note, f"{late} of {found.sum()} arrived too late to be followed" if late else "")
    name = f"kept a time {frames * part.spacing:.4g} after arrival"
    if not len(followed):
        note = joined(note, "no walker arrives so long before the end of the window: run longer")
        return share_of(found, "found", part.note, fair), Measurement(
            math.nan, math.inf, 0, name, False, note
        )
    kept = np.take_along_axis(within[followed], check[followed][:, None], axis=1).ravel()
    return share_of(found, "found", part.note, fair), share_of(kept, name, note, fair)


def wilson_interval(count: float, n: float, z: float = 1.959964) -> tuple[float, float]:
    """Interval for a probability from `count` successes in n trials (Wilson 1927), z standard errors in each direction.

    Args:
        count: Number of successes.
        n: Number of trials.
        z: Half width of the interval in standard errors.

    Raises:
        UsageError: there is no trial, or the count is not from 0 to n.
    """
    if not (n >= 1 and 0 <= count <= n):
        raise UsageError(
            f"{count} of {n} is no share", "0 <= count <= n", "choose n at least 1 and a count from 0 to n"
        )
    centre = (count + z * z / 2) / (n + z * z)
    half = z * math.sqrt(count * (n - count) / n + z * z / 4) / (n + z * z)
    return centre - half, centre + half


def share_of(members: Mask, name: str, note: str = "", known: bool = True) -> Measurement:
    """Fraction of the walkers (walkers,) that are members, with its exact distribution; error by Wilson's interval."""
    n, count = len(members), int(members.sum())
    low, high = wilson_interval(count, n, 1.0)
    return Measurement(count / n, (high - low) / 2, n, name, known, note, Share(count, n))


def _exits(part: Window, inside: Region, elsewhere: Region | None) -> tuple[Mask, FloatArray]:
    """Exits of each walker and its time in the region, from each frame to the next (walkers, frames - 1)."""
    within = _membership(part, inside)
    without = ~within if elsewhere is None else _membership(part, elsewhere)
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


def _membership(part: Window, inside: Region) -> Mask:
    """Whether each walker is in the region (walkers, frames)."""
    if isinstance(inside, str):
        values = series(part, inside)
        if not np.isin(values, (0, 1)).all():
            raise UsageError(f"the observable {inside!r} is no region", "it must be 0 or 1 in every frame")
        return np.asarray(values == 1)

    def members(states: FloatArray) -> Mask:
        found = np.asarray(inside(states))
        if found.shape != states.shape[:1] or found.dtype != bool:
            raise UsageError(
                f"the region gives {found.dtype}{found.shape} for {len(states)} states",
                allowed="one boolean a state",
            )
        return found

    return over_states(part.run.states, members)
