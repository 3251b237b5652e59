"""Double well in the plane: its pass is wider or narrower than its wells, an entropic barrier with a dial."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.types import Box, Facts, FloatArray, Landscape, Pass


def saddle(
    barrier: float = 1.0, half_width: float = 1.0, well_stiffness: float = 4.0, saddle_stiffness: float = 16.0
) -> Landscape:
    """f = h ((x / b)^2 - 1)^2 + k(x) y^2 / 2, with log k(x) a cosine from the wells at +-b to the saddle at 0.

    Walkers start at (-b, 0), the target is x >= b. y can be integrated out exactly: at every theta, x has the Gibbs
    distribution of the free energy h ((x / b)^2 - 1)^2 + theta log(k(x) / k(b)) / 2. So the free barrier is h + theta
    log(k_saddle / k_well) / 2. The Eyring-Kramers law for the time from well to well has the prefactor (2 pi /
    |lambda_-|) sqrt(|det H_s| / det H_a) (Bovier, Eckhoff, Gayrard and Klein 2004). The box in its facts contains all
    points with f below 4.5 h.

    Args:
        barrier: h, the height of the saddle above the minima.
        half_width: b, the distance of a minimum from the saddle.
        well_stiffness: k(+-b), the curvature across the path in the wells.
        saddle_stiffness: k(0), the curvature across the path at the saddle; a small value gives a wide pass.
    """
    dials = {
        "barrier": barrier,
        "half_width": half_width,
        "well_stiffness": well_stiffness,
        "saddle_stiffness": saddle_stiffness,
    }
    if not all(0.0 < dial < math.inf for dial in dials.values()):
        raise unfit("saddle", "needs all its dials above 0", f"{dials}")
    mean, swing = (
        math.sqrt(well_stiffness * saddle_stiffness),
        0.5 * math.log(saddle_stiffness / well_stiffness),
    )
    along = 4.0 * barrier / half_width**2
    height = math.sqrt(9.0 * barrier / min(well_stiffness, saddle_stiffness))

    def free_energy(x: FloatArray, temperature: float) -> FloatArray:
        narrowing = swing * (np.cos(math.pi * np.asarray(x) / half_width) + 1.0)
        energy: FloatArray = barrier * ((x / half_width) ** 2 - 1.0) ** 2 + 0.5 * temperature * narrowing
        return energy

    return Landscape(
        name="saddle",
        dim=2,
        parameters=(float(barrier), float(half_width), mean, swing),
        value=value,
        gradient=gradient,
        start=lambda uniforms, temperature: uniforms * 0.0 + [-half_width, 0.0],
        stiffness=lambda temperature: max(
            well_stiffness,
            saddle_stiffness,
            along * (2.0 + 3.0 * math.sqrt(10.0 * temperature / barrier)),  # at f = 10 theta along x ...
            10.0 * temperature * abs(swing) * (1.0 + abs(swing)) * (math.pi / half_width) ** 2,  # ... or y
        ),
        target=distance_to_right_well,
        dials=dials,
        facts=Facts(
            saddle=Pass(free_energy, 2.0 * math.pi / (math.sqrt(2.0) * along) * math.exp(swing)),
            box=Box((-2.0 * half_width, -height), (2.0 * half_width, height)),
            barrier=barrier,
        ),
    )


def value(x, out, parameters):
    """f = h ((x / b)^2 - 1)^2 + k(x) y^2 / 2, k = mean exp(swing cos(pi x / b))."""
    barrier, half_width, mean, swing = parameters
    for lane in range(x.shape[1]):
        u = x[0, lane] / half_width
        across = mean * np.exp(swing * np.cos(np.pi * u))
        out[lane] = barrier * (u * u - 1.0) ** 2 + 0.5 * across * x[1, lane] ** 2


def gradient(x, out, parameters):
    """(4 h u (u^2 - 1) / b + k'(x) y^2 / 2, k(x) y) with u = x / b."""
    barrier, half_width, mean, swing = parameters
    inverse = 1.0 / half_width
    for lane in range(x.shape[1]):
        u = x[0, lane] * inverse
        across = mean * np.exp(swing * np.cos(np.pi * u))
        narrowing = -swing * np.pi * np.sin(np.pi * u) * across
        along = 4.0 * barrier * u * (u * u - 1.0) + 0.5 * narrowing * x[1, lane] * x[1, lane]
        out[0, lane] = along * inverse
        out[1, lane] = across * x[1, lane]


def distance_to_right_well(x, out, parameters):
    """b - x."""
    barrier, half_width, mean, swing = parameters
    for lane in range(x.shape[1]):
        out[lane] = half_width - x[0, lane]
