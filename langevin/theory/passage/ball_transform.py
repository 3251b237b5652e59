"""The time to leave a ball from its centre, by inversion of its Laplace transform (in many dimensions modes cancel).

In units of the mean time R^2 / (2 d theta) the time tau has E e^(-s tau) = 1 / 0F1(; d/2; d s / 2), a sum of
independent exponential times (A. Borodin and P. Salminen, Handbook of Brownian Motion, part II, for Bessel processes).
On a vertical line through s = c > 0, the integral of e^(s t) E e^(-s tau) / s over 2 pi i is P(tau <= t). On a line
through c < 0, right of the first pole, minus this integral is P(tau > t). If the line is some inverse standard
deviations off the axis, it gives the smaller of the two probabilities without cancellation.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.theory.quadrature import gauss_rule, panel_nodes
from langevin.types import FloatArray

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
