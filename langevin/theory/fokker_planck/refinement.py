"""The limit of infinite refinement, from two meshes."""

from __future__ import annotations

from collections.abc import Callable

from langevin.errors import unfit
from langevin.types import Prediction

#: Relative round-off of a solution on a mesh of some hundred cells along an axis.
ROUND_OFF = 1e-10


def richardson(answer: Callable[[int], float], cells: int, order: float = 2.0, ratio: int = 2) -> Prediction:
    """Extrapolate answer(cells) and answer(ratio x cells), whose error is proportional to cells^-order.

    The value is fine + (fine - coarse) / (ratio^order - 1) (Richardson, Phil. Trans. R. Soc. A 210 (1911) 307). If a
    mesh is too coarse for a strong drift, the error is of order 1. The remainder is the distance to the limit of order
    1 or the distance to the fine mesh, the larger of the two, and at least the round-off of a solution. It is a bound
    for every true order of at least 1.

    Args:
        answer: number of cells along an axis to the result, for example a spectral gap.
        cells: number of cells of the coarse mesh.
        order: 2 for smooth solutions and targets with flat faces, 4/3 at re-entrant edges.
        ratio: refinement; 3 keeps the centres of cells in place.

    Raises:
        UsageError: cells < 1, ratio < 2 or an order that is not positive.
    """
    if cells < 1 or ratio < 2 or not order > 0:
        raise unfit("richardson", "needs cells >= 1, ratio >= 2 and order > 0", f"{cells}, {ratio}, {order}")
    coarse, fine = float(answer(cells)), float(answer(ratio * cells))
    value = fine + (fine - coarse) / (float(ratio) ** order - 1)
    slowest = fine + (fine - coarse) / (ratio - 1)
    return Prediction(value, max(abs(value - fine), abs(value - slowest), ROUND_OFF * abs(value)))
