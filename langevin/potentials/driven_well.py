"""Quadratic well f = k x^2 / 2 with the force a cos(omega t): the Ornstein-Uhlenbeck process that is driven.

The mean from x = 0 is a (k cos omega t + omega sin omega t - k e^(-k t)) / (k^2 + omega^2), at every temperature, and
the variance is that of the process without the force.
"""

from __future__ import annotations

import math
from dataclasses import replace

from langevin.errors import unfit
from langevin.landscapes.own import potential
from langevin.landscapes.varying import with_drive
from langevin.potentials.quadratic import quadratic
from langevin.types import Landscape


def driven_well(stiffness: float = 1.0, force: float = 1.0, frequency: float = 1.0) -> Landscape:
    """Quadratic well in which a force oscillates; walkers start at the origin.

    The mean is a (k cos omega t + omega sin omega t - k exp(-k t)) / (k^2 + omega^2), at every temperature.

    Args:
        stiffness: k, the curvature of the loss.
        force: a, the largest force.
        frequency: omega, in radians per unit of time.
    """
    if not 0.0 < stiffness < math.inf or not math.isfinite(force) or not 0.0 <= frequency < math.inf:
        raise unfit(
            "driven_well",
            "needs stiffness > 0, a finite force and frequency >= 0",
            f"stiffness={stiffness}, force={force}, frequency={frequency}",
        )
    numbers = (float(force), float(frequency))
    drive = potential(value, gradient, 2, parameters=numbers, stiffness=0.0)
    dials = {"stiffness": stiffness, "force": force, "frequency": frequency}
    return replace(with_drive(quadratic(1, stiffness), drive), name="driven_well", dials=dials)


def value(x, out, parameters):
    """U = -a x cos(omega t), with t the last coordinate."""
    force, frequency = parameters
    for lane in range(x.shape[1]):
        out[lane] = -force * x[0, lane] * math.cos(frequency * x[1, lane])


def gradient(x, out, parameters):
    """dU/dx = -a cos(omega t), and dU/dt."""
    force, frequency = parameters
    for lane in range(x.shape[1]):
        phase = frequency * x[1, lane]
        out[0, lane] = -force * math.cos(phase)
        out[1, lane] = force * frequency * x[0, lane] * math.sin(phase)
