"""Correlation in time of a run: correlation and relaxation times, effective sample size, split R-hat."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.measure.bootstrap import bootstrap_error, bootstrap_walkers
from langevin.measure.exponent import FEWEST_LAGS, MOST_LAGS, _slopes
from langevin.measure.moments import ENOUGH, StateFunction, correlation_time, mean_power
from langevin.measure.walkers import joined
from langevin.measure.windows import Window, doubts, even_window, memory_of, series
from langevin.types import FloatArray, Measurement, Positive, Trajectory
from langevin.words import counted

#: Chains with a larger split R-hat have not mixed.
MIXED_BELOW = 1.05
#: If the rates of the halves of a lag window differ by more than this, relatively, the decay is not one exponential.
CURVED = 0.1


def integrated_autocorrelation_time(
    trajectory: Trajectory, function: StateFunction | str, *, first_time: float, last_time: float = math.inf
) -> Measurement:
    """Integral of the autocorrelation from lag 0 to infinity, in time; 1 / k for exp(-k t).

    The trapezoidal sum S over lags up to W, the first lag of at least 5 times the sum so far (Sokal 1997); its relative
    error is sqrt(4 (W + 1/2 - S) / values) (Wolff 2004, hep-lat/0306017, equation 42). A small sum also has a small
    error, so the interval is that of a positive number. `mixed` is False with fewer than 100 effective values, or if
    they were not stationary (`langevin.measure.stationarity`).

    Args:
        trajectory: A run of evenly spaced frames, stationary within the window.
        function: Function of the states (points, dim), or the name of an observable.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: as `window` and `series`, or the values are constant.
    """
    part = even_window(trajectory, first_time, last_time)
    values = _varying(part, function)
    frames = correlation_time(values)
    effective = values.size / (2 * frames)
    reason = _doubt(part, values)
    value = frames * part.spacing
    error = value * _sum_error(frames, values.size)
    name = "integrated autocorrelation time"
    return Measurement(value, error, int(effective), name, not reason, joined(part.note, reason), Positive())


def effective_sample_size(
    trajectory: Trajectory, function: StateFunction | str, *, first_time: float, last_time: float = math.inf
) -> Measurement:
    """Number of independent values with the same error of the mean over walkers and time (`effective_size`).

    Its relative error is the relative error of the sum of correlations. `mixed` is as for
    `integrated_autocorrelation_time`; n is the number of values.

    Args:
        trajectory: The run.
        function: Function of the states (points, dim), or the name of an observable.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: as `integrated_autocorrelation_time`.
    """
    part = even_window(trajectory, first_time, last_time)
    values = _varying(part, function)
    size = effective_size(values)
    error = size * _sum_error(values.size / (2 * size), values.size)
    reason = _doubt(part, values)
    name = "effective sample size"
    return Measurement(size, error, values.size, name, not reason, joined(part.note, reason), Positive())


def split_r_hat(
    trajectory: Trajectory, function: StateFunction | str, *, first_time: float, last_time: float = math.inf
) -> Measurement:
    """Split R-hat (`potential_scale_reduction`): 1 for chains that have mixed; above 1.05 `mixed` is False.

    The error comes from the variance of the 2 n means of the halves, with the relative error sqrt(2 / (2 n - 1)), as
    for normal and independent means.

    Args:
        trajectory: The run.
        function: Function of the states (points, dim), or the name of an observable.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: as `integrated_autocorrelation_time`.
    """
    part = even_window(trajectory, first_time, last_time)
    values = _varying(part, function)
    value = potential_scale_reduction(values)
    between = value**2 - 1 + 1 / (values.shape[1] // 2)
    error = between / (2 * value) * math.sqrt(2 / (2 * len(values) - 1)) if value < math.inf else math.inf
    apart = f"not mixed: split R-hat {value:.2f} > {MIXED_BELOW}" if value > MIXED_BELOW else ""
    reason = joined(_few(values), apart, part.doubt)
    return Measurement(value, error, len(values), "split R-hat", not reason, joined(part.note, reason))


def relaxation_time(
    trajectory: Trajectory,
    function: StateFunction | str,
    *,
    lags: tuple[float, float],
    first_time: float,
    last_time: float = math.inf,
) -> Measurement:
    """Time constant of the autocorrelation between two lags: -1 / (least-squares slope of its log).

    At lags much longer than the times of the faster modes this is 1 / (spectral gap), if the function contains the
    slowest mode. The error is by the bootstrap over walkers. `mixed` is False if the autocorrelation is not
    significantly above zero at the longest lag. It is also False if the decay rates in the two halves of the window
    differ by more than three errors and 10 %: the decay is not one exponential.

    Args:
        trajectory: A run of evenly spaced frames, stationary within the window.
        function: Function of the states (points, dim), or the name of an observable.
        lags: Shortest and longest lag of the fit, in time.
        first_time: Start of the window, after the burn-in.
        last_time: End of the window.

    Raises:
        UsageError: as `integrated_autocorrelation_time`, or there are fewer than 4 lags to fit.
    """
    part = even_window(trajectory, first_time, last_time)
    values = _varying(part, function)
    frames = _lags_between(lags, part.spacing, values.shape[1])
    rows = _lagged_products(values, frames)
    slopes = _slopes(np.asarray(frames * part.spacing))

    def time_and_curve(means: FloatArray) -> FloatArray:
        covariance = means[:, 1:] - means[:, :1] ** 2
        rates = -np.log(np.where(covariance > 0, covariance, np.nan)) @ slopes.T
        return np.stack([1 / rates[:, 0], (rates[:, 2] - rates[:, 1]) / rates[:, 0], covariance[:, -1]], 1)

    name = f"relaxation time, lags {frames[0] * part.spacing:.3g} to {frames[-1] * part.spacing:.3g}"
    measured = bootstrap_walkers(rows, lambda means: time_and_curve(means)[:, 0], name, part.note)
    _, curve, last = time_and_curve(rows.mean(axis=0)[None])[0]
    _, curve_error, last_error = bootstrap_error(rows, time_and_curve, name)
    faint = "" if last > 3 * last_error else "the autocorrelation at the longest lag is below its noise"
    bent = abs(curve) > max(3 * curve_error, CURVED)
    shape = f"not one exponential: the rate changes by {curve:+.0%} over the lags" if bent else ""
    good = measured.mixed and not part.doubt and not faint and not bent
    return replace(measured, mixed=good, note=joined(measured.note, faint, shape))


def effective_size(values: FloatArray) -> float:
    """Effective number of values of chains (chains, frames), without ranks.

    Chains are cut in halves. The autocorrelation about the mean of each half is corrected for the spread of the means,
    summed in pairs up to the first negative pair, and made monotone (Geyer 1992). The result is at most N log10(N)
    (Vehtari and others 2021, arXiv 1903.08008, section 3.2).
    """
    halves = _halves(values)
    chains, length = halves.shape
    centred = halves - halves.mean(axis=1, keepdims=True)
    covariance = np.fft.irfft(mean_power(centred))[:length] / length
    total = covariance[0] + halves.mean(axis=1).var(ddof=1)
    correlation = 1 - (covariance[0] * length / (length - 1) - covariance) / total
    correlation[0] = 1
    pairs = correlation[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    kept = np.minimum.accumulate(pairs[: negative[0]] if len(negative) else pairs)
    size = chains * length
    return float(size / max(2 * kept.sum() - 1, 1 / math.log10(size)))


def potential_scale_reduction(values: FloatArray) -> float:
    """Split R-hat of chains (chains, frames): infinite if the halves are constant but differ.

    sqrt(total variance / variance within the halves) (Gelman and Rubin 1992; Vehtari and others 2021,
    arXiv 1903.08008, section 3.1, without ranks).
    """
    halves = _halves(values)
    length = halves.shape[1]
    within = float(halves.var(axis=1, ddof=1).mean())
    between = float(halves.mean(axis=1).var(ddof=1))
    if within == 0:
        return math.inf if between > 0 else 1.0
    return math.sqrt((length - 1) / length + between / within)


def _sum_error(frames: float, values: int) -> float:
    """Relative error of a correlation time of `frames` frames, summed up to the lag 5 x frames (Wolff 2004)."""
    return math.sqrt(4 * (math.ceil(5 * frames) + 0.5 - frames) / values)


def _few(values: FloatArray) -> str:
    """Note for too few independent values; an empty text if there are enough."""
    effective = values.size / (2 * correlation_time(values))
    few = f"only {counted(round(effective), 'effective value')}, {ENOUGH} are needed: run longer"
    return few if effective < ENOUGH else ""


def _doubt(part: Window, values: FloatArray) -> str:
    """Why the correlation times of this series are not reliable; an empty text if they are."""
    return joined(_few(values), doubts(part, memory_of(part, values), values))


def _varying(part: Window, function: StateFunction | str) -> FloatArray:
    values = series(part, function)
    if values.min() == values.max():
        raise UsageError(
            "the values do not vary within the window",
            "values that vary",
            "record a longer run, or another function",
        )
    return values


def _halves(values: FloatArray) -> FloatArray:
    """First halves of all chains, then second halves (2 chains, frames // 2); a middle frame is dropped."""
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[:, -half:]])


def _lags_between(lags: tuple[float, float], spacing: float, frames: int) -> NDArray[np.int64]:
    """Up to 30 lags in frames, evenly spread over the window."""
    half = np.arange(frames // 2 + 1)
    found = half[(half >= lags[0] / spacing - 1e-6) & (half <= lags[1] / spacing + 1e-6)]
    if len(found) < FEWEST_LAGS:
        raise UsageError(
            f"{len(found)} recorded lags lie between {lags[0]:g} and {lags[1]:g} (at most half the window), "
            f"{FEWEST_LAGS} are needed",
            "that many lags",
            "record more frames",
        )
    return np.unique(np.linspace(found[0], found[-1], min(MOST_LAGS, len(found))).round().astype(np.int64))


def _lagged_products(values: FloatArray, frames: NDArray[np.int64]) -> FloatArray:
    """Mean of each walker, and its mean product at each lag, about the common mean (walkers, 1 + lags)."""
    centred = values - values.mean()
    end = values.shape[1]
    columns = [centred.mean(axis=1)]
    columns += [(centred[:, : end - lag] * centred[:, lag:]).mean(axis=1) for lag in frames]
    return np.stack(columns, axis=1)
