"""Symmetric double well f = h ((x / b)^2 - 1)^2 in one dimension."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.kernels.rounding import fused
from langevin.types import Facts, Landscape, Wells


def double_well(barrier: float = 1.0, half_width: float = 1.0) -> Landscape:
    """Two wells at +-b, separated by a barrier of height h at 0; walkers start at -b, the target is x >= b.

    Args:
        barrier: h, the height of the saddle above the minima.
        half_width: b, the distance of a minimum from the saddle.
    """
    if not 0.0 < barrier < math.inf or not 0.0 < half_width < math.inf:
        raise unfit(
            "double_well",
            "needs barrier > 0 and half_width > 0",
            f"barrier={barrier}, half_width={half_width}",
        )
    return Landscape(
        name="double_well",
        dim=1,
        parameters=(float(barrier), float(half_width)),
        value=value,
        gradient=gradient,
        start=lambda uniforms, temperature: np.full_like(uniforms, -half_width),
        stiffness=lambda temperature: _curvature_met(barrier, half_width, temperature),
        target=distance_to_right_well,
        dials={"barrier": barrier, "half_width": half_width},
        facts=Facts(
            wells=Wells(
                minimum=-half_width,
                saddle=0.0,
                target=half_width,
                barrier=barrier,
                curvature_minimum=8.0 * barrier / half_width**2,
                curvature_saddle=-4.0 * barrier / half_width**2,
            ),
            barrier=barrier,
        ),
    )


def _curvature_met(barrier: float, half_width: float, temperature: float) -> float:
    """f'' where f = 10 theta, on the steep side: about one in e^10 states of a walker has it."""
    square = 1.0 + math.sqrt(10.0 * temperature / barrier)
    return 4.0 * barrier / half_width**2 * (3.0 * square - 1.0)


def value(x, out, parameters):
    """f = h ((x / b)^2 - 1)^2."""
    barrier, half_width = parameters
    for lane in range(x.shape[1]):
        u = x[0, lane] / half_width
        out[lane] = barrier * (u * u - 1.0) ** 2


def gradient(x, out, parameters):
    """f' = x (x^2 / b^2 - 1) 4 h / b^2."""
    barrier, half_width = parameters
    linear = 4.0 * barrier / half_width**2
    cubic = linear / half_width**2
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] * fused(cubic * x[0, lane], x[0, lane], -linear)


def distance_to_right_well(x, out, parameters):
    """b - x."""
    barrier, half_width = parameters
    for lane in range(x.shape[1]):
        out[lane] = half_width - x[0, lane]
