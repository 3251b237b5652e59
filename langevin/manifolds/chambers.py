"""Two chambers joined by a channel or a hole: a body with two wide parts and a constriction between them.

Its mean times and its relaxation rate in the plane follow from resistances. A channel of width w opens into a chamber
of width b. The resistance to a flux is length / section of both, plus the resistance of the mouth. With a = w / b, at
temperature 1:

    mouth of a long channel    (log((1 - a^2) / 4a) + (a + 1/a) / 2 log((1 + a) / (1 - a))) / pi
    one side of a slit         log(1 / sin(pi a / 2)) / pi

by conformal maps (as for waveguides in the static limit: Marcuvitz, Waveguide Handbook, 1951, capacitive window and
change in height). The error of the first one is exp(-2 pi length / w). In a square chamber both have an additional
error of exp(-4 pi), because its end is near.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.types import Box, Chambers, Facts, FloatArray, Landscape

#: A path that meets the ends of boxes more often than this is not taken.
MOST_TURNS = 64


def chambers(
    dim: int = 2, near: float = 1.0, far: float = 2.0, width: float = 0.2, length: float = 0.5
) -> Landscape:
    """A near and a far cube in R^d on one axis, joined by a box of sides (length, width, ..., width).

    Coordinate 0 is the position along the axis; the channel is at |x_0| <= length / 2. The other coordinates are 0 on
    the axis. Length 0 gives a square hole in a thin wall. Walls mirror paths, also paths through the channel. Every
    step preserves the uniform distribution: a reversed mirrored path is also a mirrored path, and a path with more than
    64 turns is not taken in either direction. Walkers start uniformly in the near chamber. The target is the far
    chamber; its distance is measured to the mouth.

    The first-passage time and the relaxation rate are known in the plane, for a hole or for a channel that is at least
    as long as wide. They follow from the resistance of the channel, length / width^(d-1), and of its mouths (see
    constriction). `shares_of` gives the occupancies in equilibrium. A wall without thickness has no cells on a mesh, so
    a body with a hole has no box.

    Args:
        dim: dimension d, at least 2.
        near: side of the cube where walkers start.
        far: side of the cube at the other end of the channel.
        width: width of the channel, above 0 and at most the smaller side.
        length: length of the channel; 0 for a hole.
    """
    if (
        dim < 2
        or not (0.0 < near < math.inf and 0.0 < far < math.inf)
        or not (0.0 < width <= min(near, far) and 0.0 <= length < math.inf)
    ):
        raise unfit(
            "chambers",
            "needs dim >= 2, sides near and far > 0, 0 < width <= both sides, length >= 0",
            f"dim={dim}, near={near}, far={far}, width={width}, length={length}",
        )
    planes = np.cumsum([-0.5 * length - near, near, length, far])
    planes[1:3] = -0.5 * length, 0.5 * length
    sides = Chambers(dim, near, far, width, length)
    timed = dim == 2 and (length == 0.0 or length >= width)

    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        states = near * (uniforms - 0.5)
        states[:, 0] -= 0.5 * (length + near)
        return states

    return Landscape(
        name="chambers",
        dim=dim,
        codim=0,
        parameters=(planes, 0.5 * np.array([near, width, far], np.float64)),
        start=start,
        stiffness=lambda temperature: 0.0,
        bounce=bounce,
        walls=walls,
        target=distance_to_mouth,
        dials={"dim": dim, "near": near, "far": far, "width": width, "length": length},
        facts=Facts(
            chambers=sides,
            log_volume=math.log(volumes(sides).sum()),
            target_width=width,
            box=_box(sides) if length > 0.0 else None,
            arrival_time=arrival_time(near, width, length) if timed else None,
            relaxation_rate=relaxation_rate(near, far, width, length) if timed else None,
        ),
    )


def volumes(sides: Chambers) -> FloatArray:
    """Volumes (3,) of the near chamber, the channel and the far chamber."""
    return np.array(
        [sides.near**sides.dim, sides.length * sides.width ** (sides.dim - 1), sides.far**sides.dim]
    )


def shares_of(body: Landscape) -> FloatArray:
    """Fractions (3,) of the volume in near chamber, channel and far chamber: the occupancies in equilibrium."""
    parts = volumes(Chambers(**body.dials))
    shares: FloatArray = parts / parts.sum()
    return shares


def _box(sides: Chambers) -> Box:
    side, near, far, length, across = (
        max(sides.near, sides.far),
        sides.near,
        sides.far,
        sides.length,
        sides.dim - 1,
    )
    return Box(
        (-0.5 * length - near, *[-0.5 * side] * across),
        (0.5 * length + far, *[0.5 * side] * across),
        common_length(near, far, length, 0.5 * (side - sides.width), 0.5 * (side - min(near, far))),
    )


def common_length(*lengths: float) -> float:
    """The largest length of which all `lengths` are multiples, to 1/1000 of the longest; lengths of 0 are ignored."""
    parts = [Fraction(length / max(lengths)).limit_denominator(1000) for length in lengths if length > 0.0]
    whole = math.lcm(*(part.denominator for part in parts))
    return max(lengths) * math.gcd(*(int(part * whole) for part in parts)) / whole


@register_jitable
def box_of(along, planes):
    """The box at a position along the axis: 0 near chamber, 1 channel, 2 far chamber."""
    if along <= planes[1]:
        return 0
    return 2 if along >= planes[2] else 1


@register_jitable
def stays(x, lane, box, planes, halves):
    """Whether x is strictly inside a box. Boxes are convex, so a straight path inside meets no wall."""
    for i in range(1, x.shape[0]):
        if abs(x[i, lane]) > halves[box]:
            return False
    inside: bool = planes[box] < x[0, lane] < planes[box + 1]
    return inside


@register_jitable
def cross(place, way, part, half):
    """Move a part of the path across the axis, mirrored at +-half any number of times; the rest is mirrored too."""
    for i in range(1, place.size):
        place[i] += part * way[i]
        way[i] *= 1.0 - part
        if abs(place[i]) > half:
            offset = place[i] + half - 4.0 * half * np.rint((place[i] + half) / (4.0 * half))
            place[i] = abs(offset) - half
            if offset < 0.0:
                way[i] = -way[i]


@register_jitable
def travel(place, way, planes, halves):
    """Move `place` (dim,) along the mirrored path `way` (dim,); False if it turns too often."""
    box = box_of(place[0], planes)
    for _ in range(MOST_TURNS):
        ahead = place[0] + way[0]
        forth = way[0] > 0.0 and ahead >= planes[box + 1]
        back = way[0] < 0.0 and ahead <= planes[box]
        if not (forth or back):
            place[0] = ahead
            cross(place, way, 1.0, halves[box])
            return True
        plane = planes[box + 1] if forth else planes[box]
        part = (plane - place[0]) / way[0]
        cross(place, way, part, halves[box])
        place[0] = plane
        way[0] *= 1.0 - part
        beyond = box + 1 if forth else box - 1
        opens = 0 <= beyond <= 2
        if beyond == 1:
            for i in range(1, place.size):
                opens = opens and abs(place[i]) <= halves[1]
        if opens:
            box = beyond
        else:
            way[0] = -way[0]
    return False


def bounce(x, before, parameters):
    """Mirror the straight path from `before` to x at the walls; after too many turns x is set to `before`."""
    planes, halves = parameters
    place, way = np.empty(x.shape[0]), np.empty(x.shape[0])
    for lane in range(x.shape[1]):
        box = box_of(before[0, lane], planes)
        if not stays(x, lane, box, planes, halves):
            for i in range(x.shape[0]):
                place[i] = before[i, lane]
                way[i] = x[i, lane] - place[i]
            arrived = travel(place, way, planes, halves)
            for i in range(x.shape[0]):
                x[i, lane] = place[i] if arrived else before[i, lane]


def walls(x, out, parameters):
    """Largest distance beyond a face of a box, for the box where it is smallest: at most 0 in the union."""
    planes, halves = parameters
    for lane in range(x.shape[1]):
        out[lane] = np.inf
        for box in range(3):
            beyond = max(planes[box] - x[0, lane], x[0, lane] - planes[box + 1])
            for i in range(1, x.shape[0]):
                beyond = max(beyond, abs(x[i, lane]) - halves[box])
            out[lane] = min(out[lane], beyond)


def distance_to_mouth(x, out, parameters):
    """Distance to the entrance plane of the far chamber, negative behind it; at least the distance from the channel."""
    planes, halves = parameters
    for lane in range(x.shape[1]):
        out[lane] = planes[2] - x[0, lane]
    for i in range(1, x.shape[0]):
        for lane in range(x.shape[1]):
            if x[0, lane] < planes[2]:
                out[lane] = max(out[lane], abs(x[i, lane]) - halves[1])


def mouth_resistance(width: float, side: float, length: float) -> float:
    """Resistance of one mouth; for length 0, of one side of a slit."""
    a = width / side
    if length == 0.0:
        return -math.log(math.sin(0.5 * math.pi * a)) / math.pi
    if a == 1.0:
        return 0.0
    corner = math.log((1.0 - a * a) / (4.0 * a)) + 0.5 * (a + 1.0 / a) * math.log((1.0 + a) / (1.0 - a))
    return corner / math.pi


def arrival_time(near: float, width: float, length: float) -> float:
    """Mean time at temperature 1 from a uniform start in the near square to the far end of the channel.

    The flux through a section is the volume on the side of the start, and flux times resistance is a difference of mean
    times. The chamber gives the time near^2 / 3. The flux is near^2 at the mouth, and in the channel near^2 plus the
    volume of the channel up to the section.
    """
    mouth = mouth_resistance(width, near, length)
    return near**2 / 3.0 + near**2 * (mouth + length / width) + 0.5 * length**2


def relaxation_rate(near: float, far: float, width: float, length: float) -> float:
    """Slowest rate of decay of a difference between the squares, at temperature 1.

    The model has three rods with the lengths and sections of the chambers and of the channel, joined by the resistances
    of the mouths. The rate is the first zero of the flux out of the far end. If the mouths dominate the resistance, the
    rate is G (1 / V_near + 1 / V_far) with the conductance G (Singer, Schuss and Holcman 2006; Holcman and Schuss
    2014). Finite volumes give 1 % less for holes and 0.4 % less for channels, for widths up to 0.8 of the near side,
    because the resistance of a mouth assumes a steady flux.
    """
    mouths = mouth_resistance(width, near, length), mouth_resistance(width, far, length)

    def flux(wave: float) -> float:
        density, current = math.cos(wave * near), near * wave * math.sin(wave * near)
        for resistance, long, section in ((mouths[0], length, width), (mouths[1], far, far)):
            density -= resistance * current
            turn, phase = section * wave, wave * long
            density, current = (
                density * math.cos(phase) - current * math.sin(phase) / turn,
                current * math.cos(phase) + density * turn * math.sin(phase),
            )
        return current

    # the flux is positive below its first zero, which lies below the first zero of each chamber with an open mouth
    step = 1e-3 * math.pi / (near + length + far)
    high = step
    while flux(high) > 0.0:
        high += step
    low = high - step
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if flux(middle) > 0.0 else (low, middle)
    return low * low
