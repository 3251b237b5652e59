"""What is refused about the loss that soft motion on a surface descends."""

from __future__ import annotations

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.curvature import call_or_nan
from langevin.types import FloatArray, Landscape

#: How far aside of the start the loss is looked at, over |x|, and half the difference there, over that.
ASIDE, DIFFERENCE = 1e-3, 1e-3
#: Difference of slopes over their size: far above the error of a difference, far below that of another loss.
UNLIKE = 1e-3


def check_loss(landscape: Landscape, states: FloatArray, kick: float) -> None:
    """Refuse a gradient that is not that of |r|^2 / 2: `dataclasses.replace` leaves it behind with a new residual.

    The slopes along one line aside of the first of the states (walkers, dim) are compared; where one of them is not
    defined nothing is said. `kick`, the standard deviation of a step, is the length for a start at the origin.

    Raises:
        UsageError: they differ.
    """
    if landscape.residual is None or landscape.gradient is None:
        return
    start = states[0]
    direction = np.random.default_rng(0).standard_normal(start.size)
    direction *= (float(np.linalg.norm(start)) or kick) / np.linalg.norm(direction)
    steps = np.array([1.0 - DIFFERENCE, 1.0 + DIFFERENCE, 1.0]) * ASIDE
    points = np.ascontiguousarray((start + steps[:, None] * direction).T)
    r, slopes = np.empty((landscape.codim, 3)), np.empty_like(points)
    call_or_nan(landscape.residual, points, r, landscape.parameters)
    call_or_nan(landscape.gradient, points, slopes, landscape.parameters)
    with np.errstate(all="ignore"):
        losses = 0.5 * (r**2).sum(axis=0)
        numeric = (losses[1] - losses[0]) / (2.0 * DIFFERENCE * ASIDE)
        given = float(direction @ slopes[:, 2])
    if abs(given - numeric) > UNLIKE * (abs(given) + abs(numeric)):
        raise UsageError(
            f"the gradient of {landscape.name} is not that of |r|^2 / 2: beside the start its slope is {given:.6g}, "
            f"that of |r|^2 / 2 is {numeric:.6g}; with a new residual, make the surface by manifolds.constraint"
        )
