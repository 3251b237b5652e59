"""What is refused about the points of a body at which reflected motion starts."""

from __future__ import annotations

import numpy as np

from langevin.ensemble.look import folded, values_at
from langevin.errors import UsageError
from langevin.types import FloatArray, Landscape

#: Distance that a wall may move a start, over |x|: round-off.
ROUND_OFF = 1e-12


def check_body_start(landscape: Landscape, states: FloatArray) -> None:
    """Refuse starts (walkers, dim) outside a body; reflections would move them inside, to another place.

    Raises:
        UsageError: a start beyond the walls.
    """
    if landscape.walls is not None:
        outside = ~(values_at(landscape, "walls", states) <= 0.0)
    elif landscape.fold is not None:
        moved = np.abs(folded(landscape, states) - states).max(axis=1)
        outside = ~(moved <= ROUND_OFF * np.abs(states).max(axis=1))
    else:
        return
    if outside.any():
        raise UsageError(
            f"the start {states[outside.argmax()].tolist()} lies outside the body {landscape.name}",
            "starts inside the body",
            "give a point inside",
        )
