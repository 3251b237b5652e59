"""Quadratic well f = k x^2 / 2 with the diffusion D = 1 + (x / w)^2: noise that grows with the distance.

With Ito noise the stationary density is that of Student's t, (1 + (x / w)^2)^-(1 + k w^2 / (2 theta)): the simplest
model of the heavy tails of SGD (Hodgkinson and Mahoney 2021, arXiv 2006.06293). So E x^2 = theta w^2 / (k w^2 - theta)
where k w^2 > theta, and infinite elsewhere. With the mobility D it is the Gibbs distribution, E x^2 = theta / k.
"""

from __future__ import annotations

import math
from dataclasses import replace

from langevin.errors import unfit
from langevin.landscapes.own import potential
from langevin.landscapes.varying import with_diffusion
from langevin.potentials.quadratic import quadratic
from langevin.types import Landscape


def student_well(stiffness: float = 1.0, width: float = 2.0) -> Landscape:
    """Quadratic well whose diffusion doubles at the distance w; walkers start at the origin.

    E x^2 is theta / k with the mobility, and theta w^2 / (k w^2 - theta) with noise alone; this is
    infinite from theta = k w^2 on.

    Args:
        stiffness: k, the curvature of the loss.
        width: w, the distance at which the diffusion is 2 theta.
    """
    if not 0.0 < stiffness < math.inf or not 0.0 < width < math.inf:
        raise unfit(
            "student_well", "needs stiffness > 0 and width > 0", f"stiffness={stiffness}, width={width}"
        )
    factor = potential(value, gradient, 1, parameters=(float(width),), stiffness=2.0 / width**2)
    made = with_diffusion(quadratic(1, stiffness), factor)
    return replace(made, name="student_well", dials={"stiffness": stiffness, "width": width})


def value(x, out, parameters):
    """D = 1 + (x / w)^2."""
    (width,) = parameters
    for lane in range(x.shape[1]):
        u = x[0, lane] / width
        out[lane] = 1.0 + u * u


def gradient(x, out, parameters):
    """dD/dx = 2 x / w^2."""
    (width,) = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = 2.0 * x[0, lane] / (width * width)
