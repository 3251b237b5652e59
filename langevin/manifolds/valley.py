"""Valley around a ring: stiffer on one side than on the other, with a compact zero set."""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, Landscape, Moment


def valley(stiffness: float = 400.0, amplitude: float = 2.0, radius: float = 1.0) -> Landscape:
    """Circle |x| = R in the plane with the loss kappa(phi) (|x| - R)^2 / 2, kappa = k exp(A cos phi).

    Walkers start at (R, 0), the stiff side. The length is 2 pi R; E cos phi = 0 under the surface distribution and
    -I_1(A / 2) / I_0(A / 2) under the Gibbs distribution, whose density is kappa^(-1/2) (Fatkullin, Kovacic and
    Vanden-Eijnden 2010). For soft motion this is true up to terms exp(-kappa R^2 / 2 theta), not only for large k.

    Args:
        stiffness: k, geometric mean of the profile.
        amplitude: A; 0 gives a ring.
        radius: R.
    """
    if not (0.0 < stiffness < math.inf and math.isfinite(amplitude) and 0.0 < radius < math.inf):
        raise unfit(
            "valley",
            "needs stiffness > 0, a finite amplitude, radius > 0",
            f"stiffness={stiffness}, amplitude={amplitude}, radius={radius}",
        )
    return Landscape(
        name="valley",
        dim=2,
        codim=1,
        parameters=(math.sqrt(stiffness), float(amplitude), float(radius)),
        start=all_at([radius, 0.0]),
        stiffness=lambda temperature: stiffness * math.exp(abs(amplitude)),
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, 1),
        gradient=gradient_of(residual, jacobian, 1),
        samples=1,
        dials={"stiffness": stiffness, "amplitude": amplitude, "radius": radius},
        facts=Facts(
            moments=(
                Moment(
                    "cos phi",
                    lambda states: states[:, 0] / np.hypot(states[:, 0], states[:, 1]),
                    surface=0.0,
                    gibbs=-bessel_ratio(0.5 * amplitude),
                ),
            ),
            log_volume=math.log(2.0 * math.pi * radius),
        ),
    )


def bessel_ratio(argument: float) -> float:
    """I_1(a) / I_0(a), the mean of cos phi under the density exp(a cos phi), by the periodic trapezoidal rule."""
    cosines = np.cos(np.arange(4096) * (math.pi / 2048.0))
    weights = np.exp(argument * cosines - abs(argument))
    return float((weights * cosines).sum() / weights.sum())


@register_jitable
def polar(x, lane, root, amplitude):
    """|x| and sqrt(kappa)."""
    length = np.sqrt(x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane])
    return length, root * np.exp(0.5 * amplitude * x[0, lane] / length)


def residual(x, out, parameters):
    """r = sqrt(kappa(phi)) (|x| - R)."""
    root, amplitude, radius = parameters
    for lane in range(x.shape[1]):
        length, steep = polar(x, lane, root, amplitude)
        out[0, lane] = steep * (length - radius)


def jacobian(x, out, parameters):
    """sqrt(kappa) x / |x| + (|x| - R) grad sqrt(kappa), with grad cos phi = (y^2, -x y) / |x|^3."""
    root, amplitude, radius = parameters
    for lane in range(x.shape[1]):
        length, steep = polar(x, lane, root, amplitude)
        out[0, 0, lane] = steep * x[0, lane] / length
        out[0, 1, lane] = steep * x[1, lane] / length
        turn = 0.5 * amplitude * steep * (length - radius) * x[1, lane] / (length * length * length)
        out[0, 0, lane] += turn * x[1, lane]
        out[0, 1, lane] -= turn * x[0, lane]
