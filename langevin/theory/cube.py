"""Kozyrev's cube: closed-form laws of the mean first-passage time.

The zero-loss set is a cube of side L in R^d. Each of k samples confines one more coordinate to
[0, eps L]; the target is the corner where all coordinates are <= eps L. A walker (diffusion
coefficient theta, mirror walls) starts uniformly on the set, target included. The confined
coordinates are inside already, so every time depends on n = d - k `free` coordinates alone.

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
#: free -> (largest eps, c): there the asymptotic law errs by at most c eps^2 of its value (finite volumes).
CAPACITY_RANGE = {2: (1 / 6, 1.2), 3: (1 / 4, 0.6)}


def check_cube(free: int, side: float, fraction: float, temperature: float) -> None:
    """Refuse impossible cubes.

    Raises:
        UsageError: a free count that is no whole number >= 0, a fraction outside (0, 1), or a side
            or temperature that is not positive and finite.
    """
    if free < 0 or not float(free).is_integer():
        raise unfit("free coordinates", "must be a whole number >= 0", f"{free}", "take samples <= dim")
    if not 0 < fraction < 1:
        raise unfit("fraction", "must lie strictly between 0 and 1", f"{fraction}", "take for instance 0.25")
    for name, number in (("side", side), ("temperature", temperature)):
        if not 0 < number < math.inf:
            raise unfit(name, "must be positive and finite", f"{number}", "take for instance 1")


def entropy(dim: int, samples: int, side: float, fraction: float) -> float:
    """Entropy d log L + k log eps of the zero-loss set, the log of its volume (Kozyrev, section 2)."""
    check_cube(dim - samples, side, fraction, 1.0)
    return dim * math.log(side) + samples * math.log(fraction)


def inverse_power(fraction: float, power: int) -> float:
    """The ratio eps^-power.

    Raises:
        NumericalError: it is beyond the range of floats.
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

    The exponential is Kozyrev's, equation (3), and is free of temperature: the barrier is purely entropic.
    It has no unit; the prefactor, the time (eps L)^2 / theta to diffuse across the target, is our choice.
    The source claims no range, so it is in range for every n >= 1.
    """
    check_cube(free, side, fraction, temperature)
    return Prediction(
        (fraction * side) ** 2 / temperature * inverse_power(fraction, free), in_range=free >= 1
    )


def volume_slope(fraction: float) -> float:
    """Slope -log eps of log T per removed sample if T went as the volume ratio eps^-n (Eyring)."""
    check_cube(1, 1.0, fraction, 1.0)
    return -math.log(fraction)


def capacity_bound(free: int) -> float:
    """Upper bound n (n-2)/4 ((n-1)/(n-2))^(n-1) on the capacity C_n of an orthant's unit corner cube.

    For n >= 3, by Dirichlet's principle with the trial function prod_i exp(-q max(x_i - 1, 0)), whose best
    rate is q = (n-2)/2.

    Raises:
        UsageError: fewer than three free coordinates, where an unbounded orthant has no capacity.
    """
    if free < 3:
        raise unfit("capacity_bound", "needs at least 3 free coordinates", f"{free}", "use capacity_time")
    return free * (free - 2) / 4 * ((free - 1) / (free - 2)) ** (free - 1)


def capacity_time(free: int, side: float, fraction: float, temperature: float) -> Prediction:
    """Capacity law L^n / (theta C_n (eps L)^(n-2)): a small target, found after the walker has mixed.

    n = 1: exact, L^2 (1 - eps)^3 / (3 theta). n = 2: (2 L^2 / (pi theta)) log(8 pi^2 / (Gamma(1/4)^4 eps)),
    from the square's logarithmic capacity on a torus of side 2 L. n = 3: (L^2 / theta)(1 / (pi c eps) - 4 g),
    c the capacity of the unit cube and g the constant of the cubic cell. Mirror images unfold the box to
    that torus. Within `CAPACITY_RANGE` the remainder is a bound taken from the finite volumes.
    n > 3: C_n replaced by its upper bound, a limit law for eps -> 0 and out of range at any eps.
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
