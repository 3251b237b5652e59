"""A box that contains the part of a loss that walkers reach on their path to a target; a search outward finds it."""

from __future__ import annotations

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.kernels.targets import targets_of
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.types import Box, FloatArray, Landscape

#: Height of the faces of the box above the straight line from the start to the target, in temperatures.
ABOVE = 12.0
#: Points on a line and on a side of a face; fraction of a side by which a face moves; largest number of moves of a
#: face.
POINTS, FACE, PART, MOVES = 200, 40, 0.1, 60


def enclosing_box(landscape: Landscape, temperature: float) -> Box:
    """The box whose faces are high in the loss.

    The search begins with a box around the start and the nearest point of a target. Each face moves outward until the
    loss at all its points is 12 temperatures above the highest point of the straight line between the two. This point
    is at least as high as the pass that walkers take.

    Args:
        landscape: a loss with a target.
        temperature: theta.

    Raises:
        UsageError: the landscape has no loss or no target.
        NumericalError: the loss does not rise on one side, or no target was found.
    """
    if landscape.value is None or landscape.target is None:
        raise UsageError(
            f"{landscape.name} has no box of its own", "a loss with a target", "give the box of the landscape"
        )
    begin, end = usual_point(landscape), _on_target(landscape)
    way = begin + np.linspace(0.0, 1.0, POINTS)[:, None] * (end - begin)
    level = float(np.max(evaluate(landscape, "value", way))) + ABOVE * temperature
    reach = 0.25 * float(np.linalg.norm(end - begin))
    low, high = np.minimum(begin, end) - reach, np.maximum(begin, end) + reach
    for _ in range(MOVES):
        rises = [
            (axis, face)
            for axis in range(landscape.dim)
            for face in (low, high)
            if not np.min(evaluate(landscape, "value", _points_on(low, high, axis, face[axis]))) >= level
        ]
        if not rises:
            return Box(tuple(low.tolist()), tuple(high.tolist()))
        for axis, face in rises:
            step = PART * (high[axis] - low[axis])
            face[axis] += step if face is high else -step
    raise NumericalError(
        f"the loss of {landscape.name} does not rise above {level:.3g} on all sides",
        "a loss that confines walkers",
        "give the box of the landscape (Facts)",
    )


def _points_on(low: FloatArray, high: FloatArray, axis: int, place: float) -> FloatArray:
    """Points on the face of a box across an axis, a grid of `FACE` along the others."""
    sides = [np.linspace(a, b, FACE) for a, b in zip(low, high, strict=True)]
    sides[axis] = np.array([place])
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, len(low))


def _on_target(landscape: Landscape) -> FloatArray:
    """A point of a target near the start, by descent of its signed distance.

    Raises:
        NumericalError: no such point was found.
    """
    from scipy.optimize import minimize

    begin = usual_point(landscape)
    ends = []
    for kernel in targets_of(landscape):

        def distance(place: FloatArray, kernel=kernel) -> float:  # type: ignore[no-untyped-def]
            out = np.full(1, np.nan)
            kernel(np.ascontiguousarray(place[:, None]), out, landscape.parameters)
            return max(float(out[0]), 0.0)

        end = minimize(distance, begin, method="Nelder-Mead", options={"maxiter": 2000}).x
        if distance(end) == 0.0:
            ends.append(end)
    if not ends:
        raise NumericalError(
            f"no point of the target of {landscape.name} was found",
            "a target that can be reached",
            "give its box",
        )
    return np.asarray(min(ends, key=lambda place: float(np.linalg.norm(place - begin))))
