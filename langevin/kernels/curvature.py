"""The largest curvature of a loss about a point, from differences of its gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

ITERATIONS = 30
TOLERANCE = 1e-3
RELATIVE_STEP = 1e-5


def largest_curvature(
    gradient: Callable[..., None],
    place: NDArray[np.float64],
    parameters: tuple[Any, ...],
    relative_step: float = RELATIVE_STEP,
) -> float:
    """Largest |eigenvalue| of the Hessian at `place` (dim,), by power iteration on central differences.

    The gradient kernel runs as plain Python; the start vector is fixed, so the answer is too. The differences are over
    `relative_step` (1 + |x|).
    """
    direction = np.cos(1.0 + np.arange(place.size, dtype=np.float64))
    direction /= np.linalg.norm(direction)
    step = relative_step * (1.0 + float(np.abs(place).max()))
    slopes = np.empty((place.size, 2))
    found = 0.0
    for _ in range(ITERATIONS):
        gradient(np.stack([place + step * direction, place - step * direction], axis=1), slopes, parameters)
        image = (slopes[:, 0] - slopes[:, 1]) / (2.0 * step)
        size = float(np.linalg.norm(image))
        if size == 0.0 or abs(size - found) <= TOLERANCE * size:
            return size
        direction, found = image / size, size
    return found
