"""A narrow and a wide well of equal depth: the volume effect in one dimension."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.types import Facts, Landscape, Moment, Wells


def unequal_wells(barrier: float = 1.0, left: float = 0.5, right: float = 1.5) -> Landscape:
    """f = h ((x / w)^2 - 1)^2 with the half width w = `left` below 0 and `right` above: minima at -left and right.

    The two halves are the same shape, stretched differently. So the ratio of occupancies, and of escape times, is
    `left` / `right` at every temperature, by detailed balance; this is the square root of the ratio of curvatures. f'
    is continuous, and f'' jumps at the saddle. `curvature_saddle` is the value for which the Eyring-Kramers law is
    valid, -4 h / m^2 with the mean width m. Walkers start at -left, the target is x >= right.

    Args:
        barrier: h, the height of the saddle above both minima.
        left: distance of the left minimum from the saddle.
        right: distance of the right minimum from the saddle.
    """
    if not (0.0 < barrier < math.inf and 0.0 < left < math.inf and 0.0 < right < math.inf):
        raise unfit(
            "unequal_wells",
            "needs barrier, left and right above 0",
            f"barrier={barrier}, left={left}, right={right}",
        )
    mean = 0.5 * (left + right)
    return Landscape(
        name="unequal_wells",
        dim=1,
        parameters=(float(barrier), float(left), float(right)),
        value=value,
        gradient=gradient,
        start=lambda uniforms, temperature: np.full_like(uniforms, -left),
        stiffness=lambda temperature: _curvature_met(barrier, min(left, right), temperature),
        target=distance_to_right_well,
        dials={"barrier": barrier, "left": left, "right": right},
        facts=Facts(
            moments=(
                Moment(
                    "x > 0",
                    lambda states: (states[:, 0] > 0.0).astype(np.float64),
                    soft=lambda temperature: right / (left + right),
                ),
            ),
            wells=Wells(
                minimum=-left,
                saddle=0.0,
                target=right,
                barrier=barrier,
                curvature_minimum=8.0 * barrier / left**2,
                curvature_saddle=-4.0 * barrier / mean**2,
            ),
            barrier=barrier,
        ),
    )


def _curvature_met(barrier: float, width: float, temperature: float) -> float:
    """f'' where f = 10 theta, on the steep side of the narrow well."""
    square = 1.0 + math.sqrt(10.0 * temperature / barrier)
    return 4.0 * barrier / width**2 * (3.0 * square - 1.0)


def value(x, out, parameters):
    """f = h ((x / w)^2 - 1)^2, w by the sign of x."""
    barrier, left, right = parameters
    for lane in range(x.shape[1]):
        u = x[0, lane] / (left if x[0, lane] < 0.0 else right)
        out[lane] = barrier * (u * u - 1.0) ** 2


def gradient(x, out, parameters):
    """f' = 4 h u (u^2 - 1) / w with u = x / w."""
    barrier, left, right = parameters
    for lane in range(x.shape[1]):
        inverse = 1.0 / (left if x[0, lane] < 0.0 else right)
        u = x[0, lane] * inverse
        out[0, lane] = 4.0 * barrier * inverse * u * (u * u - 1.0)


def distance_to_right_well(x, out, parameters):
    """Right minimum - x."""
    barrier, left, right = parameters
    for lane in range(x.shape[1]):
        out[lane] = right - x[0, lane]
