"""What is refused about the points of a body at which reflected motion starts."""

from __future__ import annotations

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape

#: Look at so many starts at most, evenly spread over the walkers: the kernels run as plain Python here.
LOOKED_AT = 1000
#: Distance that a wall may move a start, over |x|: round-off.
ROUND_OFF = 1e-12


def check_body_start(landscape: Landscape, states: FloatArray) -> None:
    """Refuse starts (walkers, dim) outside a body; mirrors would carry them inside, to a place nobody asked for.

    Raises:
        UsageError: a start beyond the walls.
    """
    points = states[np.unique(np.linspace(0, len(states) - 1, LOOKED_AT).astype(int))]
    x = np.ascontiguousarray(points.T)
    if landscape.walls is not None:
        outside = ~(evaluate(landscape, "walls", points) <= 0.0)
    elif landscape.fold is not None:
        folded = x.copy()
        landscape.fold(folded, landscape.parameters)
        outside = np.abs(folded - x).max(axis=0) > ROUND_OFF * np.abs(x).max(axis=0)
    else:
        return
    if outside.any():
        raise UsageError(
            f"the start {points[outside.argmax()].tolist()} lies outside the body {landscape.name}; give a point inside"
        )
