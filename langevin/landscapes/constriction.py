"""Resistance of constrictions in the plane, and the times that follow: closed forms for two squares and a channel.

A channel of width w opens into a chamber of width b. The resistance to a flux is length / section of both, plus the
resistance of the mouth. With a = w / b, at temperature 1:

    mouth of a long channel    (log((1 - a^2) / 4a) + (a + 1/a) / 2 log((1 + a) / (1 - a))) / pi
    one side of a slit         log(1 / sin(pi a / 2)) / pi

by conformal maps (as for waveguides in the static limit: Marcuvitz, Waveguide Handbook, 1951, capacitive window and
change in height). The error of the first one is exp(-2 pi length / w). In a square chamber both have an additional
error of exp(-4 pi), because its end is near.
"""

from __future__ import annotations

import math


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

    The flux through a section is the volume behind it, and flux times resistance is a difference of mean times. The
    chamber gives the time near^2 / 3. The flux is near^2 at the mouth, and in the channel near^2 plus the volume of the
    channel up to the section.
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
