"""Motion on a line where the diffusion theta D(x) varies: its scale and speed, and the mean time to a target.

Both come from two functions of the place (`scale_and_speed`). With the drift m and the diffusion theta D in Ito form
the scale is s(x) = exp(-int m / (theta D) dx), and the stationary density is proportional to 1 / (theta D s) (Gardiner,
Handbook of Stochastic Methods, section 5.2.5). For the law of the mobility, s = exp(f / theta) / D. For noise alone,
s = exp(Phi / theta) with Phi = int f' / D dx.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.theory.escape.scale_and_speed import mean_time, reached_first
from langevin.theory.quadrature import antiderivative, cut_off
from langevin.types import Diffusion, FloatArray, Landscape, Prediction

#: Number of places at which the diffusion is evaluated, and the smallest diffusion over its median that does not count
#: as 0.
SCANNED, TOUCHES = 2001, 1e-9


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
    _, log_speed = logarithms(landscape, acts, temperature)

    def value(position: float) -> float:
        found = -temperature * float(log_speed(np.array([position]))[0])
        return found if math.isfinite(found) else math.inf

    return value


def mean_time_on_line(
    landscape: Landscape, acts: Diffusion, temperature: float, start: float, *targets: float
) -> Prediction:
    """Mean time from a start to a target, or to the first of two, on a line where the diffusion varies.

    Args:
        landscape: a loss of one coordinate with a diffusion; it confines on a side without a target.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.
        start: where the walker starts.
        targets: where the walk ends: one position, or two on both sides of the start.

    Raises:
        UsageError: as `effective_loss`, or the loss does not confine, or start and targets are in no such order.
        NumericalError: the quadrature did not settle, or the time is beyond the range of floats.
    """
    log_scale, log_speed = logarithms(landscape, acts, temperature)
    wall = None
    if len(targets) == 1:
        side = 1 if targets[0] > start else -1
        wall = cut_off(effective_loss(landscape, acts, temperature), start, -side, temperature)
    ends = [*targets] if wall is None else [*targets, wall]
    _refuse_zero(landscape, np.linspace(min(ends), max(ends), SCANNED))
    return mean_time(
        log_scale, lambda places: log_speed(places) - math.log(temperature), start, targets, wall
    )


def share_on_line(
    landscape: Landscape, acts: Diffusion, temperature: float, start: float, target: float, other: float
) -> Prediction:
    """Probability to reach a target before another on the other side of the start, where the diffusion varies.

    Args:
        landscape: a loss of one coordinate with a diffusion.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.
        start: where the walker starts.
        target: the one that is to be first.
        other: the other one.

    Raises:
        UsageError: as `effective_loss`.
        NumericalError: the quadrature did not settle.
    """
    log_scale, _ = logarithms(landscape, acts, temperature)
    _refuse_zero(landscape, np.linspace(min(target, other), max(target, other), SCANNED))
    return reached_first(log_scale, start, target, other)


def logarithms(
    landscape: Landscape, acts: Diffusion, temperature: float
) -> tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]:
    """Logarithms of s and of 1 / (D s), functions of positions (points,).

    Args:
        landscape: a loss of one coordinate with a diffusion.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.

    Raises:
        UsageError: the landscape has not one coordinate, or no diffusion, or its diffusion does not act; the functions,
            where the diffusion is not positive.
    """
    diffusion = landscape.diffusion
    if landscape.dim != 1 or diffusion is None:
        raise UsageError(
            f"{landscape.name} is no line with a diffusion that varies",
            "one coordinate and a diffusion",
            "make one by langevin.potentials.with_diffusion",
        )
    if acts is Diffusion.CONSTANT:
        raise UsageError(
            f"the motion does not use the diffusion of {landscape.name}",
            "a diffusion that acts on the mobility or on the noise",
            "take the theory of a constant diffusion",
        )

    def log_factor(places: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            found = np.log(evaluate(diffusion, "value", places[:, None]))
        if not (found > -np.inf).all():
            raise UsageError(
                f"the diffusion of {landscape.name} is not positive everywhere that the theory needs",
                "a positive diffusion",
                "bound it from below",
            )
        return found

    if acts is Diffusion.MOBILITY:

        def loss(places: FloatArray) -> FloatArray:
            return evaluate(landscape, "value", places[:, None]) / temperature

        def speed(places: FloatArray) -> FloatArray:
            log_factor(places)  # refuses a diffusion that is not positive, where walkers cannot be
            return -loss(places)

        return lambda x: loss(x) - log_factor(x), speed

    slope = antiderivative(
        lambda places: slope_over_factor(landscape, places), float(usual_point(landscape)[0])
    )

    def work(places: FloatArray) -> FloatArray:
        return slope(places) / temperature

    return work, lambda x: -work(x) - log_factor(x)


def range_of(landscape: Landscape, acts: Diffusion, temperature: float) -> tuple[float, float, float, float]:
    """Start, its size, and the ends of the range in u, where the distance from the start is sinh u times the size.

    Args:
        landscape: a loss of one coordinate with a diffusion.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.

    Raises:
        UsageError: the loss does not confine, or the diffusion touches 0 between the ends.
    """
    start = float(usual_point(landscape)[0])
    unit = max(1.0, abs(start))
    value = effective_loss(landscape, acts, temperature)
    lower, upper = (math.asinh((cut_off(value, start, side, temperature) - start) / unit) for side in (-1, 1))
    _refuse_zero(landscape, start + unit * np.sinh(np.linspace(lower, upper, SCANNED)))
    return start, unit, lower, upper


def _refuse_zero(landscape: Landscape, places: FloatArray) -> None:
    """Refuse a diffusion that touches 0 between the first and the last of some places, which ascend.

    Raises:
        UsageError: it does, and walkers cannot pass there.
    """
    from scipy.optimize import minimize_scalar

    kernel = landscape.diffusion
    assert kernel is not None

    def factor(place: float) -> float:
        return float(evaluate(kernel, "value", np.array([place])))

    factors = evaluate(kernel, "value", places[:, None])
    least = int(np.argmin(factors))
    bounds = places[max(least - 1, 0)], places[min(least + 1, len(places) - 1)]
    smallest = min(minimize_scalar(factor, bounds=bounds, method="bounded").fun, factors[least])
    if not smallest > TOUCHES * float(np.median(factors)):
        raise UsageError(
            f"the diffusion of {landscape.name} is 0 at a place, which walkers cannot pass",
            "a diffusion that is positive at all places that walkers reach",
            "bound it from below",
        )


def slope_over_factor(landscape: Landscape, places: FloatArray) -> FloatArray:
    """f' / D at places (points,).

    Args:
        landscape: a loss of one coordinate with a diffusion.
        places: positions, (points,).
    """
    assert landscape.diffusion is not None
    slopes = evaluate(landscape, "gradient", places[:, None])[:, 0]
    return np.asarray(slopes / evaluate(landscape.diffusion, "value", places[:, None]))
