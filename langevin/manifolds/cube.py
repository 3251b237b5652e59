"""Kozyrev's cube: the zero-loss body of "How to explain grokking" (2024), section 2."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.types import Corner, Facts, Landscape


def cube(dim: int = 8, samples: int = 0, fraction: float = 0.25, side: float = 1.0) -> Landscape:
    """Cube of side L in R^d whose first k coordinates the training samples confine to [0, eps L].

    Each residual x_i - eps L <= 0 is one training sample. The walk is reflected at the walls; the target is the corner
    cube in which *every* coordinate is at most eps L, the set that remains with all d samples. Walkers start uniformly
    on the body.

    Args:
        dim: number of coordinates d.
        samples: number k of training samples, 0 <= k < d.
        fraction: eps, the fraction of a side that one sample leaves, 0 < eps < 1.
        side: L.
    """
    if dim < 1 or not 0 <= samples < dim:
        raise unfit("cube", "needs 0 <= samples < dim", f"samples={samples}, dim={dim}", "raise -p dim")
    if not 0.0 < fraction < 1.0 or not 0.0 < side < math.inf:
        raise unfit("cube", "needs 0 < fraction < 1 and side > 0", f"fraction={fraction}, side={side}")
    sides = np.full(dim, float(side))
    sides[:samples] *= fraction
    log_volume = float(dim * math.log(side) + samples * math.log(fraction))
    return Landscape(
        name="cube",
        dim=dim,
        codim=0,
        parameters=(sides, fraction * side, samples),
        start=lambda uniforms, temperature: uniforms * sides,
        stiffness=lambda temperature: 0.0,
        fold=fold,
        target=distance_to_corner,
        samples=samples,
        dials={"dim": dim, "samples": samples, "fraction": fraction, "side": side},
        facts=Facts(
            corner=Corner(dim, samples, side, fraction), log_volume=log_volume, target_width=fraction * side
        ),
    )


def fold(x, parameters):
    """Mirror each coordinate into [0, side_i], from any distance: |x - 2 s round(x / 2 s)|."""
    sides, width, samples = parameters
    for i in range(x.shape[0]):
        period = 2.0 * sides[i]
        inverse = 1.0 / period
        for lane in range(x.shape[1]):
            x[i, lane] = abs(x[i, lane] - period * np.rint(x[i, lane] * inverse))


def distance_to_corner(x, out, parameters):
    """max_i x_i - eps L over the free coordinates: the signed distance to a face of the corner cube."""
    sides, width, samples = parameters
    for lane in range(x.shape[1]):
        out[lane] = x[samples, lane] - width
    for i in range(samples + 1, x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] = max(out[lane], x[i, lane] - width)
