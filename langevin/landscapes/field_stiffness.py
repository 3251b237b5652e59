"""The largest curvature of a potential along a surface or in a body: it limits the step of motion in its field.

Along a surface the Hessian of U is that of its geodesics, P (Hess U - sum_a lambda_a Hess r_a) P with
lambda = (J J^T)^-1 J grad U, which is the derivative of the field P grad U in tangent directions. So a constant force F
has the curvature F / R on a sphere of radius R. Kernels run as plain Python here, at some points in one call.
"""

from __future__ import annotations

import numpy as np

from langevin.landscapes.curvature import KINKED, TEN
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.projection import equations_at
from langevin.landscapes.starts import usual_point
from langevin.types import FloatArray, Landscape

#: Points that are moved in a round, rounds, and Newton steps after each move.
POINTS, ROUNDS, CORRECTIONS = 24, 8, 6
#: Height above the lowest point over theta up to which walkers come, as in `landscapes.curvature`.
RISE = 10.0
#: Steps of the power iteration at all points, those at the points where it finds most, and the number of these.
FIRST, LAST, BEST = 4, 20, 8
#: Length of a difference over the size of the points.
DIFFERENCE = 1e-5
#: Distance from the surface over the length of a move at which a point has returned.
RETURNED = 1e-6


def stiffness_on(manifold: Landscape, field: Landscape, temperature: float) -> float:
    """Largest |eigenvalue| of the Hessian of a field at points that walkers reach, to three digits.

    Args:
        manifold: the surface or body, whose kernels take the parameters of the field.
        field: the potential U.
        temperature: theta.
    """
    points = _points(manifold, field)
    heights = evaluate(field, "value", points)
    points, heights = points[np.isfinite(heights)], heights[np.isfinite(heights)]
    if not len(points):
        return float("nan")
    top = max(heights[0], heights.min() + RISE * temperature)
    points = points[heights <= top]
    soon = np.nan_to_num(_curvatures(manifold, field, points, FIRST, temperature), posinf=0.0)
    found = _curvatures(manifold, field, points[np.argsort(soon)[-BEST:]], LAST, temperature)
    largest = float(np.max(found, initial=soon.max(), where=np.isfinite(found)))
    return float(f"{largest:.3g}")  # so that a default step does not depend on the round-off of a library


def _points(manifold: Landscape, field: Landscape) -> FloatArray:
    """Points (points, dim) of the set: starts, and the ends of moves from points before, every other one downhill."""
    generator, start = np.random.default_rng(0), usual_point(manifold)
    size = float(np.linalg.norm(start)) or 1.0
    others = manifold.start(generator.uniform(0.02, 0.98, (POINTS, manifold.dim)), 0.0)
    found = np.concatenate([start[None], np.unique(others, axis=0)])
    for _ in range(ROUNDS):
        chosen = generator.integers(len(found), size=POINTS)
        chosen[::4] = np.nan_to_num(evaluate(field, "value", found), nan=np.inf).argmin()
        moves = generator.standard_normal((POINTS, manifold.dim))
        moves[::2] = -evaluate(field, "gradient", found[chosen[::2]])
        if manifold.is_surface:
            moves = _tangent(manifold, found[chosen], moves)
        lengths: FloatArray = size * 0.5 ** generator.integers(5, size=POINTS).astype(np.float64)
        norms = np.linalg.norm(moves, axis=1)
        moves *= (lengths / np.where(norms > 0.0, norms, 1.0))[:, None]
        found = np.concatenate([found, _brought_back(manifold, found[chosen] + moves, lengths)])
    return found


def _tangent(manifold: Landscape, points: FloatArray, vectors: FloatArray) -> FloatArray:
    """The parts (points, dim) of vectors in the tangent spaces at the points; NaN if there is none."""
    J = equations_at(manifold, points)[1]
    with np.errstate(all="ignore"):
        gram = J @ J.transpose(0, 2, 1)
        usable = np.asarray(np.isfinite(gram).all(axis=(1, 2)))
        gram[~usable] = np.eye(manifold.codim)
        J = np.where(usable[:, None, None], J, np.nan)
        across = np.linalg.pinv(gram, hermitian=True) @ (J @ vectors[:, :, None])
        tangent: FloatArray = vectors - (J.transpose(0, 2, 1) @ across)[:, :, 0]
    return tangent


def _brought_back(manifold: Landscape, ends: FloatArray, lengths: FloatArray) -> FloatArray:
    """The ends (points, dim) on the set, or between its walls; those that are not left out."""
    if manifold.is_surface:
        for _ in range(CORRECTIONS):
            r, J = equations_at(manifold, ends)
            finite = np.isfinite(r).all(axis=1) & np.isfinite(J).all(axis=(1, 2))
            ends, lengths, r, J = ends[finite], lengths[finite], r[finite], J[finite]
            steps = (np.linalg.pinv(J) @ r[:, :, None])[:, :, 0]
            ends = ends - steps
        back = np.linalg.norm(steps, axis=1) <= RETURNED * lengths
        ends = ends[back]
    if manifold.fold is not None:
        x = np.array(ends.T, order="C")
        manifold.fold(x, manifold.parameters)
        ends = x.T
    if manifold.walls is not None and len(ends):
        ends = ends[evaluate(manifold, "walls", ends) <= 0.0]
    return ends


def _curvatures(
    manifold: Landscape, field: Landscape, points: FloatArray, iterations: int, temperature: float
) -> FloatArray:
    """Largest |eigenvalue| of the Hessian at each point; at a kink slope^2 / theta, as in `landscapes.curvature`."""
    step = DIFFERENCE * (float(np.linalg.norm(points, axis=1).max()) or 1.0)
    found, longer = (_largest(manifold, field, points, iterations, length) for length in (step, TEN * step))
    with np.errstate(over="ignore", invalid="ignore"):
        kinked = (found > KINKED * longer) & (temperature > 0.0)
        return np.where(kinked, (found * step) ** 2 / (temperature or 1.0), found)


def _largest(
    manifold: Landscape, field: Landscape, points: FloatArray, iterations: int, step: float
) -> FloatArray:
    """Largest |eigenvalue| at each point, by power iteration on differences of the slope over this length."""

    def slopes(places: FloatArray) -> FloatArray:
        gradients = evaluate(field, "gradient", places)
        return _tangent(manifold, places, gradients) if manifold.is_surface else gradients

    directions = np.random.default_rng(1).standard_normal(points.shape)
    found = np.zeros(len(points))
    for _ in range(iterations):
        if manifold.is_surface:
            directions = _tangent(manifold, points, directions)
        norms = np.linalg.norm(directions, axis=1)
        directions /= np.where(norms > 0.0, norms, 1.0)[:, None]
        ahead, behind = slopes(points + step * directions), slopes(points - step * directions)
        images = (ahead - behind) / (2.0 * step)
        if manifold.is_surface:
            images = _tangent(manifold, points, images)
        found = np.linalg.norm(images, axis=1)
        directions = np.where(np.isfinite(images), images, 0.0)
    return found
