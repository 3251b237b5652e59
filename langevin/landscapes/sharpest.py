"""A look around on a surface for the place where its loss |r|^2 / 2 is most curved: in NumPy, for a few points."""

from __future__ import annotations

import numpy as np

from langevin.landscapes.curvature import call_or_nan, curvature_met
from langevin.landscapes.projection import equations_at
from langevin.landscapes.squared_loss import gradient_of, value_of
from langevin.types import FloatArray, Landscape

#: Points tried in a round, rounds, Newton's steps for each, and the distance over |x| at which a point has arrived.
POINTS, ROUNDS, STEPS, ARRIVED = 12, 5, 8, 1e-6


def stiffness_about(manifold: Landscape, place: FloatArray, temperature: float) -> float:
    """Largest curvature of the loss met on a surface about its point `place` (dim,), to three digits.

    From the sharpest place found the loss is followed across the surface up to 10 theta (`curvature_met`).
    """
    assert manifold.residual and manifold.jacobian
    value = value_of(manifold.residual, manifold.codim)
    gradient = gradient_of(manifold.residual, manifold.jacobian, manifold.codim)
    sharpest = sharpest_about(manifold, place)
    across = np.linalg.svd(equations_at(manifold, sharpest[None])[1][0])[2][:1]
    met = curvature_met(value, gradient, sharpest, manifold.parameters, temperature, across)
    return float(f"{met:.3g}")  # a default step made of it must not hang on the round-off of a library


def sharpest_about(manifold: Landscape, place: FloatArray) -> FloatArray:
    """The point (dim,) with the largest singular value of J, on a look around as far as 2 |place|.

    On the surface the Hessian is J^T J. Tangent moves of |place| and halves of it, from the sharpest point so far and
    from others, are brought back by Newton's steps; what does not come back, or comes back from afar, is left out.
    The random numbers are fixed.
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
        near = np.linalg.norm(ends - trials, axis=1) <= lengths  # not a number is not near
        near &= np.linalg.norm(ends - place, axis=1) <= 2.0 * size
        found = np.concatenate([found, ends[near]])
        slopes = np.concatenate([slopes, equations_at(manifold, ends[near])[1]])
    sharpest: FloatArray = found[np.linalg.norm(slopes, 2, axis=(1, 2)).argmax()]
    return sharpest


def _tangent(J: FloatArray, kick: FloatArray) -> FloatArray:
    tangent: FloatArray = kick - np.linalg.pinv(J) @ (J @ kick)
    return tangent


def _settled(manifold: Landscape, point: FloatArray, arrived: float) -> FloatArray:
    """The point of the surface where Gauss-Newton steps lead, or nan."""
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
