"""Double well f = h (x^2 - 1)^2 whose diffusion is larger at the barrier, D = 1 + a exp(-4 x^2).

With the mobility D the wells keep their shares, and hops over the barrier are more frequent. With noise alone the hot
place itself is avoided: how often a place is visited depends on the noise on the way (R. Landauer, Phys. Rev. A 12
(1975) 636).
"""

from __future__ import annotations

import math
from dataclasses import replace

from langevin.errors import unfit
from langevin.kernels.rounding import fused
from langevin.landscapes.own import potential
from langevin.landscapes.varying import with_diffusion
from langevin.potentials.double_well import double_well
from langevin.types import Landscape


def hot_barrier(barrier: float = 1.0, heat: float = 1.0) -> Landscape:
    """Two wells at +-1 with a hot barrier at 0; walkers start at -1, the target is x >= 1.

    Args:
        barrier: h, the height of the saddle above the minima.
        heat: a, the diffusion at the saddle over that far away, minus 1; above -1.
    """
    if not 0.0 < barrier < math.inf or not -1.0 < heat < math.inf:
        raise unfit("hot_barrier", "needs barrier > 0 and heat > -1", f"barrier={barrier}, heat={heat}")
    factor = potential(value, gradient, 1, parameters=(float(heat),), start=[-1.0])
    made = with_diffusion(double_well(barrier), factor)
    return replace(made, name="hot_barrier", dials={"barrier": barrier, "heat": heat})


def value(x, out, parameters):
    """D = 1 + a exp(-4 x^2)."""
    (heat,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = fused(heat, math.exp(-4.0 * x[0, lane] * x[0, lane]), 1.0)


def gradient(x, out, parameters):
    """dD/dx = -8 a x exp(-4 x^2)."""
    (heat,) = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = -8.0 * heat * x[0, lane] * math.exp(-4.0 * x[0, lane] * x[0, lane])
