"""The distribution of the time to leave a ball or a cube from its centre: survival and quantiles.

Means and variances, and the interval with its mirror: `closed_forms`. Sources: Redner, A Guide to First-Passage
Processes (2001), section 6.2; H. S. Carslaw and J. C. Jaeger, Conduction of Heat in Solids (1959), section 9.3.

In many dimensions the modes of the ball cancel, and its Laplace transform is inverted. In units of the mean time
R^2 / (2 d theta) the time tau has E e^(-s tau) = 1 / 0F1(; d/2; d s / 2), a sum of independent exponential times (A.
Borodin and P. Salminen, Handbook of Brownian Motion, part II, for Bessel processes). On a vertical line through s = c >
0, the integral of e^(s t) E e^(-s tau) / s over 2 pi i is P(tau <= t). On a line through c < 0, right of the first
pole, minus this integral is P(tau > t). If the line is some inverse standard deviations off the axis, it gives the
smaller of the two probabilities without cancellation.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import unfit
from langevin.theory.passage.closed_forms import check_passage, interval_quantile, interval_survival
from langevin.theory.quadrature import gauss_rule, panel_nodes
from langevin.types import FloatArray, Prediction

#: Number of modes of the ball, and the largest relative error of a survival for which the transform is not needed.
MODES = 60
GOOD = 1e-12
#: Smallest and largest fraction of walkers for the quantile of the ball.
SHARES = (1e-4, 1 - 1e-9)
#: Distance of a line from the axis in inverse standard deviations of tau; its largest fraction of the distance to the
#: pole.
TILT, NEAREST = 3.0, 0.5
#: A line ends where the transform has fallen by a factor e^-45.
FALL = 45.0
#: Widest panel: one turn of e^(s tau) at tau = 2.
TURN = math.pi
#: Additional terms of the continued fraction: each of them divides the error by four.
TERMS = 60
#: Number of times in a batch: the table of times and nodes then takes some megabytes.
TOGETHER = 256
ROUND_OFF = 1e-15
ComplexArray = NDArray[np.complexfloating[Any, Any]]


class Line(NamedTuple):
    """Nodes s (nodes,) on a vertical line, log E e^(-s tau) there, and the weights of the nodes over pi."""

    nodes: ComplexArray
    logs: ComplexArray
    weights: FloatArray


def ball_survival(time: FloatArray, radius: float, dim: int, temperature: float) -> FloatArray:
    """Probability (times,) not to have left a ball of radius R in R^d by each time, from its centre.

    S = sum_k 2 (j_k / 2)^n / (Gamma(n + 1) j_k J_(n+1)(j_k)) exp(-j_k^2 theta t / R^2), with the zeros j_k of J_n and
    n = d/2 - 1. If these modes cancel, at early times and in many dimensions, `exit_chance` gives the value. The
    absolute error is below 1e-10 up to d = 5000.

    Args:
        time: times t, an array.
        radius: R.
        dim: d.
        temperature: theta.

    Raises:
        UsageError: radius or temperature not positive, dim not a whole number above 0, or a negative time.
    """
    return _survival(time, radius, dim, temperature)[0]


def ball_quantile(probability: float, radius: float, dim: int, temperature: float) -> Prediction:
    """Time by which a fraction of the walkers has left the ball, from its centre; the median for 1/2.

    The remainder is the error of the survival over the density.

    Args:
        probability: fraction p of the walkers.
        radius: R.
        dim: d.
        temperature: theta.

    Raises:
        UsageError: the probability is outside (1e-4, 1 - 1e-9), or as `ball_survival`.
    """
    from scipy.optimize import brentq

    if not SHARES[0] <= probability <= SHARES[1]:
        raise unfit("probability", f"must lie from {SHARES[0]:g} to 1 - 1e-9", f"{probability}")
    check_passage(radius, temperature, dim)
    mean, left = radius**2 / (2 * dim * temperature), math.log1p(-probability)

    def survival(times: list[float]) -> tuple[FloatArray, FloatArray]:
        return _survival(np.array(times), 1.0, dim, 1 / (2 * dim))  # in units of the mean

    def excess(log_time: float) -> float:
        return math.log(max(float(survival([math.exp(log_time)])[0][0]), 1e-300)) - left

    # On a line, where the spread is largest, these quantiles lie between 0.06 and 17 means.
    time = math.exp(brentq(excess, math.log(0.01), math.log(100.0), xtol=1e-13, rtol=1e-13))
    step = 1e-4 * time
    around, error = survival([time - step, time, time + step])
    density = float(around[0] - around[2]) / (2 * step)
    remainder = float(error[1]) / density + 1e-12 * time if density > 0 else math.inf
    return Prediction(mean * time, mean * remainder)


def cube_exit_survival(time: FloatArray, half_side: float, dim: int, temperature: float) -> FloatArray:
    """Probability (times,) not to have left the cube [-L, L]^d by each time, from its centre: (that of one side)^d.

    Args:
        time: times t, an array.
        half_side: L.
        dim: d.
        temperature: theta.

    Raises:
        UsageError: as `ball_survival`.
    """
    check_passage(half_side, temperature, dim)
    return np.asarray(interval_survival(time, half_side, temperature) ** dim)


def cube_exit_quantile(probability: float, half_side: float, dim: int, temperature: float) -> Prediction:
    """Time by which a fraction of the walkers has left the cube, from its centre.

    The fraction in each direction is 1 - (1 - p)^(1/d).

    Args:
        probability: fraction p of the walkers.
        half_side: L.
        dim: d.
        temperature: theta.

    Raises:
        UsageError: the probability is outside (0, 1), or as `ball_survival`.
    """
    check_passage(half_side, temperature, dim)
    if not 0 < probability < 1:
        raise unfit("a quantile", "needs 0 < probability < 1", f"{probability}")
    return interval_quantile(-math.expm1(math.log1p(-probability) / dim), half_side, temperature)


def _survival(time: FloatArray, radius: float, dim: int, temperature: float) -> tuple[FloatArray, FloatArray]:
    """Survival (times,) and a bound on its error."""
    check_passage(radius, temperature, dim)
    scaled = np.asarray(time, float) * temperature / radius**2
    if not (scaled >= 0).all():
        raise unfit("times", "must be numbers from 0 on", "", "leave out the others")
    flat = np.minimum(scaled.ravel(), np.finfo(float).max)
    zeros, signs, logs, size = _modes(int(dim))
    terms = signs * np.exp(np.minimum(logs - zeros**2 * flat[:, None], 700.0))
    survival, last = terms.sum(axis=1), np.abs(terms[:, -1])
    error = 4e-16 * (zeros[-1] + size) * np.abs(terms).sum(axis=1) + last
    (poor,) = np.nonzero(error > GOOD * survival)
    if len(poor):
        other, bound = exit_chance(2 * dim * flat[poor], int(dim), zeros[0] ** 2 / (2 * dim))
        better = bound < error[poor]
        survival[poor], error[poor] = np.where(better, [other, bound], [survival[poor], error[poor]])
    return np.clip(survival, 0.0, 1.0).reshape(scaled.shape), error.reshape(scaled.shape)


@cache
def _modes(dim: int) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Zeros j_k of J_n, signs and logs of the weights of their modes, all (modes,), and the size of the sums."""
    from scipy.optimize import brentq
    from scipy.special import gammaln, jv

    order = dim / 2 - 1
    # The distance of zeros is above 2, and the first zero is larger than the order.
    grid = max(order, 0.0) + 1e-9 + np.arange(0.0, 4.0 * MODES + 4 * (1 + order) ** (1 / 3), 0.5)
    values = jv(order, grid)
    brackets = np.flatnonzero(values[:-1] * values[1:] < 0)[:MODES]
    zeros = np.array([brentq(lambda x: jv(order, x), grid[i], grid[i + 1], xtol=1e-14) for i in brackets])
    slopes = jv(order + 1, zeros)
    size = abs(float(gammaln(order + 1)))
    logs = (
        math.log(2) + order * np.log(zeros / 2) - gammaln(order + 1) - np.log(zeros) - np.log(np.abs(slopes))
    )
    return zeros, np.sign(slopes), logs, size


def exit_chance(times: FloatArray, dim: int, first_pole: float) -> tuple[FloatArray, FloatArray]:
    """Survival (times,) at times in units of the mean, and a bound (times,) on its error.

    The bound is the change from half as many panels, plus round-off.

    Args:
        times: tau, from 0 on.
        dim: d.
        first_pole: the distance of the first pole from the origin, j_1^2 / (2 d).
    """
    survival, bound = np.empty(times.shape), np.empty(times.shape)
    for late in (False, True):
        (chosen,) = np.nonzero((times >= 1) == late)
        lines = [_line(dim, late, first_pole, halved) for halved in (True, False)]
        for part in np.array_split(chosen, len(chosen) // TOGETHER + 1):
            (coarse, _), (fine, noise) = (_integral(line, times[part]) for line in lines)
            survival[part] = -fine if late else 1 - fine
            bound[part] = np.abs(fine - coarse) + noise + ROUND_OFF * survival[part]
    return survival, bound


def _integral(line: Line, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The integral over the line at each time (times,), and its round-off."""
    powers = line.logs + np.multiply.outer(times, line.nodes)
    terms = np.exp(powers) * (line.weights / line.nodes)
    sizes = np.abs(line.logs) + np.abs(np.multiply.outer(times, line.nodes)) + 1
    return terms.real.sum(axis=-1), ROUND_OFF * (np.abs(terms) * sizes).sum(axis=-1)


@cache
def _line(dim: int, late: bool, first_pole: float, halved: bool) -> Line:
    tilt = TILT * math.sqrt((dim + 2) / 2)
    foot = -min(tilt, NEAREST * first_pole) if late else tilt
    height = _height(dim, foot)
    width = min(TURN, abs(foot), first_pole + foot)  # no panel is wider than its distance from a pole
    panels = math.ceil(height / width)
    panels = math.ceil(panels / 2) if halved else panels
    x, weights = panel_nodes(0.0, height, panels)
    ratios = _ratio(dim, foot + 1j * x)
    _, weight, running = gauss_rule()
    half = height / (2 * panels)
    whole = half * ratios @ weight
    before = np.concatenate([[0.0], np.cumsum(whole)[:-1]])
    logs = _log_at(dim, foot) - 1j * (before[:, None] + half * ratios @ running.T)
    return Line((foot + 1j * x).ravel(), logs.ravel(), weights.ravel() / math.pi)


def _log_at(dim: int, foot: float) -> float:
    """log E e^(-s tau) on the axis: minus the integral of the ratio."""
    x, weights = panel_nodes(0.0, foot, 16)
    return -float(np.sum(weights * _ratio(dim, x + 0j).real))


def _height(dim: int, foot: float) -> float:
    """Height on the line at which the transform has fallen by e^-FALL, relative to its foot."""
    top = 10.0
    while True:
        y = np.concatenate([[0.0], np.geomspace(1e-3, top, 200)])
        slope = -_ratio(dim, foot + 1j * y).imag
        fall = np.concatenate([[0.0], np.cumsum(np.diff(y) * (slope[1:] + slope[:-1]) / 2)])
        if fall[-1] > FALL:
            return float(y[np.searchsorted(fall, FALL)])
        top *= 4


def _ratio(dim: int, s: ComplexArray) -> ComplexArray:
    """-d/ds log E e^(-s tau) = 0F1(; d/2 + 1; d s / 2) / 0F1(; d/2; d s / 2), by Gauss' continued fraction."""
    order = dim / 2
    argument = order * s
    ratio = np.ones(s.shape, complex)
    terms = TERMS + math.ceil(max(0.0, 2 * math.sqrt(float(np.abs(argument).max())) - order))
    for number in range(terms, -1, -1):
        ratio = 1 / (1 + argument * ratio / ((order + number) * (order + number + 1)))
    return ratio
