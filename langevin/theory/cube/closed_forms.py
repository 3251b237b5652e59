"""Kozyrev's cube: closed-form laws of the mean first-passage time.

The zero-loss set is a cube of side L in R^d. Each of k samples confines one more coordinate to [0, eps L]; the target
is the corner where all coordinates are <= eps L. A walker (diffusion coefficient theta, mirror walls) starts uniformly
on the set, target included. The confined coordinates are already inside the target, so every time depends only on the
n = d - k `free` coordinates.

Sources: S. V. Kozyrev, "How to explain grokking" (30 December 2024) for the cube and Eyring's
estimate; H. Hasimoto, J. Fluid Mech. 5 (1959) 317 for the constants of periodic cells.
"""

from __future__ import annotations

import math

from langevin.errors import NumericalError, unfit
from langevin.types import Prediction

#: Capacity of the unit cube over that of the unit ball (Hwang and Mascagni, J. Appl. Phys. 95 (2004) 3798).
CUBE_CAPACITY = 0.660678
#: Regular part of the periodic Green function of the unit cubic cell (Hasimoto 1959: 2.837297 / (4 pi)).
CUBIC_CELL = 0.225785
#: free -> (largest eps, c): up to this eps the relative error of the asymptotic law is at most c eps^2 (finite
#: volumes).
CAPACITY_RANGE = {2: (1 / 6, 1.2), 3: (1 / 4, 0.6)}


def check_cube(free: int, side: float, fraction: float, temperature: float) -> None:
    """Refuse impossible cubes.

    Args:
        free: number n of free coordinates.
        side: length L of the box.
        fraction: eps, side of the target over the side L of the box, between 0 and 1.
        temperature: theta, energy.

    Raises:
        UsageError: the free count is not a whole number >= 0, the fraction is not in (0, 1), or the side or temperature
            is not positive and finite.
    """
    if free < 0 or not float(free).is_integer():
        raise unfit("free coordinates", "must be a whole number >= 0", f"{free}", "take samples <= dim")
    if not 0 < fraction < 1:
        raise unfit("fraction", "must lie strictly between 0 and 1", f"{fraction}", "take for instance 0.25")
    for name, number in (("side", side), ("temperature", temperature)):
        if not 0 < number < math.inf:
            raise unfit(name, "must be positive and finite", f"{number}", "take for instance 1")


def entropy(dim: int, samples: int, side: float, fraction: float) -> float:
    """Entropy d log L + k log eps of the zero-loss set, the log of its volume (Kozyrev, section 2).

    Args:
        dim: number d of coordinates.
        samples: number k of training samples.
        side: L.
        fraction: eps.
    """
    check_cube(dim - samples, side, fraction, 1.0)
    return dim * math.log(side) + samples * math.log(fraction)


def inverse_power(fraction: float, power: int) -> float:
    """The ratio eps^-power.

    Args:
        fraction: eps, between 0 and 1.
        power: the exponent, a whole number.

    Raises:
        NumericalError: the ratio is beyond the range of floats.
    """
    try:
        return float(fraction**-power)
    except OverflowError:
        raise NumericalError(
            f"{fraction}^-{power} is beyond floats",
            remedy="take fewer free coordinates, or a larger fraction",
        ) from None


def eyring_time(free: int, side: float, fraction: float, temperature: float) -> Prediction:
    """Eyring's estimate ((eps L)^2 / theta) exp((F1 - F0) / theta) = ((eps L)^2 / theta) eps^-n.

    The exponential is Kozyrev's equation (3). It does not depend on the temperature: the barrier is purely entropic.
    The exponential has no unit; the prefactor, the time (eps L)^2 / theta of diffusion across the target, is our
    choice. The source states no range of validity, so the prediction is in range for every n >= 1.

    Args:
        free: number n of free coordinates.
        side: L.
        fraction: eps.
        temperature: theta.
    """
    check_cube(free, side, fraction, temperature)
    return Prediction(
        (fraction * side) ** 2 / temperature * inverse_power(fraction, free), in_range=free >= 1
    )


def volume_slope(fraction: float) -> float:
    """Slope -log eps of log T per removed sample, if T is proportional to the volume ratio eps^-n (Eyring).

    Args:
        fraction: eps.
    """
    check_cube(1, 1.0, fraction, 1.0)
    return -math.log(fraction)


def capacity_bound(free: int) -> float:
    """Upper bound n (n-2)/4 ((n-1)/(n-2))^(n-1) on the capacity C_n of the unit corner cube of an orthant.

    For n >= 3, by Dirichlet's principle with the trial function prod_i exp(-q max(x_i - 1, 0)), whose best
    rate is q = (n-2)/2.

    Args:
        free: number n of free coordinates, at least 3.

    Raises:
        UsageError: fewer than three free coordinates; the capacity in an unbounded orthant is then zero.
    """
    if free < 3:
        raise unfit("capacity_bound", "needs at least 3 free coordinates", f"{free}", "use capacity_time")
    return free * (free - 2) / 4 * ((free - 1) / (free - 2)) ** (free - 1)


def capacity_time(free: int, side: float, fraction: float, temperature: float) -> Prediction:
    """Capacity law L^n / (theta C_n (eps L)^(n-2)): a small target, which the walker reaches after it has mixed.

    n = 1: exact, L^2 (1 - eps)^3 / (3 theta). n = 2: (2 L^2 / (pi theta)) log(8 pi^2 / (Gamma(1/4)^4 eps)), from the
    logarithmic capacity of the square on a torus of side 2 L. n = 3: (L^2 / theta)(1 / (pi c eps) - 4 g), with c the
    capacity of the unit cube and g the constant of the cubic cell. Mirror images unfold the box to this torus. Within
    `CAPACITY_RANGE` the remainder is a bound that was measured with finite volumes. n > 3: C_n is replaced by its upper
    bound. This is a limit law for eps -> 0 and is out of range at every eps.

    Args:
        free: number n of free coordinates.
        side: L.
        fraction: eps.
        temperature: theta.
    """
    check_cube(free, side, fraction, temperature)
    unit = side**2 / temperature
    if free == 0:
        return Prediction(0.0, in_range=False)
    if free == 1:
        return Prediction(unit * (1 - fraction) ** 3 / 3)
    if free > 3:
        return Prediction(unit * inverse_power(fraction, free - 2) / capacity_bound(free), in_range=False)
    if free == 2:
        value = unit * 2 / math.pi * math.log(8 * math.pi**2 / (math.gamma(0.25) ** 4 * fraction))
    else:
        value = unit * (1 / (math.pi * CUBE_CAPACITY * fraction) - 4 * CUBIC_CELL)
    largest, coefficient = CAPACITY_RANGE[free]
    return Prediction(value, abs(value) * coefficient * fraction**2, in_range=fraction <= largest)
