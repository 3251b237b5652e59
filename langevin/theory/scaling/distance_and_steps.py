"""Distance and number of steps: diffusion compared with straight motion, and the two time scales of momentum.

Free diffusion dX = sqrt(2 theta) dW spreads as sqrt(t). The *path length* of Euler-Maruyama is different: it grows as
t, and has no limit as dt -> 0. For the conditions of t_grok = t_mem^2 see `grokking_steps`. Sources: Redner, A Guide to
First-Passage Processes (2001); Gardiner, Handbook of Stochastic Methods, section 5.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NumericalError, unfit
from langevin.types import Curve, FloatArray, Prediction

Profile = Callable[[FloatArray], FloatArray]
#: Relative tolerances of the motion with momentum: the change from the first to the second is the remainder.
TOLERANCES = (1e-7, 1e-9)
#: Number of times at which an entry is tested.
LOOKS = 20_000


def mean_square_displacement(dim: int, temperature: float, time: float) -> Prediction:
    """E |X(t) - X(0)|^2 = 2 d theta t of free diffusion in R^d; on a surface at times before its curvature matters.

    Args:
        dim: d.
        temperature: theta.
        time: t.
    """
    _check(dim, temperature, time)
    return Prediction(2 * dim * temperature * time)


def sphere_displacement(ambient: int, temperature: float, time: float, radius: float = 1.0) -> Prediction:
    """E |X(t) - X(0)|^2 = 2 R^2 (1 - e^(-(n-1) theta t / R^2)) on the sphere of radius R in R^n; exact.

    The coordinates are eigenfunctions of the Laplace-Beltrami operator: E X(t) . X(0) = R^2 e^(-(n-1) theta t / R^2).

    Args:
        ambient: n, the dimension of the ambient space.
        temperature: theta.
        time: t.
        radius: R.
    """
    _check(ambient - 1, temperature, time)
    _check(1, radius, 0.0)
    return Prediction(-2 * radius**2 * math.expm1(-(ambient - 1) * temperature * time / radius**2))


def path_length(dim: int, temperature: float, time: float, dt: float) -> Prediction:
    """Mean length of the path of Euler-Maruyama in R^d, (t / dt) sqrt(2 theta dt) sqrt(2) G((d+1)/2) / G(d/2).

    Exact without a force: the mean of a chi-distributed step times the number of steps. It diverges as dt^(-1/2).

    Args:
        dim: d.
        temperature: theta.
        time: t.
        dt: step.
    """
    _check(dim, temperature, time)
    _check(1, dt, 0.0)
    mean = math.sqrt(2) * math.exp(math.lgamma((dim + 1) / 2) - math.lgamma(dim / 2))
    return Prediction(time / dt * math.sqrt(2 * temperature * dt) * mean)


def small_target_time(outer: float, target: float, dim: int, temperature: float) -> Prediction:
    """Mean time from the mirror sphere of radius L to an absorbing ball of radius rho in its middle; exact.

    (1 / (d theta)) (L^d I - (L^2 - rho^2) / 2) with I = int_rho^L s^(1-d) ds. For rho << L it is proportional to
    L^d / rho^(d-2) in d >= 3 dimensions, to L^2 log(L / rho) in the plane, and to L^2 on a line.

    Args:
        outer: L.
        target: rho.
        dim: d.
        temperature: theta.

    Raises:
        UsageError: not 0 < rho < L, or dim or temperature out of range.
    """
    _check_target(outer, target, dim, temperature)
    return Prediction(
        (outer**dim * _inverse_flux(outer, target, dim) - (outer**2 - target**2) / 2) / (dim * temperature)
    )


def small_target_exponent(outer: float, target: float, dim: int) -> Prediction:
    """Local exponent d log T / d log L of `small_target_time` at fixed rho: towards 2 or, for d >= 3, towards d.

    Args:
        outer: L.
        target: rho.
        dim: d.
    """
    _check_target(outer, target, dim, 1.0)
    flux = outer**dim * _inverse_flux(outer, target, dim)
    return Prediction(dim * flux / (flux - (outer**2 - target**2) / 2))


def grokking_steps(
    memorising_steps: float, step_ratio: float = 1.0, dim: int = 1, target: float | None = None
) -> Prediction:
    """Diffusive steps to cover the distance that `memorising_steps` straight steps cover.

    The distance is L = t_mem x straight step. In every dimension a walker needs (L / s)^2 steps to leave the ball of
    radius L, with s = sqrt(2 d theta dt) the rms length of a step. So t_grok = t_mem^2 if (a) straight and diffusive
    steps are equally long, (b) the target is a wall all around, and (c) the number of steps is large: the overshoot of
    the last step is left out (`passage.exit_steps`). From a mirror at distance L to a ball of radius rho
    it needs 2 d theta / s^2 x `small_target_time` steps: the exponent is d in three and more dimensions.

    Args:
        memorising_steps: t_mem.
        step_ratio: straight step over diffusive rms step.
        dim: d.
        target: rho in units of the diffusive rms step; a wall if absent. In range for rho >= 2 (steps are small
            compared with the target) and t_mem x step_ratio >= 10 (steps are small compared with the distance).

    Raises:
        UsageError: a number is not positive, or the target is larger than L.
    """
    _check(dim, memorising_steps, 0.0)
    _check(1, step_ratio, 0.0)
    distance = memorising_steps * step_ratio
    if target is None:
        return Prediction(distance**2, in_range=distance >= 10)
    steps = 2 * dim * small_target_time(distance, target, dim, 1.0).value
    return Prediction(steps, in_range=distance >= 10 and target >= 2)


def grokking_curves(dim: int, target: float, step_ratio: float = 1.0) -> list[Curve]:
    """`grokking_steps` over memorising_steps, to a wall and to a ball of radius `target` in diffusive steps.

    Args:
        dim: d.
        target: radius of the ball in units of the diffusive rms step.
        step_ratio: straight step over diffusive rms step.
    """
    return [
        Curve(
            "wall",
            lambda steps: grokking_steps(steps, step_ratio),
            "10 steps or more; the exponent is 2",
            "Redner, A Guide to First-Passage Processes (2001)",
        ),
        Curve(
            "small target",
            lambda steps: grokking_steps(steps, step_ratio, dim, target),
            f"way of 10 steps or more, target of 2 or more; the exponent tends to {max(2, dim)}",
            "Redner, A Guide to First-Passage Processes (2001), chapter 6",
        ),
    ]


def heavy_ball_path(
    profile: Profile, slope: Profile, noise: float, friction: float, start: float, times: FloatArray
) -> list[Prediction]:
    """Positions x at `times` on the floor of a(x) |y|^2 / 2 with momentum and label noise, in the limit of small steps.

    v <- beta v - eta (gradient + noise), x <- x + v, with 1 - beta = c eta^(2/3) and n = tau eta^(-2/3) steps: then eta
    cancels. The y_j oscillate with the frequency sqrt(eta a), fast compared with tau. Their energy over their frequency
    is invariant while a changes; friction removes energy, and label noise adds it. With s = eta^(-1/3) |y|^2, averaged,

        x'' + c x' = -a'(x) s / 2,      s' = -c s - (a' / 2a) x' s + m sigma^2 / 2.

    So flattening takes eta^(-2/3) steps times a number that depends only on c. A large c gives the overdamped drift
    x' = -m sigma^2 a' / (4 c^2) of effective rate eta / (1 - beta). Valid for eta -> 0 and m -> infinity at given m
    sigma^2 (for small m, s fluctuates by m^(-1/2), which does not depend on eta either). The derivation is our own; the
    scaling 1 - beta ~ eta^(2/3) is from Cowsik, Can and Glorioso, arXiv 2210.16400. The remainder is the change from a
    solution with tolerances 100 times as wide, and at least the tolerance.

    Args:
        profile: a(x) > 0, array to array.
        slope: a'(x).
        noise: m sigma^2, directions times variance of the labels.
        friction: c.
        start: x(0), with y = 0 and no velocity.
        times: tau, from 0 on, ascending.

    Raises:
        UsageError: noise or friction not positive.
        NumericalError: the equations could not be solved.
    """
    _check(1, noise, 0.0)
    _check(1, friction, 0.0)
    places, errors = _heavy_ball(profile, slope, noise, friction, start, np.asarray(times, np.float64))
    return [Prediction(float(place), float(error)) for place, error in zip(places, errors)]


def settling_time(
    profile: Profile,
    slope: Profile,
    noise: float,
    friction: float,
    start: float,
    flat: float,
    radius: float,
    horizon: float,
) -> Prediction:
    """Time tau of the last entry of `heavy_ball_path` into |x - flat| < radius; steps are tau eta^(-2/3).

    The first entry is always earlier with less friction. The last entry has an optimum, because motion with little
    friction overshoots. The remainder contains the distance of the tested times, and the effect of the remainder of the
    path.

    Args:
        profile: a(x) > 0, array to array.
        slope: a'(x).
        noise: m sigma^2, directions times variance of the labels.
        friction: c.
        start: x(0).
        flat: middle of the interval that is entered.
        radius: half the length of this interval.
        horizon: longest time tau that is followed.

    Raises:
        UsageError: as `heavy_ball_path`.
        NumericalError: the path is outside at the horizon, or as `heavy_ball_path`.
    """
    _check(1, noise, 0.0)
    _check(1, friction, 0.0)
    spacing = horizon / LOOKS
    times = spacing * np.arange(LOOKS + 1, dtype=np.float64)
    places, errors = _heavy_ball(profile, slope, noise, friction, start, times)
    aside = np.abs(places - flat)
    if aside[-1] + errors[-1] >= radius:
        raise NumericalError(f"the walk is outside at the horizon {horizon:g}", remedy="take a longer one")
    early, middle, late = (_entry(times, aside + sign * errors >= radius) for sign in (-1.0, 0.0, 1.0))
    return Prediction(middle, spacing / 2 + max(late - middle, middle - early))


def _entry(times: FloatArray, outside: NDArray[np.bool_]) -> float:
    """The middle between the last time outside and the next time; 0 if no time is outside."""
    last = np.flatnonzero(outside)
    return float(times[last[-1]] + times[last[-1] + 1]) / 2 if len(last) else 0.0


def _heavy_ball(
    profile: Profile, slope: Profile, noise: float, friction: float, start: float, times: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The positions x (times,) of the averaged motion, and bounds on their errors."""
    from scipy.integrate import solve_ivp

    def motion(_: float, state: FloatArray) -> list[float]:
        x, velocity, swing = state
        steepness, stiffness = float(slope(x)), float(profile(x))
        gain = noise / 2 - steepness / (2 * stiffness) * velocity * swing
        return [velocity, -friction * velocity - steepness * swing / 2, gain - friction * swing]

    end = float(times[-1])
    found = []
    for tolerance in TOLERANCES:
        answer = solve_ivp(
            motion,
            (0.0, end),
            [start, 0.0, 0.0],
            "LSODA",
            rtol=tolerance,
            atol=tolerance / 100,
            dense_output=True,
        )
        if not answer.success:
            raise NumericalError(
                f"the motion with momentum could not be followed to {end:g}", remedy="take a shorter time"
            )
        found.append(np.asarray(answer.sol(times)[0]))
    rough, fine = found
    changes = np.maximum.accumulate(np.abs(fine - rough))
    return fine, changes + TOLERANCES[0] * np.maximum(np.abs(fine), 1.0)


def _inverse_flux(outer: float, target: float, dim: int) -> float:
    """int_rho^L s^(1-d) ds."""
    if dim == 2:
        return math.log(outer / target)
    return (outer ** (2 - dim) - target ** (2 - dim)) / (2 - dim)


def _check_target(outer: float, target: float, dim: int, temperature: float) -> None:
    _check(dim, temperature, 0.0)
    if not 0 < target < outer < math.inf:
        raise unfit(
            "the target's radius", "must lie between 0 and that of the mirror", f"{target} and {outer}"
        )


def _check(dim: int, positive: float, time: float) -> None:
    if not (dim >= 1 and float(dim).is_integer() and 0 < positive < math.inf and 0 <= time < math.inf):
        raise unfit(
            "scaling laws",
            "need a whole dimension >= 1, positive finite temperatures, lengths and numbers of steps, and "
            "a time >= 0",
            f"{dim}, {positive} and {time}",
        )
