"""The whole law of the time to leave a ball or a cube from its centre: survival and quantiles.

Means and variances, and the interval with its mirror: `first_passage`. Sources: Redner, A Guide to First-Passage
Processes (2001), section 6.2; H. S. Carslaw and J. C. Jaeger, Conduction of Heat in Solids (1959), section 9.3.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.theory.first_passage import check_passage, interval_quantile, interval_survival
from langevin.types import FloatArray, Prediction

#: Modes of the ball. Before theta t / R^2 = EARLY nobody has come out: the chance is below e^(-1 / (4 EARLY)).
MODES = 60
EARLY = 0.002
#: Largest round-off of a survival: in many dimensions its modes are large and cancel.
WORST = 1e-6
#: Shares of walkers for which the ball's quantile is asked.
SHARES = (1e-4, 1 - 1e-9)


def ball_survival(time: FloatArray, radius: float, dim: int, temperature: float) -> FloatArray:
    """Probability (times,) not to have left a ball of radius R in R^d by each time, from its centre.

    S = sum_k 2 (j_k / 2)^n / (Gamma(n + 1) j_k J_(n+1)(j_k)) exp(-j_k^2 theta t / R^2), with the zeros j_k of J_n and
    n = d/2 - 1. One before theta t / R^2 = 0.002; elsewhere the round-off of cancelling modes is below 1e-6.

    Raises:
        UsageError: radius or temperature not positive, a dim that is no whole number above 0, or a negative time.
        NumericalError: so many dimensions that modes cancel to less than 1e-6.
    """
    return _survival(time, radius, dim, temperature)[0]


def ball_quantile(probability: float, radius: float, dim: int, temperature: float) -> Prediction:
    """Time by which this share of the walkers has left the ball, from its centre; the median for 1/2.

    Raises:
        UsageError: a probability outside (1e-4, 1 - 1e-9), or as `ball_survival`.
        NumericalError: as `ball_survival`.
    """
    from scipy.optimize import brentq

    if not SHARES[0] <= probability <= SHARES[1]:
        raise UsageError(f"probability must lie from {SHARES[0]:g} to 1 - 1e-9, got {probability}")
    check_passage(radius, temperature, dim)
    unit, left = radius**2 / temperature, math.log1p(-probability)

    def excess(log_time: float) -> float:
        survival = float(_survival(np.array([math.exp(log_time)]), 1.0, dim, 1.0)[0][0])
        return math.log(max(survival, 1e-300)) - left

    # The slowest mode, j_1^2 > d / 2 by Rayleigh's bound, has left less than any share asked by the upper end.
    time = math.exp(brentq(excess, math.log(EARLY / 2), math.log(100.0), xtol=1e-13, rtol=1e-13))
    step = 1e-4 * time
    survival, round_off = _survival(np.array([time - step, time, time + step]), 1.0, dim, 1.0)
    density = float(survival[0] - survival[2]) / (2 * step)
    remainder = float(round_off[1]) / density + 1e-12 * time if density > 0 else math.inf
    return Prediction(unit * time, unit * remainder)


def cube_exit_survival(time: FloatArray, half_side: float, dim: int, temperature: float) -> FloatArray:
    """Probability (times,) not to have left the cube [-L, L]^d by each time, from its centre: that of a side, ^d.

    Raises:
        UsageError: as `ball_survival`.
    """
    check_passage(half_side, temperature, dim)
    return np.asarray(interval_survival(time, half_side, temperature) ** dim)


def cube_exit_quantile(probability: float, half_side: float, dim: int, temperature: float) -> Prediction:
    """Time by which this share of the walkers has left the cube, from its centre: 1 - (1 - p)^(1/d) in each direction.

    Raises:
        UsageError: a probability outside (0, 1), or as `ball_survival`.
    """
    check_passage(half_side, temperature, dim)
    if not 0 < probability < 1:
        raise UsageError(f"a quantile needs 0 < probability < 1, got {probability}")
    return interval_quantile(-math.expm1(math.log1p(-probability) / dim), half_side, temperature)


def _survival(time: FloatArray, radius: float, dim: int, temperature: float) -> tuple[FloatArray, FloatArray]:
    """Survival (times,) and its round-off."""
    check_passage(radius, temperature, dim)
    scaled = np.asarray(time, float) * temperature / radius**2
    if not (scaled >= 0).all():
        raise UsageError("times must be numbers from 0 on: leave out the others")
    zeros, weights = _modes(int(dim))
    terms = weights * np.exp(-(zeros**2) * np.maximum(scaled, EARLY)[..., None])
    late = scaled >= EARLY
    round_off = np.where(late, 4e-16 * zeros[-1] * np.abs(terms).sum(axis=-1), 0.0)
    survival = np.where(late, terms.sum(axis=-1), 1.0)
    # Where modes cancel to nothing, the walkers have not started to come out.
    lost = (round_off > WORST) & late
    if (lost & (scaled > _first_exits(dim))).any():
        raise NumericalError(
            f"the modes of a ball in {dim} dimensions cancel: take fewer, or the mean and variance"
        )
    return np.asarray(np.where(lost, 1.0, np.clip(survival, 0.0, 1.0))), np.asarray(
        np.where(lost, WORST, round_off)
    )


def _first_exits(dim: int) -> float:
    """A time theta t / R^2 by which fewer than WORST of the walkers have left: the norm's law is that of chi-square.

    By reflection P(out by t) <= 2 P(|X_t| > R) (P. Levy's inequality), |X_t|^2 / (2 theta t) chi-square with d degrees.
    """
    from scipy.special import gammainccinv

    return float(1 / (4 * gammainccinv(dim / 2, WORST / 2)))


@cache
def _modes(dim: int) -> tuple[FloatArray, FloatArray]:
    """Zeros j_k of J_n and the weights of their modes, both (MODES,)."""
    from scipy.optimize import brentq
    from scipy.special import gammaln, jv

    order = dim / 2 - 1
    # Zeros lie more than 2 apart, and the first beyond the order.
    grid = max(order, 0.0) + 1e-9 + np.arange(0.0, 4.0 * MODES + 4 * (1 + order) ** (1 / 3), 0.5)
    values = jv(order, grid)
    brackets = np.flatnonzero(values[:-1] * values[1:] < 0)[:MODES]
    zeros = np.array([brentq(lambda x: jv(order, x), grid[i], grid[i + 1], xtol=1e-14) for i in brackets])
    logs = math.log(2) + order * np.log(zeros / 2) - gammaln(order + 1) - np.log(zeros)
    return zeros, np.exp(logs) / jv(order + 1, zeros)
