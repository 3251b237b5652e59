"""Canal: a straight valley whose walls are steeper in some places, f = a(x) |y|^2 / 2."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from langevin.errors import unfit
from langevin.types import Facts, FloatArray, Landscape, Profile


def canal(
    transverse: int = 4, stiffness: float = 400.0, amplitude: float = 1.0, start: float = 0.5 * math.pi
) -> Landscape:
    """Valley floor y = 0 in R^(1+m) with the stiffness profile a(x) = a0 exp(A cos x), flattest at x = pi.

    The residual is r = sqrt(a(x)) y (m equations), so J J^T = a on the floor. Walkers start at x = `start`. For soft
    motion y has the local Gibbs distribution N(0, theta / a); for projected motion y = 0.

    Args:
        transverse: number m of directions across the valley.
        stiffness: a0, the geometric mean of the profile.
        amplitude: A, the curvature dial; 0 makes the canal uniform.
        start: the x at which walkers start; at pi/2 the pull to the flat side is largest.
    """
    if (
        transverse < 1
        or not 0.0 < stiffness < math.inf
        or not (math.isfinite(amplitude) and math.isfinite(start))
    ):
        raise unfit(
            "canal",
            "needs transverse >= 1, stiffness > 0 and a finite amplitude",
            f"transverse={transverse}, stiffness={stiffness}, amplitude={amplitude}",
        )
    return Landscape(
        name="canal",
        dim=1 + transverse,
        codim=transverse,
        parameters=(float(stiffness), float(amplitude)),
        start=_start(stiffness, amplitude, start),
        stiffness=lambda temperature: stiffness * math.exp(abs(amplitude)),
        residual=residual,
        jacobian=jacobian,
        value=value,
        gradient=gradient,
        samples=transverse,
        dials={"transverse": transverse, "stiffness": stiffness, "amplitude": amplitude, "start": start},
        facts=Facts(
            profile=Profile(
                lambda x: stiffness * np.exp(amplitude * np.cos(x)),
                lambda x: -amplitude * np.sin(x) * stiffness * np.exp(amplitude * np.cos(x)),
                period=2 * math.pi,
            )
        ),
    )


def _start(stiffness: float, amplitude: float, x: float) -> Any:
    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        from scipy.special import ndtri

        spread = math.sqrt(temperature / stiffness) * math.exp(-0.5 * amplitude * math.cos(x))
        states: FloatArray = spread * ndtri(uniforms)
        states[:, 0] = x
        return states

    return start


def residual(x, out, parameters):
    """r_j = sqrt(a(x)) y_j."""
    stiffness, amplitude = parameters
    for lane in range(x.shape[1]):
        root = np.sqrt(stiffness) * np.exp(0.5 * amplitude * np.cos(x[0, lane]))
        for j in range(1, x.shape[0]):
            out[j - 1, lane] = root * x[j, lane]


def jacobian(x, out, parameters):
    """dr_j/dx = -A sin(x) r_j / 2 and dr_j/dy_i = sqrt(a) delta_ij."""
    stiffness, amplitude = parameters
    for lane in range(x.shape[1]):
        root = np.sqrt(stiffness) * np.exp(0.5 * amplitude * np.cos(x[0, lane]))
        slope = -0.5 * amplitude * np.sin(x[0, lane]) * root
        for j in range(1, x.shape[0]):
            for i in range(1, x.shape[0]):
                out[j - 1, i, lane] = 0.0
            out[j - 1, j, lane] = root
            out[j - 1, 0, lane] = slope * x[j, lane]


def value(x, out, parameters):
    """f = a(x) |y|^2 / 2."""
    stiffness, amplitude = parameters
    for lane in range(x.shape[1]):
        out[lane] = 0.0
    for j in range(1, x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] += x[j, lane] * x[j, lane]
    for lane in range(x.shape[1]):
        out[lane] *= 0.5 * stiffness * np.exp(amplitude * np.cos(x[0, lane]))


def gradient(x, out, parameters):
    """(a'(x) |y|^2 / 2, a(x) y)."""
    stiffness, amplitude = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = 0.0
    for j in range(1, x.shape[0]):
        for lane in range(x.shape[1]):
            out[0, lane] += x[j, lane] * x[j, lane]
    for lane in range(x.shape[1]):
        profile = stiffness * np.exp(amplitude * np.cos(x[0, lane]))
        out[0, lane] *= -0.5 * amplitude * np.sin(x[0, lane]) * profile
        for j in range(1, x.shape[0]):
            out[j, lane] = profile * x[j, lane]
