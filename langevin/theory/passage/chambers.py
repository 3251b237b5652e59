"""Two chambers joined by a hole or channel: volumes decide the occupancies, the narrowest section the rate.

Occupancies are proportional to volumes (`free_energy.wide_share_curve`). A flux J through a hole lowers the
concentration by R J. The difference between two chambers decays at the rate (1 / V_A + 1 / V_B) / R, with R the sum of
the resistances between them (Singer, Schuss and Holcman, J. Stat. Phys. 122 (2006) 437; Holcman and Schuss, SIAM Rev.
56 (2014) 213). Chambers are boxes, with the hole in the middle of the face across axis 0. The hole is a disc of radius
a: in the plane a slit of width 2 a, in space a round hole. A square hole in space conducts 2 % more than a disc of
equal area (its capacity is 0.3668 x 4 pi x side, the capacity of a disc is 8 a).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from langevin.errors import NumericalError, UsageError, unfit
from langevin.theory.fokker_planck.cells import box_mesh, richardson
from langevin.theory.fokker_planck.generators import spectral_gap
from langevin.types import Curve, FloatArray, Prediction

#: Largest values in range: radius of the hole over the smallest side, rate over the slowest rate of the chambers.
WIDEST_HOLE = 0.1
FASTEST = 0.1
#: The heat kernel at its source is a sum over images below this t / L^2, over modes above it; number of terms of both.
SWITCH = 1 / (4 * math.pi)
TERMS = np.arange(1, 9)[:, None]
CELLS = 400


def disc_conductance(dim: int, radius: float, temperature: float) -> float:
    """Flux per difference of concentration from far away to an absorbing disc in a wall of R^d, d >= 3.

    theta (d - 2) S_(d-1) B((d-1)/2, 1/2) a^(d-2) / (2 pi), with S_(d-1) the area of the unit sphere: 4 theta a in
    space, and 2 theta a from one side of the hole to the other (two in series). The result is half the capacity of a
    disc, whose charge is proportional to (a^2 - r^2)^(-1/2) in every dimension.

    Args:
        dim: d.
        radius: a.
        temperature: theta.

    Raises:
        UsageError: d < 3, for which the flux is zero; radius or temperature not positive.
    """
    if dim < 3:
        raise UsageError(
            f"a hole in the plane has no conductance of its own, got d = {dim}",
            "dim >= 3",
            "use chamber_resistance",
        )
    _check_positive(radius=radius, temperature=temperature)
    sphere = 2 * math.pi ** (dim / 2) / math.gamma(dim / 2)
    beta = math.gamma((dim - 1) / 2) * math.gamma(1 / 2) / math.gamma(dim / 2)
    return float(temperature * (dim - 2) * sphere * beta * radius ** (dim - 2) / (2 * math.pi))


def torus_constant(periods: Sequence[float]) -> float:
    """Regular part at its source of the Green function of a torus, -Laplace G = delta - 1 / V, mean zero.

    G = r^(2-d) / ((d - 2) S_(d-1)) + R + ..., in the plane -log(r) / (2 pi) + R + ...: R is the time integral of the
    heat kernel minus its limits at short and long times. R L = -0.225785 for a cube (H. Hasimoto, J. Fluid Mech. 5
    (1959) 317).

    Args:
        periods: sides L of the torus, one for each coordinate.

    Raises:
        UsageError: fewer than two periods, or a period that is not positive.
    """
    from scipy.integrate import quad

    sides, dim = np.asarray(periods, float), len(periods)
    if dim < 2:
        raise unfit("a torus constant", "needs two periods or more", f"{dim}")
    _check_positive(**{f"period {number}": side for number, side in enumerate(sides)})
    volume, middle = float(sides.prod()), float(sides.min()) ** 2 * SWITCH

    def short(t: float) -> float:
        """Heat kernel at its source minus the heat kernel of free space."""
        images = np.log1p(2 * np.exp(-((TERMS * sides) ** 2) / (4 * t)).sum(axis=0)).sum()
        return float(np.expm1(images) * (4 * math.pi * t) ** (-dim / 2))

    def long(log_t: float) -> float:
        """Heat kernel minus its limit 1 / V, over the logarithm of the time."""
        t = math.exp(log_t)
        modes = np.exp(-((2 * math.pi * TERMS) ** 2) * t / sides**2).sum(axis=0)
        free = (4 * math.pi * t) ** -0.5 * sides
        by_images = np.log(free * (1 + 2 * np.exp(-((TERMS * sides) ** 2) / (4 * t)).sum(axis=0)))
        kernel = np.where(t / sides**2 < SWITCH, by_images, np.log1p(2 * modes)).sum()
        return float(np.expm1(kernel)) / volume * t

    end = math.log(float(sides.max()) ** 2)
    early = quad(short, 0.0, middle, epsabs=0, epsrel=1e-11)[0] - middle / volume
    late = quad(long, math.log(middle), end + 1.0, epsabs=0, epsrel=1e-11, limit=200)[0]
    if dim == 2:
        return float(early + late + (math.log(4 * middle) - np.euler_gamma) / (4 * math.pi))
    return float(early + late - (4 * math.pi) ** (-dim / 2) * middle ** (1 - dim / 2) / (dim / 2 - 1))


def chamber_resistance(sides: Sequence[float], radius: float, temperature: float) -> float:
    """Mean concentration in a box minus that at a disc in the middle of the face across axis 0, per flux through it.

    Multiplied by the volume, it is the mean time from a uniform start to the absorbing disc. By mirror images the box
    is half a torus of sides (2 L_0, L_1, ...) with a disc in it. The result is 1 / `disc_conductance` + 2 R / theta
    with R the `torus_constant`; in the plane it is (log(2 / a) / pi + 2 R) / theta. The error is of order (a / L)^d.

    Args:
        sides: lengths of the box along each axis.
        radius: a, of the disc.
        temperature: theta.

    Raises:
        UsageError: fewer than two sides; a side, radius or temperature that is not positive.
    """
    _check_positive(radius=radius, temperature=temperature)
    regular = 2 * torus_constant([2 * sides[0], *sides[1:]]) / temperature
    if len(sides) == 2:
        return math.log(2 / radius) / (math.pi * temperature) + regular
    return 1 / disc_conductance(len(sides), radius, temperature) + regular


def channel_resistance(dim: int, radius: float, length: float, temperature: float) -> Prediction:
    """Resistance of a channel of length l with a round section, in addition to the resistances of its two chambers.

    l / (theta |section|) and a correction for each mouth, where the flux is between two limits. The flux of an open
    disc gives no correction. A uniform flux over the section gives the largest correction: (3/2 - 2 log 2) / (pi theta)
    in the plane, otherwise 4 n a / (pi (n^2 - 1)) of extra length with n = d - 1, minus the resistance of the disc. The
    value is the middle of these bounds of Rayleigh (The Theory of Sound, section 307, and appendix A); the remainder is
    half their distance.

    Args:
        dim: d.
        radius: a, of the section.
        length: l.
        temperature: theta.

    Raises:
        UsageError: d < 2, a negative length, or radius or temperature not positive.
    """
    if dim < 2 or not 0 <= length < math.inf:
        raise unfit("a channel", "needs d >= 2 and a finite length >= 0", f"{dim} and {length}")
    _check_positive(radius=radius, temperature=temperature)
    if length == 0:
        return Prediction(0.0)
    n = dim - 1
    section = math.pi ** (n / 2) / math.gamma(n / 2 + 1) * radius**n
    if dim == 2:
        most = (1.5 - 2 * math.log(2)) / (math.pi * temperature)
    else:
        most = 4 * n * radius / (math.pi * (n * n - 1) * section * temperature)
        most -= 1 / disc_conductance(dim, radius, temperature)
    return Prediction(length / (section * temperature) + most, most)


def two_chambers_rate(
    near: Sequence[float], far: Sequence[float], radius: float, length: float, temperature: float
) -> Prediction:
    """Rate (1 / V_A + 1 / V_B) / R at which a difference between two boxes decays through a hole or channel.

    R = `chamber_resistance` of both + `channel_resistance`. In range if the hole is at most a tenth of the smallest
    side, and the rate at most a tenth of the rate theta pi^2 / L^2 of the chambers. The relative error is about the
    ratio of these rates, plus the volume of the channel over the smaller chamber.

    Args:
        near: lengths of the first box along each axis.
        far: lengths of the second box.
        radius: of the hole or channel.
        length: of the channel; 0 for a hole.
        temperature: theta.

    Raises:
        UsageError: the numbers of sides differ, or as the two resistances.
        NumericalError: the hole is so wide that the sum of resistances is not positive.
    """
    if len(near) != len(far):
        raise unfit("two chambers", "need equally many sides", f"{near} and {far}")
    channel = channel_resistance(len(near), radius, length, temperature)
    chambers = sum(chamber_resistance(sides, radius, temperature) for sides in (near, far))
    resistance = chambers + channel.value
    if not resistance - channel.remainder > 0:
        raise NumericalError(
            f"a hole of radius {radius:g} is too wide for these chambers", remedy="make it smaller"
        )
    volumes = [math.prod(near), math.prod(far)]
    rate = sum(1 / volume for volume in volumes) / resistance
    own = temperature * (math.pi / max(*near, *far)) ** 2
    in_range = radius <= WIDEST_HOLE * min(*near, *far) and rate <= FASTEST * own
    return Prediction(rate, rate * channel.remainder / (resistance - channel.remainder), in_range)


def canal_gap(
    log_profile: Callable[[FloatArray], FloatArray],
    transverse: float,
    temperature: float,
    period: float = 2 * math.pi,
) -> Prediction:
    """Slowest relaxation rate along the floor of a canal a(x) |y|^2 / 2, y in R^m, x on a ring.

    The spectral gap of dx = -(m theta / 2) (log a)' dt + sqrt(2 theta) dW, which is the stiff limit of soft motion and
    also projected motion with the Gibbs distribution. For soft motion the relative error is theta (log a)'^2 / a. The
    gap is theta times a number: the barrier is entropic. If the ring has one flat region, the gap grows with m, to m
    theta (log a)'' / 2. With two it falls as e^(-m Delta log a / 2): it is the sum of the rates in both directions over
    both narrows.

    Args:
        log_profile: log a(x), array to array, of the given period.
        transverse: m >= 0.
        temperature: theta.
        period: circumference of the ring.

    Raises:
        UsageError: temperature or period not positive, or a negative m.
        NumericalError: as `spectral_gap`.
    """
    _check_positive(temperature=temperature, period=period)
    if not 0 <= transverse < math.inf:
        raise unfit("the number of transverse directions", "must be 0 or more", f"{transverse}")

    def gap(cells: int) -> float:
        mesh = box_mesh((0.0,), (period,), (cells,), periodic=(True,))
        return spectral_gap(mesh, transverse / 2 * log_profile(mesh.centres[0]), 1.0)

    answer = richardson(gap, CELLS)
    return Prediction(temperature * answer.value, temperature * answer.remainder)


def canal_gap_curve(
    log_profile: Callable[[FloatArray], FloatArray], temperature: float, period: float = 2 * math.pi
) -> Curve:
    """`canal_gap` over the number m of transverse directions.

    Args:
        log_profile: log a(x), array to array, of the given period.
        temperature: theta.
        period: circumference of the ring.
    """
    return Curve(
        "effective diffusion along the floor",
        lambda transverse: canal_gap(log_profile, transverse, temperature, period),
        "stiff: a >> theta (log a)'^2; exact for projection onto the Gibbs measure",
        "Fatkullin, Kovacic and Vanden-Eijnden, Commun. Math. Sci. 8 (2010) 439; finite volumes",
    )


def _check_positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0 < number < math.inf:
            raise unfit(name, "must be positive and finite", f"{number}")
