"""Rotations SO(n): X^T X = 1 with determinant 1."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.manifolds.stiefel import orthonormal
from langevin.types import FloatArray, Landscape, Moment


def special_orthogonal(size: int = 3, stiffness: float = 100.0) -> Landscape:
    """SO(n) in the n^2 coordinates of the matrix, n (n + 1) / 2 equations; walkers start at the identity.

    Residuals and metric are as on `stiefel`, so both distributions are the Haar measure. O(n) has a second sheet with
    determinant -1, which small steps cannot reach; the volume is the volume of one sheet. E X(t) decays with the rate
    (n - 1) / 2 at temperature 1. Under both distributions E (tr X)^2 = 1 and E (tr X)^4 = 3. Exceptions are 2 and 6 for
    n = 2, and 4 for the fourth moment at n = 4, where the determinant is one more invariant (Diaconis and Shahshahani
    1994 for O(n)). For n = 3 see `angle_density`.

    Args:
        size: n, at least 2.
        stiffness: k, the normal curvature of the loss.
    """
    if size < 2 or not 0.0 < stiffness < math.inf:
        raise unfit(
            "special_orthogonal", "needs size >= 2 and stiffness > 0", f"size={size}, stiffness={stiffness}"
        )
    square, fourth = (2.0, 6.0) if size == 2 else (1.0, 4.0 if size == 4 else 3.0)
    moments = [
        Moment("(tr X)^2", lambda states: traces(states, size) ** 2, surface=square, gibbs=square),
        Moment("(tr X)^4", lambda states: traces(states, size) ** 4, surface=fourth, gibbs=fourth),
    ]
    dials = {"size": size, "stiffness": stiffness}
    return orthonormal("special_orthogonal", size, size, stiffness, dials, moments)


def traces(states: FloatArray, size: int) -> FloatArray:
    """tr X (walkers,) of states (walkers, size^2)."""
    sums: FloatArray = states[:, :: size + 1].sum(axis=1)
    return sums


def angle_density(angles: FloatArray) -> FloatArray:
    """(1 - cos a) / pi: density on [0, pi] of the angle of a Haar-distributed rotation of space, n = 3."""
    density: FloatArray = (1.0 - np.cos(angles)) / math.pi
    return density
