"""Minima of a loss, searched from random starts on many scales: where walkers start, and where a target may lie."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from langevin.types import FloatArray

#: Lengths of the starts about the origin, and starts of each length.
SCALES, STARTS = (0.1, 1.0, 3.0, 10.0), 12
#: Last Newton step of a search that has ended, and distance at which two minima are one, as parts of 1 + |place|.
ENDED, ALIKE = 1e-9, 1e-4
#: Newton steps after a descent, and digits that are kept: the last ones differ from machine to machine.
NEWTON_STEPS, DECIMALS = 3, 10
#: Curvature below which a minimum is no point but part of a floor, as a part of the largest.
FLAT = 1e-7
MOST_STEPS = 200

Loss = Callable[[FloatArray], tuple[float, FloatArray]]


def minima(loss: Loss, hessian: Callable[[FloatArray], FloatArray], dim: int) -> list[FloatArray]:
    """Places (dim,) of isolated minima, the deepest first, those of equal depth by their coordinates.

    A search by random starts may miss some. A loss with a flat floor, or one that falls without bound, has none.

    Args:
        loss: place to (value, gradient).
        hessian: place to the Hessian (dim, dim).
        dim: number of coordinates.
    """
    random = np.random.default_rng(0)
    found: list[tuple[float, FloatArray]] = []
    for scale in SCALES:
        for start in scale * random.standard_normal((STARTS, dim)):
            place = _isolated(loss, hessian, start)
            if place is not None and all(
                np.abs(place - other).max() > ALIKE * _size(place) for _, other in found
            ):
                found.append((loss(place)[0], place))
    depth = 1.0 + max((abs(value) for value, _ in found), default=0.0)
    found.sort(key=lambda one: (round(one[0] / (ALIKE * depth)), *np.round(one[1], 4)))
    return [place for _, place in found]


def _isolated(
    loss: Loss, hessian: Callable[[FloatArray], FloatArray], start: FloatArray
) -> FloatArray | None:
    """The minimum that a descent from a start ends in, None where it ends in none or on a floor of minima."""
    from scipy.optimize import minimize

    with np.errstate(all="ignore"):
        place = minimize(loss, start, jac=True, method="BFGS", options={"maxiter": MOST_STEPS}).x
        for _ in range(NEWTON_STEPS):
            curvature = hessian(place) if np.isfinite(place).all() else np.full((1, 1), np.nan)
            if not np.isfinite(curvature).all():
                return None
            values = np.linalg.eigvalsh(curvature)
            if not values[0] > FLAT * values[-1] > 0.0:
                return None
            step = np.linalg.solve(curvature, loss(place)[1])
            place = place - step
    ended = np.abs(step).max() <= ENDED * _size(place)
    return np.round(place, DECIMALS) + 0.0 if ended else None  # + 0.0: no minus zero


def _size(place: FloatArray) -> float:
    return 1.0 + float(np.abs(place).max())
