"""Parts of closed forms of several landscapes: powers of a coordinate, for moments, and sizes of parts of spheres."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.types import FloatArray


def power_of(coordinate: int, power: int) -> Callable[[FloatArray], FloatArray]:
    """States (walkers, dim) to x_i^power (walkers,).

    Args:
        coordinate: index i of the coordinate.
        power: the exponent.
    """

    def function(states: FloatArray) -> FloatArray:
        powers: FloatArray = states[:, coordinate] ** power
        return powers

    return function


def log_area(dim: int) -> float:
    """Log of the area 2 pi^(n/2) / Gamma(n/2) of the unit sphere in R^n."""
    return math.log(2.0) + 0.5 * dim * math.log(math.pi) - math.lgamma(0.5 * dim)


def fraction_left(normals: FloatArray, margin: float, inside: FloatArray) -> float | None:
    """Fraction of the unit sphere in R^d with n_k . w >= margin for all k; None if no closed form is known.

    Closed forms are known for at most one cap in any dimension, for any number of caps in the plane, and for
    hemispheres (margin 0) in d = 3.

    Args:
        normals: unit vectors n_k, (caps, d), in general position.
        margin: the same for all caps, between -1 and 1.
        inside: a unit vector with n_k . w > margin, (d,).
    """
    count, dim = normals.shape
    if count == 0:
        return 1.0
    if count == 1:
        return cap_fraction(dim, margin)
    if dim == 2:
        return arcs_length(normals, margin) / (2.0 * math.pi)
    if dim == 3 and margin == 0.0:
        return polygon_area(normals, inside) / math.exp(log_area(3))
    return None


def cap_fraction(dim: int, margin: float) -> float:
    """Fraction of the sphere with w_1 >= margin: I_(1 - margin^2)((d - 1) / 2, 1 / 2) / 2 if margin >= 0 (Li 2011).

    Args:
        dim: d, dimension of the space of the sphere.
        margin: smallest w_1, from -1 to 1.
    """
    from scipy.special import betainc

    half = 0.5 * float(betainc(0.5 * (dim - 1), 0.5, 1.0 - margin * margin))
    return half if margin >= 0.0 else 1.0 - half


def arcs_length(normals: FloatArray, margin: float) -> float:
    """Length of the intersection of all arcs |angle to n_k| <= arccos(margin) of the circle.

    Args:
        normals: unit vectors n_k, (arcs, 2).
        margin: cosine of the largest angle.
    """
    towards = np.arctan2(normals[:, 1], normals[:, 0])
    ends = np.sort(
        np.concatenate([towards - math.acos(margin), towards + math.acos(margin)]) % (2.0 * math.pi)
    )
    lengths = np.diff(ends, append=ends[0] + 2.0 * math.pi)
    middles = ends + 0.5 * lengths
    angles = np.abs((middles[:, None] - towards + math.pi) % (2.0 * math.pi) - math.pi)
    return float(lengths[(angles <= math.acos(margin)).all(axis=1)].sum())


def polygon_area(normals: FloatArray, inside: FloatArray) -> float:
    """Area of the spherical polygon that is the intersection of two or more hemispheres in R^3.

    The area is 2 pi minus the perimeter of the polar polygon, which is the convex hull of the normals (Girard's theorem
    with angles pi - arc). The central projection from `inside` preserves the hull.

    Args:
        normals: unit vectors of the hemispheres, (hemispheres, 3).
        inside: a point inside the polygon, (3,).
    """
    corners = normals
    if len(normals) > 2:
        from scipy.spatial import ConvexHull

        frame = np.linalg.svd(inside[None])[2][1:]
        corners = normals[ConvexHull(normals @ frame.T / (normals @ inside)[:, None]).vertices]
    chords = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    return 2.0 * math.pi - float(2.0 * np.arcsin(np.minimum(0.5 * chords, 1.0)).sum())
