"""Minima and index-1 saddles of a potential, and which saddle joins which minima.

The kernels of the landscape run as plain Python, with one lane for each point. The search follows eigenvectors of the
Hessian (C. J. Cerjan and W. H. Miller, J. Chem. Phys. 75 (1981) 2800): Newton steps with |lambda| in place of lambda,
uphill along the lowest modes. The number of uphill modes is the wanted index.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape

#: Lengths in units of the longest side of the box: longest step, distance of equal points, error of a point.
LONGEST_STEP = 0.02
SAME = 1e-5
ERROR = 1e-9
#: Round-off of a curvature over the largest one, and the smallest ratio of a curvature to its error.
ROUND_OFF = 1e-11
ABOVE_ERROR = 10.0
#: Step of the differences for the Hessian, in units of the longest side.
STEP = 1e-5
MOST_STEPS = 300
#: Longest descent from a saddle, in units of the relaxation time of the slowest minimum.
LONGEST_DESCENT = 1e3


@dataclass(frozen=True)
class CriticalPoint:
    """A point (dim,) of zero gradient, its loss, and the eigenvalues (dim,) of the Hessian, ascending, none zero."""

    position: FloatArray
    energy: float
    curvatures: FloatArray

    @property
    def index(self) -> int:
        """Morse index, the number of negative curvatures: 0 for a minimum, 1 for a saddle on a path."""
        return int((self.curvatures < 0).sum())


@dataclass(frozen=True)
class CriticalPoints:
    """The points that a search has found, with energies ascending.

    minima      wells
    saddles     points of index 1
    joins       for each saddle the indices of the two minima at the ends of its steepest descents, the lower index
                first; -1 if a descent leaves the box or does not end
    degenerate  number of searches that ended at a curvature that may be zero, for example on a set of minima
    """

    minima: tuple[CriticalPoint, ...]
    saddles: tuple[CriticalPoint, ...]
    joins: tuple[tuple[int, int], ...]
    degenerate: int


def critical_points(
    landscape: Landscape, lower: Sequence[float], upper: Sequence[float], starts: int = 40, seed: int = 0
) -> CriticalPoints:
    """Search a box from uniform random starts, each once for a minimum and once for a saddle.

    Every returned point is verified: the Newton step is at most 1e-9 sides, the Morse index is correct, and every
    curvature is at least ten times its error. This error is 1e-11 of the largest curvature, or the change from
    differences with twice the step. Points closer than 1e-5 sides count as one. A random search may be incomplete:
    minima that only a descent from a saddle reaches are added, but a saddle that no start reached is missing. Two or
    three coordinates need some tens of starts. The loss must be twice differentiable.

    Args:
        landscape: a landscape with value and gradient kernels.
        lower: lowest corner of the box, (dim,).
        upper: highest corner.
        starts: number of random starts.
        seed: seed of the starts.

    Raises:
        UsageError: the box has another dimension, is empty or infinite, or there is no start.
        NumericalError: no minimum was found.
    """
    low, high = np.asarray(lower, float), np.asarray(upper, float)
    shape = (landscape.dim,)
    if low.shape != shape or high.shape != shape or not np.all((low < high) & np.isfinite(high - low)):
        raise unfit("the box", f"needs {landscape.dim} finite lower < upper", f"{lower} and {upper}")
    if starts < 1:
        raise unfit("starts", "must be at least 1", f"{starts}", "take some tens")
    places = low + (high - low) * np.random.default_rng(seed).uniform(size=(starts, landscape.dim))
    scale, degenerate = float((high - low).max()), 0
    found: tuple[list[CriticalPoint], list[CriticalPoint]] = ([], [])
    for index in (0, 1):
        for place in places:
            point = _follow(landscape, place, low, high, index)
            if point is None:
                continue
            if _is_degenerate(landscape, point, scale):
                degenerate += 1
            elif point.index == index:
                _add(found[index], point, scale)
    minima, saddles = found
    if not minima:
        raise NumericalError(
            f"none of {starts} starts led to a minimum inside the box ({degenerate} to degenerate points)",
            remedy="move the box or take more starts",
        )
    ends = [[_descend(landscape, saddle, side, minima, low, high) for side in (-1, 1)] for saddle in saddles]
    order = sorted(range(len(minima)), key=lambda number: minima[number].energy)
    rank = {number: place for place, number in enumerate(order)} | {-1: -1}
    rows = sorted(range(len(saddles)), key=lambda number: saddles[number].energy)
    joins = [sorted(rank[end] for end in ends[row]) for row in rows]
    return CriticalPoints(
        tuple(minima[number] for number in order),
        tuple(saddles[row] for row in rows),
        tuple((first, second) for first, second in joins),
        degenerate,
    )


def gradient_at(landscape: Landscape, places: FloatArray) -> FloatArray:
    """Gradient (dim, points) at positions (dim, points).

    Args:
        landscape: the loss.
        places: positions, (dim, points).
    """
    return evaluate(landscape, "gradient", places.T).T


def hessian_at(landscape: Landscape, place: FloatArray, scale: float = 1.0) -> FloatArray:
    """Hessian (dim, dim) at `place` (dim,) by central differences of the gradient over 1e-5 scale, symmetrised.

    Args:
        landscape: the loss.
        place: the position, (dim,).
        scale: length on which the loss changes; it sets the step of the differences.
    """
    step = STEP * scale
    offsets = step * np.eye(place.size)
    slopes = gradient_at(landscape, np.hstack([place[:, None] + offsets, place[:, None] - offsets]))
    matrix = (slopes[:, : place.size] - slopes[:, place.size :]) / (2 * step)
    return np.asarray((matrix + matrix.T) / 2)


def _follow(
    landscape: Landscape, start: FloatArray, low: FloatArray, high: FloatArray, index: int
) -> CriticalPoint | None:
    """The end of the search from `start`, of any index; None if it leaves the box or does not converge."""
    place, scale = start.copy(), float((high - low).max())
    best = math.inf
    for _ in range(MOST_STEPS):
        slope = gradient_at(landscape, place[:, None])[:, 0]
        if not np.isfinite(slope).all():
            return None
        curvatures, modes = np.linalg.eigh(hessian_at(landscape, place, scale))
        largest = float(np.abs(curvatures).max())
        sizes = np.maximum(np.abs(curvatures), ROUND_OFF * largest) if largest else np.ones(place.size)
        signs = np.where(np.arange(place.size) < index, 1.0, -1.0)
        step = modes @ (signs * (modes.T @ slope) / sizes)
        length = float(np.linalg.norm(step))
        if length <= ERROR * scale and length >= best / 2:  # round-off allows no further progress
            return CriticalPoint(place, float(evaluate(landscape, "value", place)), curvatures)
        best = length
        place = place + step * min(1.0, LONGEST_STEP * scale / length) if length else place
        if np.any(place < low) or np.any(place > high):
            return None
    return None


def _is_degenerate(landscape: Landscape, point: CriticalPoint, scale: float) -> bool:
    """Whether some curvature is not far above its error from differences and from round-off.

    The error of central differences is proportional to the square of the step. So along each mode it is a third of the
    change from twice the step.
    """
    _, modes = np.linalg.eigh(hessian_at(landscape, point.position, scale))
    change = hessian_at(landscape, point.position, 2 * scale) - hessian_at(landscape, point.position, scale)
    sizes = np.abs(point.curvatures)
    errors = np.abs(((modes.T @ change) * modes.T).sum(axis=1)) / 3 + ROUND_OFF * sizes.max()
    return bool((sizes <= ABOVE_ERROR * errors).any())


def _add(points: list[CriticalPoint], point: CriticalPoint, scale: float) -> int:
    """Index of the point in the list; a new point is added to the list."""
    for number, other in enumerate(points):
        if np.linalg.norm(other.position - point.position) <= SAME * scale:
            return number
    points.append(point)
    return len(points) - 1


def _descend(
    landscape: Landscape,
    saddle: CriticalPoint,
    side: int,
    minima: list[CriticalPoint],
    low: FloatArray,
    high: FloatArray,
) -> int:
    """Index of the minimum below one side of a saddle, -1 for none; a new minimum is added to the list."""
    from scipy.integrate import solve_ivp

    scale = float((high - low).max())
    _, modes = np.linalg.eigh(hessian_at(landscape, saddle.position, scale))
    begin = saddle.position + side * 1e-3 * scale * modes[:, 0]

    def arrival(_: float, place: FloatArray) -> float:
        return min(float(np.linalg.norm(place - point.position)) for point in minima) - 1e-3 * scale

    def exit_(_: float, place: FloatArray) -> float:
        return float(np.minimum(place - low, high - place).min())

    arrival.terminal = exit_.terminal = True  # type: ignore[attr-defined]
    slowest = min([-saddle.curvatures[0], *(point.curvatures[0] for point in minima)])
    path = solve_ivp(
        lambda _, place: -gradient_at(landscape, place[:, None])[:, 0],
        (0.0, LONGEST_DESCENT / slowest),
        begin,
        method="LSODA",
        rtol=1e-8,
        atol=1e-10 * scale,
        events=(arrival, exit_),
    )
    end = path.y[:, -1]
    if not path.success or len(path.t_events[1]):
        return -1
    bottom = _follow(landscape, end, low, high, 0)
    if bottom is None or bottom.index != 0 or _is_degenerate(landscape, bottom, scale):
        return -1
    return _add(minima, bottom, scale)
