"""Motion on a line where the diffusion theta D(x) varies: the stationary distribution and the mean time to a target.

Both come from two functions of the place. With the drift m and the diffusion theta D in Ito form, and
s(x) = exp(-int m / (theta D) dx), the stationary density is proportional to 1 / (theta D s), and the mean time from x_0
to a target b > x_0 is

    T = int_(x_0)^b s(y) int_(-inf)^y 1 / (theta D(z) s(z)) dz dy

(Gardiner, Handbook of Stochastic Methods, sections 5.2.5 and 5.2.7). For the law the mobility, s = exp(f / theta) / D.
For noise alone, s = exp(Phi / theta) with Phi = int f' / D dx.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.theory.antiderivative import antiderivative
from langevin.theory.escape.one_dimension import GOAL, MOST_PANELS, ROUGH, ROUND_OFF, running_log_integral
from langevin.theory.quadrature import cut_off, panel_nodes
from langevin.types import Diffusion, FloatArray, Landscape, Prediction

#: Distance, over the size of the start, at which the power of a fall is computed.
FAR = 1e6


def effective_loss(landscape: Landscape, acts: Diffusion, temperature: float) -> Callable[[float], float]:
    """The loss V on a line whose Gibbs distribution exp(-V / theta) is the stationary distribution.

    V = f for the mobility, and V = theta log D + int f' / D dx for noise alone, with the integral from the start.

    Args:
        landscape: a loss of one coordinate with a diffusion.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.

    Raises:
        UsageError: the landscape has not one coordinate, or no diffusion, or its diffusion does not act.
    """
    _, log_speed = _logarithms(landscape, acts, temperature)

    def value(position: float) -> float:
        found = -temperature * float(log_speed(np.array([position]))[0])
        return found if math.isfinite(found) else math.inf

    return value


def stationary_mean(
    landscape: Landscape, acts: Diffusion, temperature: float, function: Callable[[FloatArray], FloatArray]
) -> Prediction:
    """Mean of a function of the place under the stationary distribution on a line where the diffusion varies.

    The distance from the start is sinh u times its size: the tails of a density that falls as a power then fall
    exponentially in u. Panels are doubled until two results agree to 1e-9; the remainder is their difference.

    Args:
        landscape: a loss of one coordinate with a diffusion; it confines walkers.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.
        function: positions (points,) to numbers (points,).

    Raises:
        UsageError: as `effective_loss`, or the loss does not confine.
        NumericalError: the quadrature did not settle.
    """
    _, log_speed = _logarithms(landscape, acts, temperature)
    value = effective_loss(landscape, acts, temperature)
    start = float(usual_point(landscape)[0])
    unit = max(1.0, abs(start))
    lower, upper = (math.asinh((cut_off(value, start, side, temperature) - start) / unit) for side in (-1, 1))

    def mean(panels: int) -> float:
        nodes, weights = panel_nodes(lower, upper, panels)
        places = (start + unit * np.sinh(nodes)).ravel()
        logarithms = log_speed(places) + np.log(weights.ravel() * np.cosh(nodes.ravel()))
        masses = np.exp(logarithms - logarithms.max())
        return float((masses * function(places)).sum() / masses.sum())

    panels, current, change = 16, mean(8), math.inf
    while change > GOAL and panels <= MOST_PANELS:
        previous, current = current, mean(panels)
        change, panels = abs(current - previous) / max(abs(current), ROUND_OFF), 2 * panels
    if not change <= ROUGH:
        raise NumericalError(
            f"the mean under the stationary distribution was found only to {change:.1g}",
            remedy="raise the temperature, or smooth the loss and the diffusion",
        )
    return Prediction(current, abs(current) * max(change, ROUND_OFF))


def power_of_fall(landscape: Landscape, acts: Diffusion, temperature: float) -> float:
    """The exponent p = x V' / theta of a stationary density that falls as |x|^-p, on the side of its slower fall.

    A density that falls faster than every power has a large exponent, which grows with the distance.

    Raises:
        UsageError: as `effective_loss`.
    """
    _logarithms(landscape, acts, temperature)
    far = FAR * max(1.0, abs(float(usual_point(landscape)[0]))) * np.array([-1.0, 1.0])
    if acts is Diffusion.MOBILITY:
        slopes = evaluate(landscape, "gradient", far[:, None])[:, 0] / temperature
    else:
        assert landscape.diffusion is not None
        factors = evaluate(landscape.diffusion, "value", far[:, None])
        rises = evaluate(landscape.diffusion, "gradient", far[:, None])[:, 0] / factors
        slopes = _slope_over_factor(landscape, far) / temperature + rises
    return float(np.min(far * slopes))


def mean_time_on_line(
    landscape: Landscape, acts: Diffusion, temperature: float, start: float, target: float
) -> Prediction:
    """Mean time from a start to a target on a line where the diffusion varies, by quadrature.

    Panels are doubled until two results agree to 1e-9; the remainder is their difference.

    Args:
        landscape: a loss of one coordinate with a diffusion; it confines on the side away from the target.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.
        start: where the walker starts.
        target: where the walk ends.

    Raises:
        UsageError: as `effective_loss`, or the loss does not confine, or start and target are the same.
        NumericalError: the quadrature did not settle, or the time is beyond the range of floats.
    """
    if start == target:
        raise UsageError("start and target are the same place", "a target away from the start", "move one")
    side = 1 if target > start else -1
    log_scale, log_speed = _logarithms(landscape, acts, temperature)
    wall = cut_off(effective_loss(landscape, acts, temperature), start, -side, temperature)

    def log_time(panels: int) -> float:
        before, _ = panel_nodes(0.0, abs(start - wall), panels)
        _, reached = running_log_integral(
            log_speed((wall + side * before).ravel()).reshape(before.shape), abs(start - wall) / (2 * panels)
        )
        nodes, weights = panel_nodes(0.0, abs(target - start), panels)
        places = (start + side * nodes).ravel()
        inner, _ = running_log_integral(
            log_speed(places).reshape(nodes.shape), abs(target - start) / (2 * panels)
        )
        outer = log_scale(places).reshape(nodes.shape) + np.logaddexp(reached, inner) + np.log(weights)
        return float(np.logaddexp.reduce(outer.ravel()) - math.log(temperature))

    panels, current, change = 16, log_time(8), math.inf
    while change > GOAL and panels <= MOST_PANELS:
        previous, current = current, log_time(panels)
        change, panels = abs(math.expm1(min(abs(current - previous), 1.0))), 2 * panels
    if not change <= ROUGH or current > math.log(np.finfo(float).max):
        raise NumericalError(
            f"the mean time to {target:g} was found only to {change:.1g} (log T = {current:.4g})",
            remedy="raise the temperature, or smooth the loss and the diffusion",
        )
    time = math.exp(current)
    return Prediction(time, time * max(change, ROUND_OFF))


def _logarithms(
    landscape: Landscape, acts: Diffusion, temperature: float
) -> tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]:
    """Logarithms of s and of 1 / (D s), functions of positions (points,)."""
    diffusion = landscape.diffusion
    if landscape.dim != 1 or diffusion is None:
        raise UsageError(
            f"{landscape.name} is no line with a diffusion that varies",
            "one coordinate and a diffusion",
            "make one by langevin.potentials.with_diffusion",
        )
    if acts is Diffusion.CONSTANT:
        raise UsageError(
            f"the motion does not see the diffusion of {landscape.name}",
            "a diffusion that acts on the mobility or on the noise",
            "take the theory of a constant diffusion",
        )

    def log_factor(places: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            found = np.log(evaluate(diffusion, "value", places[:, None]))
        if np.isnan(found).any():
            raise UsageError(
                f"the diffusion of {landscape.name} is not positive everywhere that the theory needs",
                "a positive diffusion",
                "bound it from below",
            )
        return found

    if acts is Diffusion.MOBILITY:

        def loss(places: FloatArray) -> FloatArray:
            return evaluate(landscape, "value", places[:, None]) / temperature

        return lambda x: loss(x) - log_factor(x), lambda x: -loss(x)

    slope = antiderivative(
        lambda places: _slope_over_factor(landscape, places), float(usual_point(landscape)[0])
    )

    def work(places: FloatArray) -> FloatArray:
        return slope(places) / temperature

    return work, lambda x: -work(x) - log_factor(x)


def _slope_over_factor(landscape: Landscape, places: FloatArray) -> FloatArray:
    """f' / D at places (points,)."""
    assert landscape.diffusion is not None
    slopes = evaluate(landscape, "gradient", places[:, None])[:, 0]
    return np.asarray(slopes / evaluate(landscape.diffusion, "value", places[:, None]))
