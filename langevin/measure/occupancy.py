"""Where the walkers are: fraction of time in a region and its free energy, where they end, and whether they stay."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.measure.bootstrap import mean_over_blocks
from langevin.measure.interval import log_of
from langevin.measure.moments import ENOUGH, over_states
from langevin.measure.walkers import Mask, joined, sound
from langevin.measure.windows import Window, doubts, even_window, memory_of, series, window
from langevin.types import FloatArray, Measurement, Share, Status, Trajectory

#: inside(states (points, dim)) -> boolean (points,); or the name of an observable that is 0 or 1
Region = Callable[[FloatArray], Mask] | str
#: With fewer crossings than this, their rate is not known well enough.
FEWEST_TRANSITIONS = 20


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
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: the window has fewer than 4 frames, no walker is left, or the function is not boolean or has a wrong
            shape.
    """
    part = window(trajectory, first_time, last_time)
    within = membership(part, inside)
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

    Args:
        trajectory: a run of walkers.
        inside: function of states (..., dim) that returns which are in the region.
        after: time from arrival to the second look.
        first_time: beginning of the window.
        last_time: end of the window.

    Raises:
        UsageError: as `occupation`, walkers stop at a target, frames are not evenly spaced, or `after` is shorter than
            a frame gap.
    """
    part = even_window(trajectory, first_time, last_time)
    within = membership(part, inside)
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
    """Fraction of the walkers (walkers,) that are members, with its exact distribution; error by Wilson's interval.

    Args:
        members: mask of the walkers, (walkers,).
        name: name of the estimator.
        note: for the reader; empty if there is none.
        known: whether the walkers are a fair sample.
    """
    n, count = len(members), int(members.sum())
    low, high = wilson_interval(count, n, 1.0)
    return Measurement(count / n, (high - low) / 2, n, name, known, note, Share(count, n))


def membership(part: Window, inside: Region) -> Mask:
    """Whether each walker is in the region (walkers, frames).

    Args:
        part: window of the run.
        inside: the region, as in `occupation`.
    """
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


def free_energy(
    trajectory: Trajectory, inside: Region, *, first_time: float, last_time: float = math.inf
) -> Measurement:
    """F(U) = -theta log p(U), with p(U) the fraction of walkers and time in a region and theta the temperature.

    p(U), its error and its note are those of `occupation`. The error of the logarithm is the relative error of p(U). A
    region that no walker enters has no free energy here; `langevin.splitting` can estimate it.

    Args:
        trajectory: The run.
        inside: The region, as in `occupation`.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: as `occupation`, no walker enters the region, or the run does not contain its temperature.
    """
    theta = trajectory.meta.get("temperature")
    if not isinstance(theta, int | float) or not 0 < theta < math.inf:
        raise unfit("a free energy", "needs the temperature of the run in its meta", f"{theta!r}")
    share = occupation(trajectory, inside, first_time=first_time, last_time=last_time)
    if share.value == 0:
        raise UsageError(
            "no walker is in the region within the window",
            "a region that is visited",
            "choose another, or run longer",
        )
    log_share = log_of(share)
    return replace(
        log_share, value=-theta * log_share.value, error=theta * log_share.error, estimator="free energy"
    )
