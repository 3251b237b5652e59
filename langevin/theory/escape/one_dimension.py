"""Escape from a well in one dimension: the exact mean time, and the Eyring-Kramers law.

For any dimension see `eyring_kramers`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.theory.gibbs.quadratures import log_partition_function
from langevin.theory.quadrature import cut_off, evaluate, gauss_rule, panel_nodes
from langevin.types import Curve, FloatArray, Prediction, Wells

#: Eyring-Kramers is in range from this barrier / temperature on.
LEAST_BARRIER = 5.0
#: Relative accuracy at which the exact quadrature stops, and the change above which it fails.
GOAL, ROUGH = 1e-9, 1e-3
ROUND_OFF = 1e-12
MOST_PANELS = 2048


def running_log_integral(exponents: FloatArray, half: float) -> tuple[FloatArray, float]:
    """Log of int exp(exponent) from the left end of the first panel to each node, and to the end of the last panel.

    `exponents` (panels, ORDER) are the values at Gauss nodes of panels of half width `half`. Every panel is scaled by
    its largest value, so there is no overflow or underflow.

    Args:
        exponents: exponents at the Gauss nodes, (panels, ORDER).
        half: half width of a panel, length.
    """
    _, weights, running = gauss_rule()
    shift = exponents.max(axis=1, keepdims=True)
    scaled = np.exp(exponents - shift)
    with np.errstate(divide="ignore"):
        whole = np.log(half * scaled @ weights) + shift[:, 0]
        # The interpolant of a fast-growing integrand can be slightly negative, by less than the measured remainder.
        within = np.log(np.maximum(half * scaled @ running.T, 0.0)) + shift
    totals = np.logaddexp.accumulate(whole)
    before = np.concatenate([[-np.inf], totals[:-1]])
    return np.logaddexp(before[:, None], within), float(totals[-1])


def log_escape_time(
    value: Callable[[float], float],
    lower: float,
    start: float,
    target: float,
    temperature: float,
    panels: int,
) -> float:
    """Log of the exact mean time at one resolution: `panels` each on [lower, start] and [start, target].

    Args:
        value: the potential at a position, energy.
        lower: position below which no walker goes.
        start: position of the start.
        target: position of the target, above the start.
        temperature: theta, energy.
        panels: number of panels of each of the two intervals.
    """
    reached = -math.inf
    if lower < start:
        nodes, _ = panel_nodes(lower, start, panels)
        _, reached = running_log_integral(
            -evaluate(value, nodes) / temperature, (start - lower) / (2 * panels)
        )
    nodes, weights = panel_nodes(start, target, panels)
    exponents = evaluate(value, nodes) / temperature
    inner, _ = running_log_integral(-exponents, (target - start) / (2 * panels))
    outer = exponents + np.logaddexp(reached, inner) + np.log(weights)
    return float(np.logaddexp.reduce(outer.ravel()) - math.log(temperature))


def exact_escape_time(
    value: Callable[[float], float], start: float, target: float, temperature: float, lower: float = -math.inf
) -> Prediction:
    """Mean time from start to target > start in one dimension, by quadrature.

    T = (1/theta) int_start^target dy e^(f(y)/theta) int_lower^y dz e^(-f(z)/theta) (Gardiner, Handbook of Stochastic
    Methods, section 5.2.7; Hanggi, Talkner and Borkovec 1990, section VII). `lower` is a mirror wall. Without a wall
    the potential must confine; the integral ends where it has risen by 60 theta. `value` takes and returns a float;
    dX = -f' dt + sqrt(2 theta) dW. Panels are doubled until two results agree to 1e-9; the remainder is their
    difference, or 1e-12 of the time. If a kink prevents this agreement, the remainder is the larger of the last two
    differences.

    Args:
        value: the loss, a function of a number that returns a number.
        start: where the walker starts.
        target: where the walk ends, above `start`.
        temperature: theta.
        lower: position of the mirror wall; minus infinity if there is none.

    Raises:
        UsageError: target <= start, lower > start, temperature <= 0, or no confinement on the left.
        NumericalError: relative remainder above 1e-3, or a time beyond the range of floats.
    """
    if not (temperature > 0 and start < target < math.inf and lower <= start):
        raise unfit(
            "exact_escape_time",
            "needs temperature > 0 and lower <= start < target",
            f"{temperature}, {lower}, {start}, {target}",
            "mirror the potential to escape to the left",
        )
    left = cut_off(value, start, -1, temperature) if lower == -math.inf else lower
    panels, previous, change = 16, math.inf, math.inf
    while True:
        current = log_escape_time(value, left, start, target, temperature, panels)
        before, change = change, abs(math.expm1(min(abs(current - previous), 1.0)))
        if change <= GOAL or panels >= MOST_PANELS:
            break
        panels, previous = 2 * panels, current
    if change > GOAL:  # a kink: its changes are irregular
        change = max(change, before)
    if change > ROUGH or current > math.log(np.finfo(float).max):
        raise NumericalError(
            f"the mean escape time at temperature {temperature} was found only to {change:.1g} "
            f"(log T = {current:.4g})",
            remedy="raise the temperature, or smooth the potential",
        )
    time = math.exp(current)
    return Prediction(time, time * max(change, ROUND_OFF))


def eyring_kramers_time(
    curvature_minimum: float,
    curvature_saddle: float,
    barrier: float,
    temperature: float,
    convention: str = "well-to-well",
) -> Prediction:
    """Eyring-Kramers law, 2 pi / sqrt(f''(a) |f''(s)|) exp(barrier / theta), in one dimension.

    In range for barrier / theta >= 5. The law has a relative error O(theta), which is not in the remainder (zero); a
    comparison can find it (Kramers 1940; Bovier et al. 2004; Berglund 2013).

    Args:
        curvature_minimum: f''(a) at the minimum, above 0.
        curvature_saddle: f''(s) at the saddle, below 0.
        barrier: height of the saddle above the minimum.
        temperature: theta.
        convention: where the walk ends: `well-to-well` in the other minimum, `to-saddle` on the saddle, after half the
            time.

    Raises:
        UsageError: a curvature of the wrong sign, a barrier or temperature <= 0, an unknown convention.
        NumericalError: a time beyond the range of floats.
    """
    if not (curvature_minimum > 0 > curvature_saddle and barrier > 0 and temperature > 0):
        raise unfit(
            "eyring_kramers_time",
            "needs curvature_minimum > 0 > curvature_saddle, barrier > 0, theta > 0",
            f"{curvature_minimum}, {curvature_saddle}, {barrier} and {temperature}",
        )
    shares = {"well-to-well": 1.0, "to-saddle": 0.5}
    if convention not in shares:
        raise unfit("convention", "must be well-to-well or to-saddle", f"{convention!r}")
    prefactor = 2 * math.pi / math.sqrt(-curvature_minimum * curvature_saddle)
    if barrier / temperature + math.log(prefactor) > math.log(np.finfo(float).max):
        raise NumericalError(
            f"barrier / temperature = {barrier / temperature:.4g} is beyond floats",
            remedy="raise the temperature",
        )
    time = shares[convention] * prefactor * math.exp(barrier / temperature)
    return Prediction(time, in_range=barrier / temperature >= LEAST_BARRIER)


def free_energy_time(
    free_energy: Callable[[float], float],
    well: tuple[float, float],
    barrier: tuple[float, float],
    temperature: float,
    diffusion: float | None = None,
) -> Prediction:
    """Mean time 1 / k = (1 / D) int_barrier e^(F / theta) dx int_well e^(-F / theta) dx, from well to well.

    e^(-(F_1 - F_0) / theta) alone has no unit, and F_0 and F_1 need regions. The well is the whole near side of the
    barrier top. The barrier reaches from minimum to minimum. The prefactor is then two lengths over D. In a symmetric
    double well the formula is exact at every temperature. In other wells its relative error is about
    e^(-height / theta): it is the Eyring-Kramers law before Laplace's method (Hanggi, Talkner and Borkovec, Rev. Mod.
    Phys. 62 (1990) 251). F may contain the entropy of the directions across, if these relax much faster than the walker
    climbs.

    Args:
        free_energy: F(x).
        well: ends of the well, ascending; at an infinite end F must confine.
        barrier: ends of the barrier, ascending and finite.
        temperature: theta.
        diffusion: D; theta if absent.

    Raises:
        UsageError: temperature or D not positive, an empty range, or no confinement.
        NumericalError: the quadrature did not converge, or the time is beyond the range of floats.
    """
    speed = temperature if diffusion is None else diffusion
    if not (0 < speed < math.inf and all(map(math.isfinite, barrier))):
        raise unfit(
            "free_energy_time",
            "needs D > 0, theta > 0 and a finite barrier",
            f"{speed}, {temperature}, {barrier}",
        )
    inside = log_partition_function(free_energy, temperature, *well)
    over = log_partition_function(lambda x: -free_energy(x), temperature, *barrier)
    exponent = inside.value + over.value - math.log(speed)
    if exponent > math.log(np.finfo(float).max):
        raise NumericalError(f"a time of e^{exponent:.4g} is beyond floats", remedy="raise the temperature")
    time = math.exp(exponent)
    return Prediction(time, time * max(inside.remainder + over.remainder, ROUND_OFF))


def escape_curves(wells: Wells, value: Callable[[float], float]) -> list[Curve]:
    """Mean escape time over the temperature, for a walk from the minimum of one of two wells on a line to the target.

    The time to a target on the saddle is half the time to a target in the other well.

    Args:
        wells: positions, barrier and curvatures.
        value: the loss, a function of a number that returns a number.

    Raises:
        UsageError: the positions are out of order.
    """
    minimum, saddle, target = wells.minimum, wells.saddle, wells.target
    if not minimum < saddle <= target:
        raise unfit(
            "an escape", "needs minimum < saddle <= target", f"{minimum}, {saddle}, {target}", "mirror it"
        )
    convention = "to-saddle" if math.isclose(saddle, target, abs_tol=1e-12) else "well-to-well"

    drop = math.inf if convention == "to-saddle" else value(minimum) + wells.barrier - value(target)

    def kramers(temperature: float) -> Prediction:
        time = eyring_kramers_time(
            wells.curvature_minimum, wells.curvature_saddle, wells.barrier, temperature, convention
        )
        return replace(time, in_range=time.in_range and drop >= LEAST_BARRIER * temperature)

    return [
        Curve(
            "exact quadrature",
            lambda temperature: exact_escape_time(value, minimum, target, temperature),
            "any temperature; one dimension, start at the minimum",
            "Hanggi, Talkner and Borkovec, Rev. Mod. Phys. 62 (1990) 251",
        ),
        Curve(
            "Eyring-Kramers",
            kramers,
            "leading order in temperature: "
            f"barrier / temperature >= {LEAST_BARRIER:g} from start and target, smooth wells; {convention}",
            "Kramers, Physica 7 (1940) 284; Berglund, arXiv 1106.5799",
        ),
    ]
