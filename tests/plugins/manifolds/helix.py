"""A helix in space."""

import math

import numpy as np

import langevin
from langevin.errors import UsageError


def helix(radius: float = 1.0, pitch: float = 1.0):
    """Curve (R cos s, R sin s, p s) as the zero set of (x - R cos(z / p), y - R sin(z / p)).

    J J^T has the eigenvalues 1 and 1 + (R / p)^2.

    Args:
        radius: R, radius of the cylinder.
        pitch: p, increase of the height in one radian.
    """
    if not 0.0 < radius < math.inf or not 0.0 < pitch < math.inf:
        raise UsageError(f"helix needs radius > 0 and pitch > 0; got radius={radius}, pitch={pitch}")
    return langevin.manifolds.constraint(
        residual,
        jacobian,
        3,
        2,
        start=[radius, 0.0, 0.0],
        parameters=(radius, pitch),
        stiffness=1.0 + (radius / pitch) ** 2,
        name="helix",
    )


def residual(x, out, parameters):
    radius, pitch = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] - radius * np.cos(x[2, lane] / pitch)
        out[1, lane] = x[1, lane] - radius * np.sin(x[2, lane] / pitch)


def jacobian(x, out, parameters):
    radius, pitch = parameters
    for lane in range(x.shape[1]):
        out[0, 0, lane] = out[1, 1, lane] = 1.0
        out[0, 1, lane] = out[1, 0, lane] = 0.0
        out[0, 2, lane] = radius / pitch * np.sin(x[2, lane] / pitch)
        out[1, 2, lane] = -radius / pitch * np.cos(x[2, lane] / pitch)
