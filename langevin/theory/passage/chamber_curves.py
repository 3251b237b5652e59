"""Two cubes joined by a channel: the first-passage time over the temperature, the relaxation rate over the dimension.

The resistances are those of `volume`: chamber, mouth, channel. Those are for round holes. A channel of square section
is treated as a channel of round section with equal area. Its mouth conducts a little less (G. Polya and G. Szego,
Isoperimetric Inequalities in Mathematical Physics (1951)): 2 % in space, where the capacity of a square is known.
"""

from __future__ import annotations

import math

from langevin.errors import unfit
from langevin.theory.passage.chambers import (
    chamber_resistance,
    channel_resistance,
    disc_conductance,
    two_chambers_rate,
)
from langevin.types import Curve, Prediction

#: In range up to this radius of the mouth over the side of the chamber; the error grows as this ratio to the power d.
WIDEST = 0.2
#: Largest relative increase of the conductance by the corners of a square mouth, for each dimension beyond the plane.
CORNERS = 0.025
SOURCE = "Holcman and Schuss, SIAM Rev. 56 (2014) 213; Rayleigh, The Theory of Sound, section 307"


def chamber_passage_time(
    dim: int, near: float, width: float, length: float, temperature: float
) -> Prediction:
    """Mean time from a uniform start in a cube to the far end of a channel of square section, in R^d, d >= 3.

    V (R_chamber + l / (theta w^(d-1)) + R_mouth) + l^2 / (2 theta): the flux through the mouth is the volume behind it,
    and along the channel it grows by the volume of the channel. The remainder is half the distance between Rayleigh's
    bounds on the mouth, plus the additional conductance that the corners of its section may have.

    Args:
        dim: d.
        near: side of the cube.
        width: side of the channel's section; in range if a disc of equal area has a radius <= near / 5.
        length: length of the channel; 0 for a hole in a thin wall.
        temperature: theta.

    Raises:
        UsageError: d < 3 (`manifolds.chambers` has the closed form for the plane), or a number is not positive.
    """
    if dim < 3:
        raise unfit(
            "chamber_passage_time",
            "needs d >= 3",
            f"{dim}",
            "in the plane chambers has the fact arrival_time",
        )
    if not (0 < near < math.inf and 0 < width < math.inf):
        raise unfit("near and width", "must be positive and finite", f"{near} and {width}")
    radius = width * (math.gamma((dim + 1) / 2) / math.pi ** ((dim - 1) / 2)) ** (1 / (dim - 1))
    channel = channel_resistance(dim, radius, length, temperature)
    # The resistance of a channel has corrections for two mouths, between 0 and twice the remainder; here there is one.
    ways = chamber_resistance([near] * dim, radius, temperature) + channel.value - channel.remainder / 2
    corners = CORNERS * (dim - 2) / disc_conductance(dim, radius, temperature)
    volume = near**dim
    return Prediction(
        volume * ways + length**2 / (2 * temperature),
        volume * (channel.remainder / 2 + corners),
        radius <= WIDEST * near,
    )


def chamber_passage_curve(dim: int, near: float, width: float, length: float) -> Curve:
    """`chamber_passage_time` over the temperature.

    Args:
        dim: d.
        near: side of the cube.
        width: side of the channel's section.
        length: length of the channel; 0 for a hole in a thin wall.
    """
    return Curve(
        "resistances in series",
        lambda temperature: chamber_passage_time(dim, near, width, length, temperature),
        "3 dimensions or more; a mouth of radius <= a fifth of the chamber's side",
        SOURCE,
    )


def two_chambers_curve(near: float, far: float, radius: float, length: float, temperature: float) -> Curve:
    """Rate over the dimension d >= 2 at which a difference between two cubes decays (`volume.two_chambers_rate`).

    For large d the fraction of walkers in the wider cube goes to 1 (`free_energy.wide_share_curve`), and this rate to
    0.

    Args:
        near: side of the first cube.
        far: side of the second cube.
        radius: radius of the hole or channel.
        length: length of the channel; 0 for a hole.
        temperature: theta.

    Raises:
        UsageError: on evaluation, the dimension is not a whole number from 2 on; or as `two_chambers_rate`.
    """

    def predict(dim: float) -> Prediction:
        if not (float(dim).is_integer() and dim >= 2):
            raise unfit("the dimension", "must be a whole number from 2 on", f"{dim}")
        sides = [near] * int(dim), [far] * int(dim)
        return two_chambers_rate(*sides, radius, length, temperature)

    return Curve(
        "conductance of the way",
        predict,
        "hole <= a tenth of the sides, rate <= a tenth of the chambers' own",
        SOURCE,
    )
