"""Ballistic or diffusive: how the time of arrival grows with the length, as L or as L^2.

Free diffusion takes the time L^2 / (2 theta), and a drift v takes L / v. If both act, the crossover is at v L = theta.
In steps of rms length s this is (L / s)^2 compared with L / s: a distance of 10^3 straight steps takes 10^6 diffusive
steps, if the steps are as long and the target is a wall. Sources: Redner, A Guide to First-Passage Processes (2001),
chapter 2; Gardiner, Handbook of Stochastic Methods, section 5.2.7; overshoot: Siegmund, Adv. Appl. Probab. 11 (1979)
701.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.theory.passage.closed_forms import ball_time, check_passage, cube_exit_time, interval_time
from langevin.types import Curve, Prediction

#: -zeta(1/2) / sqrt(2 pi): mean overshoot of a Gaussian random walk in units of its step.
OVERSHOOT = 0.5825971579390107
#: Below this v L / theta the power series is accurate, above it the closed form.
SMALL_DRIFT = 1.0
#: One mechanism alone is in range if its error is below 1 %: v L / theta below the first number, or above the second.
PURE = (0.03, 100.0)
#: Error of `exit_steps` in steps, the smallest R / s and the largest dimension for which it was measured.
STEP_REMAINDER = 0.35
LEAST_RADIUS = 2.0
MOST_DIM = 50
REDNER = "Redner, A Guide to First-Passage Processes (2001)"


def drift_time(length: float, drift: float, temperature: float) -> Prediction:
    """Mean time from the mirror wall at 0 to L with a constant drift v (negative: away from L); exact.

    L / v - (theta / v^2)(1 - e^(-v L / theta)), computed as (L^2 / theta) phi(v L / theta) with phi(P) = (P -
    1 + e^-P) / P^2, which is 1/2 - P/6 + ... for a small drift.

    Args:
        length: L.
        drift: v.
        temperature: theta.

    Raises:
        UsageError: length or temperature not positive, or the drift not finite.
        NumericalError: the time is beyond the range of floats (a drift away from L).
    """
    time = length**2 / temperature * _phi(_drift_ratio(length, drift, temperature))
    if not math.isfinite(time):
        raise NumericalError("uphill the time is beyond floats", remedy="raise the temperature")
    return Prediction(time)


def drift_exponent(length: float, drift: float, temperature: float) -> Prediction:
    """Local exponent d log T / d log L of `drift_time`: 2 for v L << theta, 1 for v L >> theta; exact.

    (1 - e^-P) / (P phi(P)) with P = v L / theta.

    Args:
        length: L.
        drift: v.
        temperature: theta.

    Raises:
        UsageError, NumericalError: as `drift_time`.
    """
    ratio = _drift_ratio(length, drift, temperature)
    slope = -math.expm1(-ratio) / ratio if ratio else 1.0
    return Prediction(slope / _phi(ratio))


def overshoot_shift(temperature: float, dt: float) -> float:
    """Apparent shift of a wall that is tested only at the ends of Gaussian steps: 0.5826 sqrt(2 theta dt).

    Valid for a smooth wall and steps much shorter than the distance to it (Siegmund 1979; Gobet and Menozzi,
    Stoch. Proc. Appl. 120 (2010) 130).

    Args:
        temperature: theta.
        dt: step.

    Raises:
        UsageError: temperature or dt not positive.
    """
    check_passage(1.0, temperature)
    if not 0 < dt < math.inf:
        raise unfit("dt", "must be positive and finite", f"{dt}", "take for instance 0.001")
    return OVERSHOOT * math.sqrt(2 * temperature * dt)


def exit_steps(radius: float, step: float, dim: int) -> Prediction:
    """Mean number of Gaussian steps of rms length s to leave a ball from its centre.

    ((R + 0.5826 s / sqrt(d)) / s)^2: (R / s)^2 in every dimension, with the wall shifted by the overshoot. The unit of
    the overshoot is the component s / sqrt(d) = sqrt(2 theta dt) normal to the wall. Compared with the integral
    equation of the walk, the result is too small by 1/4 of a step for large R / s, in every dimension, and by at most
    0.32 for R >= 2 s and d <= 50.

    Args:
        radius: R.
        step: s, the root mean square length of a step.
        dim: d.

    Raises:
        UsageError: radius or step not positive, or dim < 1.
    """
    check_passage(radius, step, dim)
    steps = ((radius + OVERSHOOT * step / math.sqrt(dim)) / step) ** 2
    return Prediction(steps, STEP_REMAINDER, radius >= LEAST_RADIUS * step and dim <= MOST_DIM)


def passage_length_curves(drift: float, temperature: float) -> list[Curve]:
    """Mean time over the length L from a mirror wall to the target, with a drift v > 0 towards it, by three laws.

    Args:
        drift: v.
        temperature: theta.

    Raises:
        UsageError: drift or temperature not positive; on evaluation, a length that is not positive.
    """
    _check_drift(drift, temperature)

    def diffusive(length: float) -> Prediction:
        little = drift * length / temperature <= PURE[0]
        return Prediction(interval_time(length, temperature).value, in_range=little)

    def ballistic(length: float) -> Prediction:
        check_passage(length, temperature)
        return Prediction(length / drift, in_range=drift * length / temperature >= PURE[1])

    return [
        Curve(
            "drift and diffusion", lambda length: drift_time(length, drift, temperature), "any length", REDNER
        ),
        Curve("diffusion", diffusive, f"v L / theta <= {PURE[0]:g}; T = L^2 / (2 theta)", REDNER),
        Curve("ballistic", ballistic, f"v L / theta >= {PURE[1]:g}; T = L / v", "noise left out"),
    ]


def passage_exponent_curve(drift: float, temperature: float) -> Curve:
    """Local exponent d log T / d log L over the length, from 2 to 1 (`drift_exponent`).

    Args:
        drift: v.
        temperature: theta.

    Raises:
        UsageError: drift or temperature not positive.
    """
    _check_drift(drift, temperature)
    return Curve(
        "drift and diffusion (exponent)",
        lambda length: drift_exponent(length, drift, temperature),
        "any length",
        REDNER,
    )


def passage_dimension_curves(length: float, temperature: float) -> list[Curve]:
    """Mean time over the dimension to leave, from the centre, a ball of radius L and a cube of half side L.

    Args:
        length: L.
        temperature: theta.

    Raises:
        UsageError: length or temperature not positive; on evaluation, a dimension that is not a whole number >= 1.
    """
    check_passage(length, temperature)

    def at(law: Callable[[float, float, float], Prediction]) -> Callable[[float], Prediction]:
        return lambda dim: law(length, dim, temperature)

    return [
        Curve("ball", at(ball_time), "any dimension; start at the centre", f"{REDNER}, chapter 6"),
        Curve("cube", at(cube_exit_time), "any dimension; start at the centre", "independent coordinates"),
    ]


def passage_step_curves(step: float, dim: int) -> list[Curve]:
    """Mean number of steps of rms length s over the distance R to the target, by three laws.

    Args:
        step: s, the root mean square length of a step.
        dim: d.

    Raises:
        UsageError: step not positive or dim < 1; on evaluation, a distance that is not positive.
    """
    check_passage(1.0, step, dim)

    def continuous(radius: float) -> Prediction:
        check_passage(radius, step, dim)
        shift = 2 * OVERSHOOT * step / math.sqrt(dim)
        return Prediction((radius / step) ** 2, in_range=shift <= 0.01 * radius)

    def straight(radius: float) -> Prediction:
        check_passage(radius, step, dim)
        return Prediction(radius / step)

    return [
        Curve(
            "diffusion, finite steps",
            lambda radius: exit_steps(radius, step, dim),
            f"Gaussian steps, R >= {LEAST_RADIUS:g} s, d <= {MOST_DIM}",
            "Siegmund, Adv. Appl. Probab. 11 (1979) 701",
        ),
        Curve("diffusion", continuous, "overshoot below 1 %: R >= 117 s / sqrt(d); (R / s)^2", REDNER),
        Curve("ballistic", straight, "every step straight ahead; R / s", "noise left out"),
    ]


def _check_drift(drift: float, temperature: float) -> None:
    check_passage(1.0, temperature)
    if not 0 < drift < math.inf:
        raise unfit("drift", "must be positive and finite", f"{drift}", "use interval_time without one")


def _drift_ratio(length: float, drift: float, temperature: float) -> float:
    check_passage(length, temperature)
    if not math.isfinite(drift):
        raise unfit("drift", "must be finite", f"{drift}")
    ratio = drift * length / temperature
    if ratio < -math.log(np.finfo(float).max):
        raise NumericalError(
            f"uphill by {-ratio:.4g} temperatures the time is beyond floats", remedy="raise the temperature"
        )
    return ratio


def _phi(ratio: float) -> float:
    """(P - 1 + e^-P) / P^2 without cancellation."""
    if abs(ratio) > SMALL_DRIFT:
        return (ratio + math.expm1(-ratio)) / ratio**2
    return math.fsum((-ratio) ** k / math.factorial(k + 2) for k in range(18))
