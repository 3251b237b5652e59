"""First passage on a line from its scale and its speed: mean time and splitting probability, by quadrature.

A diffusion with the drift m and the diffusion coefficient D in Ito form has the scale s = exp(-int m / D dx) and the
speed p = 1 / (D s). Let S(a, b) = int_a^b s dx > 0. From x between two targets l and r, r is reached first with the
probability S(l, x) / S(l, r), and the mean time is

    T = [S(x, r) int_l^x S(l, z) p(z) dz + S(l, x) int_x^r S(z, r) p(z) dz] / S(l, r).

With a mirror at l instead of the target it is

    T = S(x, r) int_l^x p(z) dz + int_x^r S(z, r) p(z) dz

(C. W. Gardiner, Handbook of Stochastic Methods, sections 5.2.7 and 5.2.8; S. Karlin and H. M. Taylor, A Second Course
in Stochastic Processes, 1981, section 15.3). All terms are positive, so no digits cancel, and sums are of logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.theory.escape.one_dimension import MOST_PANELS, running_log_integral
from langevin.theory.gibbs.quadratures import refine
from langevin.theory.quadrature import panel_nodes
from langevin.types import FloatArray, Prediction

#: Function of positions (points,) to logarithms (points,).
Logarithm = Callable[[FloatArray], FloatArray]


def mean_time(
    log_scale: Logarithm,
    log_speed: Logarithm,
    start: float,
    targets: Sequence[float],
    mirror: float | None = None,
) -> Prediction:
    """Mean time from a start to one target, with a mirror on the other side, or to the first of two around it.

    Panels are doubled until two results agree to 1e-10; the remainder is their difference.

    Args:
        log_scale: logarithm of s.
        log_speed: logarithm of 1 / (D s).
        start: where the walker starts.
        targets: one position, or two on both sides of the start.
        mirror: position of the mirror, on the side of the start away from one target.

    Raises:
        UsageError: the start does not lie between these positions.
        NumericalError: the quadrature did not settle, or the time is beyond the range of floats.
    """
    ends = [*targets] if mirror is None else [*targets, mirror]
    if len(ends) != 2 or not targets or not (min(ends) < start < max(ends) or start == mirror != targets[0]):
        raise unfit(
            "the mean time", "needs a start between two targets, or a target and a mirror", f"{start}, {ends}"
        )

    def log_time(panels: int) -> tuple[float, float]:
        first, way = _to_target(log_scale, log_speed, start, ends[0], panels)
        if mirror is not None:
            return float(np.logaddexp(_mass(log_speed, start, mirror, panels) + way, first)), 1.0
        second, back = _to_target(log_scale, log_speed, start, ends[1], panels)
        return float(np.logaddexp(first + back, second + way) - np.logaddexp(way, back)), 1.0

    found = refine(log_time, MOST_PANELS)
    if found.value > math.log(np.finfo(float).max):
        raise NumericalError(
            f"the mean time from {start:g} is beyond floats (log T = {found.value:.4g})",
            remedy="raise the temperature",
        )
    time = math.exp(found.value)
    return Prediction(time, time * found.remainder)


def reached_first(log_scale: Logarithm, start: float, target: float, other: float) -> Prediction:
    """Probability that a walker reaches one target before another on the other side of its start.

    Args:
        log_scale: logarithm of s.
        start: where the walker starts.
        target: the one that is to be first.
        other: the other one.

    Raises:
        NumericalError: the quadrature did not settle.
    """

    def share(panels: int) -> tuple[float, float]:
        way, back = (_mass(log_scale, start, end, panels) for end in (target, other))
        return float(np.exp(back - np.logaddexp(way, back))), 1.0

    return refine(share, MOST_PANELS)


def _to_target(
    log_scale: Logarithm, log_speed: Logarithm, start: float, target: float, panels: int
) -> tuple[float, float]:
    """Logarithms of int S(target, z) p(z) dz from the target to the start, and of S between them."""
    nodes, weights = panel_nodes(0.0, abs(start - target), panels)
    places = (target + math.copysign(1.0, start - target) * nodes).ravel()
    inner, whole = running_log_integral(
        log_scale(places).reshape(nodes.shape), abs(start - target) / (2 * panels)
    )
    outer = inner + log_speed(places).reshape(nodes.shape) + np.log(weights)
    return float(np.logaddexp.reduce(outer.ravel())), whole


def _mass(exponent: Logarithm, start: float, end: float, panels: int) -> float:
    """Logarithm of the integral of exp(exponent) between two places; minus infinity if they are the same."""
    if start == end:
        return -math.inf
    nodes, weights = panel_nodes(min(start, end), max(start, end), panels)
    return float(np.logaddexp.reduce(exponent(nodes.ravel()) + np.log(weights.ravel())))
