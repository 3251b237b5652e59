"""Gibbs distributions exp(-f / theta) in one and two dimensions, by quadrature."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.theory.quadrature import cut_off, evaluate, panel_nodes
from langevin.types import FloatArray, Prediction

Scalar = Callable[[float], float]
#: Panels are doubled until two results agree to this, relative to the mean of |g|.
GOAL = 1e-10
#: A relative change above the first number is a failure; a change below the second is round-off.
ROUGH, ROUND_OFF = 1e-3, 1e-14
MOST_PANELS = 2048
MOST_PANELS_2D = 64


def log_partition_function(
    value: Scalar, temperature: float, lower: float = -math.inf, upper: float = math.inf
) -> Prediction:
    """Logarithm of Z = int exp(-f(x) / theta) dx over [lower, upper]; on an infinite side the loss must confine.

    Args:
        value: the loss f, a function of a number that returns a number.
        temperature: theta.
        lower: lower end of the interval.
        upper: upper end.

    Raises:
        UsageError: temperature <= 0, an empty interval, or no confinement.
        NumericalError: the quadrature did not settle.
    """
    lower, upper = _interval(value, temperature, lower, upper)

    def log_integral(panels: int) -> tuple[float, float]:
        _, masses, shift = _masses(value, temperature, lower, upper, panels)
        return math.log(masses.sum()) + shift, 1.0

    return refine(log_integral, MOST_PANELS)


def gibbs_density(
    value: Scalar, temperature: float, lower: float = -math.inf, upper: float = math.inf
) -> Callable[[FloatArray], FloatArray]:
    """Normalised density exp(-f / theta) / Z on [lower, upper], as a function of positions of any shape.

    Args:
        value: the loss f, a function of a number that returns a number.
        temperature: theta.
        lower: lower end of the interval.
        upper: upper end.

    Raises:
        UsageError: as `log_partition_function`.
    """
    log_normaliser = log_partition_function(value, temperature, lower, upper).value

    def density(points: FloatArray) -> FloatArray:
        inside = (points >= lower) & (points <= upper)
        result = np.zeros(points.shape)
        result[inside] = np.exp(-evaluate(value, points[inside]) / temperature - log_normaliser)
        return result

    return density


def stationary_moment(
    value: Scalar, temperature: float, function: Scalar, lower: float = -math.inf, upper: float = math.inf
) -> Prediction:
    """Mean of function(x) under the Gibbs distribution exp(-f / theta) on [lower, upper].

    The remainder is the change from half the number of panels.

    Args:
        value: the loss f, a function of a number that returns a number.
        temperature: theta.
        function: the function whose mean is computed.
        lower: lower end of the interval.
        upper: upper end.

    Raises:
        UsageError: temperature <= 0, an empty interval, or no confinement on an infinite side.
        NumericalError: the quadrature did not settle.
    """
    lower, upper = _interval(value, temperature, lower, upper)

    def moment(panels: int) -> tuple[float, float]:
        nodes, masses, _ = _masses(value, temperature, lower, upper, panels)
        values = evaluate(function, nodes)
        total = masses.sum()
        return float((masses * values).sum() / total), float((masses * abs(values)).sum() / total)

    return refine(moment, MOST_PANELS)


def stationary_moment_2d(
    value: Callable[[float, float], float],
    temperature: float,
    function: Callable[[float, float], float],
    box: tuple[tuple[float, float], tuple[float, float]],
) -> Prediction:
    """Mean of function(x, y) under exp(-f / theta) on the finite box ((x0, x1), (y0, y1)), tensor quadrature.

    Args:
        value: the loss f(x, y).
        temperature: theta.
        function: the function of (x, y) whose mean is computed.
        box: the ends of both axes, ((x0, x1), (y0, y1)).

    Raises:
        UsageError: temperature <= 0 or an empty or infinite box.
        NumericalError: the quadrature did not settle.
    """
    for lower, upper in box:
        _check(temperature, lower, upper)
        if not (math.isfinite(lower) and math.isfinite(upper)):
            raise unfit(
                "stationary_moment_2d", "needs a finite box", f"{box}", "cut it where exp(-f / theta) is tiny"
            )

    def moment(panels: int) -> tuple[float, float]:
        (x, x_weights), (y, y_weights) = (
            tuple(part.ravel() for part in panel_nodes(lower, upper, panels)) for lower, upper in box
        )
        energies = np.array([[value(float(a), float(b)) for b in y] for a in x])
        values = np.array([[function(float(a), float(b)) for b in y] for a in x])
        masses = np.exp((energies.min() - energies) / temperature) * np.outer(x_weights, y_weights)
        total = masses.sum()
        return float((masses * values).sum() / total), float((masses * abs(values)).sum() / total)

    return refine(moment, MOST_PANELS_2D, first=4)


def canal_mean_cosine(transverse: int, modulation: float) -> Prediction:
    """E cos x = -I1(m eps/2) / I0(m eps/2) on the canal a(x) |y|^2 / 2 with a = a0 exp(eps cos x), y in R^m.

    Exact at every a0 and temperature: if y is integrated out, the density is a^(-m/2), which is largest where the
    valley is flat.

    Args:
        transverse: m.
        modulation: eps.
    """
    from scipy.special import ive

    argument = transverse * modulation / 2
    return Prediction(-float(ive(1, argument) / ive(0, argument)))


def _check(temperature: float, lower: float, upper: float) -> None:
    if not (temperature > 0 and lower < upper):
        raise unfit(
            "a Gibbs law", "needs temperature > 0 and lower < upper", f"{temperature}, {lower}, {upper}"
        )


def _interval(value: Scalar, temperature: float, lower: float, upper: float) -> tuple[float, float]:
    _check(temperature, lower, upper)
    anchor = next((side for side in (lower, upper) if math.isfinite(side)), 0.0)
    return (
        lower if math.isfinite(lower) else cut_off(value, anchor, -1, temperature),
        upper if math.isfinite(upper) else cut_off(value, anchor, +1, temperature),
    )


def _masses(
    value: Scalar, temperature: float, lower: float, upper: float, panels: int
) -> tuple[FloatArray, FloatArray, float]:
    """Nodes and quadrature masses exp(-f / theta - shift) dx, both (panels, ORDER), and the shift."""
    nodes, weights = panel_nodes(lower, upper, panels)
    exponents = -evaluate(value, nodes) / temperature
    shift = float(exponents.max())
    return nodes, np.exp(exponents - shift) * weights, shift


def refine(answer: Callable[[int], tuple[float, float]], most: int, first: int = 16) -> Prediction:
    """Double the panels of answer(panels) -> (value, size) until the change is below GOAL x size.

    If a kink keeps the changes above GOAL x size, the larger of the last two is the remainder.

    Args:
        answer: number of panels to a value and the size that its change is compared with.
        most: largest number of panels.
        first: number of panels to begin with.

    Raises:
        NumericalError: the last change is above ROUGH x size.
    """
    panels, (previous, _), before = first, answer(first), math.inf
    while panels < most:
        panels *= 2
        current, size = answer(panels)
        change = abs(current - previous)
        if change <= GOAL * size:
            return Prediction(current, max(change, ROUND_OFF * size))
        remainder, before, previous = max(change, before), change, current
    if remainder <= ROUGH * size:
        return Prediction(current, remainder)
    raise NumericalError(
        f"the quadrature changed by {change:.1g} at {panels} panels",
        remedy="the potential is too rough for it, narrow the interval or raise the temperature",
    )
