"""Search on a surface for the point where its loss |r|^2 / 2 has the largest curvature: in NumPy, for a few points."""

from __future__ import annotations

import numpy as np

from langevin.landscapes.curvature import call_or_nan, curvature_met
from langevin.landscapes.projection import equations_at
from langevin.landscapes.squared_loss import gradient_of, value_of
from langevin.types import FloatArray, Landscape

#: Points in a round, rounds, Newton steps for each point, and the distance over |x| at which a point is on the surface.
POINTS, ROUNDS, STEPS, ARRIVED = 12, 5, 8, 1e-6


def stiffness_about(manifold: Landscape, place: FloatArray, temperature: float) -> float:
    """Largest curvature of the loss on a surface near its point `place` (dim,), to three digits.

    From the sharpest point that was found, the search follows the loss across the surface up to 10 theta
    (`curvature_met`).
    """
    assert manifold.residual and manifold.jacobian
    value = value_of(manifold.residual, manifold.codim)
    gradient = gradient_of(manifold.residual, manifold.jacobian, manifold.codim)
    sharpest = sharpest_about(manifold, place)
    across = np.linalg.svd(equations_at(manifold, sharpest[None])[1][0])[2][:1]
    met = curvature_met(value, gradient, sharpest, manifold.parameters, temperature, across)
    return float(f"{met:.3g}")  # so that a default step does not depend on the round-off of a library


def sharpest_about(manifold: Landscape, place: FloatArray) -> FloatArray:
    """The point (dim,) with the largest singular value of J, in a search up to the distance 2 |place|.

    On the surface the Hessian is J^T J. The search makes tangent moves of length |place|, |place| / 2 and so on, from
    the sharpest point so far and from other points. Newton steps return the ends to the surface. An end that does not
    return, or that returns to a distant point, is left out. The random numbers are fixed.
    """
    size, generator = float(np.linalg.norm(place)) or 1.0, np.random.default_rng(0)
    found = place[None]
    slopes = equations_at(manifold, found)[1]
    for _ in range(ROUNDS):
        chosen = generator.integers(len(found), size=POINTS)
        chosen[::2] = np.linalg.norm(slopes, 2, axis=(1, 2)).argmax()
        lengths = size * 0.5 ** generator.integers(3, size=POINTS)
        kicks = generator.standard_normal((POINTS, place.size))
        moves = np.stack([_tangent(J, kick) for J, kick in zip(slopes[chosen], kicks)])
        sizes = np.linalg.norm(moves, axis=1)
        trials = found[chosen] + moves * (lengths / np.where(sizes > 0.0, sizes, 1.0))[:, None]
        ends = np.stack([_settled(manifold, trial, ARRIVED * size) for trial in trials])
        near = np.linalg.norm(ends - trials, axis=1) <= lengths  # nan is not near
        near &= np.linalg.norm(ends - place, axis=1) <= 2.0 * size
        found = np.concatenate([found, ends[near]])
        slopes = np.concatenate([slopes, equations_at(manifold, ends[near])[1]])
    sharpest: FloatArray = found[np.linalg.norm(slopes, 2, axis=(1, 2)).argmax()]
    return sharpest


def _tangent(J: FloatArray, kick: FloatArray) -> FloatArray:
    tangent: FloatArray = kick - np.linalg.pinv(J) @ (J @ kick)
    return tangent


def _settled(manifold: Landscape, point: FloatArray, arrived: float) -> FloatArray:
    """The point of the surface to which Gauss-Newton steps converge, or nan."""
    r, J = np.empty((manifold.codim, 1)), np.empty((manifold.codim, manifold.dim, 1))
    assert manifold.residual and manifold.jacobian
    for _ in range(STEPS):
        call_or_nan(manifold.residual, point[:, None].copy(), r, manifold.parameters)
        call_or_nan(manifold.jacobian, point[:, None].copy(), J, manifold.parameters)
        if not (np.isfinite(r).all() and np.isfinite(J).all()):
            break
        step = np.linalg.lstsq(J[:, :, 0], r[:, 0], rcond=None)[0]
        point = point - step
        if np.linalg.norm(step) <= arrived:
            return point
    return np.full(manifold.dim, np.nan)
