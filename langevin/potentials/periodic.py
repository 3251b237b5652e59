"""Washboard: a cosine in every coordinate, on the whole line; barriers slow the diffusion."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from langevin.errors import unfit
from langevin.types import Facts, Landscape, Moment, Spread


def periodic(dim: int = 2, barrier: float = 1.0, period: float = 2.0 * math.pi) -> Landscape:
    """f = (h / 2) sum (1 - cos(2 pi x_i / L)); walkers start at the origin, a minimum, and spread without limit.

    With a = h / (2 theta), E cos(2 pi x_i / L) = I_1(a) / I_0(a) at every temperature. For the spread see `diffusion`.

    Args:
        dim: number of coordinates.
        barrier: h, the height of the pass between two neighbouring minima.
        period: L.
    """
    if dim < 1 or not (0.0 < barrier < math.inf and 0.0 < period < math.inf):
        raise unfit(
            "periodic",
            "needs dim >= 1, barrier > 0, period > 0",
            f"dim={dim}, barrier={barrier}, period={period}",
        )

    def mean_cosine(temperature: float) -> float:
        from scipy.special import ive

        half = 0.5 * barrier / temperature
        return float(ive(1, half) / ive(0, half))

    wave = 2.0 * math.pi / period
    return Landscape(
        name="periodic",
        dim=dim,
        parameters=(0.5 * barrier, wave),
        value=value,
        gradient=gradient,
        start=lambda uniforms, temperature: np.zeros_like(uniforms),
        stiffness=lambda temperature: 0.5 * barrier * wave**2,
        dials={"dim": dim, "barrier": barrier, "period": period},
        facts=Facts(
            moments=(
                Moment("cos(2 pi x_1 / L)", lambda states: np.cos(wave * states[:, 0]), soft=mean_cosine),
            ),
            spread=Spread(
                period,
                partial(_diffusion, 0.5 * barrier),
                "theta / I_0(h / 2 theta)^2: Lifson and Jackson, J. Chem. Phys. 36 (1962) 2410",
            ),
        ),
    )


def diffusion(washboard: Landscape, temperature: float) -> float:
    """theta / I_0(h / 2 theta)^2: the long-time half slope of each E x_i^2 (Lifson and Jackson 1962)."""
    return _diffusion(washboard.parameters[0], temperature)


def _diffusion(half_barrier: float, temperature: float) -> float:
    from scipy.special import ive

    half = half_barrier / temperature
    return float(temperature * math.exp(-2.0 * half) / ive(0, half) ** 2)


def value(x, out, parameters):
    """f = (h / 2) sum (1 - cos(q x_i)), q = 2 pi / L."""
    half, wave = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] += half * (1.0 - np.cos(wave * x[i, lane]))


def gradient(x, out, parameters):
    """(h / 2) q sin(q x_i)."""
    half, wave = parameters
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = half * wave * np.sin(wave * x[i, lane])
