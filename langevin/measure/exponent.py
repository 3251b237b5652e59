"""The exponent of the mean squared displacement: 1 for diffusion, 2 for ballistic motion."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.measure.arrival import AFTER, BEFORE, Stretch, arrival_frames, stretch
from langevin.measure.displacement import lags_of, squared_displacements
from langevin.measure.walkers import joined
from langevin.measure.windows import ALIKE
from langevin.types import FloatArray, Measurement, Trajectory

Lags = tuple[float, float]
RESAMPLES = 400
MOST_LAGS = 30
FEWEST_LAGS = 4
ROUND_OFF = 1e-12
#: If the exponents of the two halves of a window differ by more than this, the MSD is not one power law.
CURVED = 0.1


def displacement_exponents(trajectory: Trajectory, lags: Lags | None = None) -> dict[str, Measurement]:
    """Exponents of the MSD before and after arrival on the zero-loss set, for toys and networks.

    Args:
        trajectory: The run.
        lags: Shortest and longest lag (in time) to fit; all lags if None.

    Returns:
        Measurements under "before arrival" and "after arrival"; if the run does not show one, it has the value NaN,
        n = 0, `mixed` False and the reason in `note`.

    Raises:
        UsageError: as `langevin.measure.arrival_frames`.
    """
    arrival_frames(trajectory)
    return {window: _measured_or_why_not(trajectory, window, lags) for window in (BEFORE, AFTER)}


def local_exponent(
    trajectory: Trajectory, *, window: str, lags: Lags | None = None, seed: int = 0
) -> Measurement:
    """Exponent alpha of MSD(t) ~ t^alpha over a window: least-squares slope of log MSD on log lag.

    The MSD is the mean over chains at up to 30 lags, evenly spread in log lag, that all chains of the window have. The
    error is the standard deviation over 400 bootstrap resamples of the chains, with the factor sqrt(n / (n - 1)).
    `mixed` is False if the MSD is not a single power law: the exponents of the two halves of the window differ by more
    than three errors and more than 0.1. Causes are saturation on a compact set and the equipartition of stiff
    directions. `note` then contains both exponents.

    Args:
        trajectory: The run.
        window: "before arrival" or "after arrival".
        lags: Shortest and longest lag (in time) to fit; all lags if None.
        seed: Seed of the bootstrap.

    Raises:
        UsageError: the run has no such part, the part has fewer than 4 lags, or the chains do not move.
    """
    part = stretch(trajectory, window)
    times = shared_lags(trajectory, part)
    times = _thinned(times if lags is None else times[_within(times, lags)])
    squared = squared_displacements(trajectory, part, times)
    msd = squared.mean(axis=0)
    if not (np.isfinite(msd) & (msd > 0)).all():
        raise UsageError(
            f"the displacement {window} is zero or not finite",
            "a displacement above 0",
            "choose a window in which it moves",
        )
    log_lags = np.log(times)
    slopes = _slopes(log_lags)
    value, first, second = slopes @ np.log(msd)
    name = f"slope of log MSD on log lag, {window}, lags {times[0]:.3g} to {times[-1]:.3g}"
    n = len(squared)
    if n < 2:
        note = joined(part.note, "one chain has no error: run more")
        return Measurement(float(value), math.inf, n, name, False, note)
    error, error_difference = _bootstrap(squared, slopes, seed)
    straight = abs(second - first) <= max(3 * error_difference, CURVED)
    curve = f"not one power law: the exponent goes from {first:.2f} to {second:.2f} over the window"
    note = joined(part.note, "" if straight else curve)
    return Measurement(float(value), error, n, name, bool(straight) and part.fair, note)


def _measured_or_why_not(trajectory: Trajectory, window: str, lags: Lags | None) -> Measurement:
    try:
        return local_exponent(trajectory, window=window, lags=lags)
    except UsageError as reason:
        return Measurement(math.nan, math.inf, 0, f"slope of log MSD, {window}", False, str(reason))


def shared_lags(trajectory: Trajectory, part: Stretch) -> FloatArray:
    """Lags in time at which the first chain of a part was recorded and that every chain of the part covers.

    Args:
        trajectory: the run.
        part: of the run.
    """
    rows = [lags_of(trajectory, part, row) for row in range(len(part.chains))]
    return rows[0][_within(rows[0], (max(row[0] for row in rows), min(row[-1] for row in rows)))]


def _within(times: FloatArray, lags: Lags) -> NDArray[np.bool_]:
    """Which times are between two lags, up to round-off."""
    return np.asarray((times >= lags[0] * (1 - ALIKE)) & (times <= lags[1] * (1 + ALIKE)))


def _thinned(times: FloatArray) -> FloatArray:
    """Up to 30 of the lags, evenly spread in log lag.

    Raises:
        UsageError: there are fewer than 4 lags.
    """
    if len(times) >= FEWEST_LAGS:
        wanted = np.geomspace(times[0], times[-1], MOST_LAGS)
        times = times[np.unique(np.abs(np.log(wanted[:, None] / times)).argmin(axis=1))]
    if len(times) < FEWEST_LAGS:
        raise UsageError(
            f"only {len(times)} recorded lags lie in the window, {FEWEST_LAGS} are needed",
            "that many lags",
            "record more frames",
        )
    return times


def _slopes(x: FloatArray) -> FloatArray:
    """Rows that map y(x) to its least-squares slopes over all of x, over its first half and over its second half."""
    middle = (x[0] + x[-1]) / 2
    parts = [np.full(x.shape, True), x <= middle, x >= middle]
    for part, nearest in ((parts[1], slice(None, 2)), (parts[2], slice(-2, None))):
        part[nearest] = True  # a slope needs two points
    rows = [np.where(part, x - x[part].mean(), 0) for part in parts]
    return np.array([row / (row**2).sum() for row in rows])


def _bootstrap(squared: FloatArray, slopes: FloatArray, seed: int) -> tuple[float, float]:
    """Standard errors of the exponent, and of the difference between the exponents of the halves."""
    n = len(squared)
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    msd = counts @ squared / n
    resampled = np.log(msd[(msd > 0).all(axis=1)]) @ slopes.T
    spread = math.sqrt(n / (n - 1))
    difference = resampled[:, 2] - resampled[:, 1]
    return max(float(spread * resampled[:, 0].std()), ROUND_OFF), float(spread * difference.std())
