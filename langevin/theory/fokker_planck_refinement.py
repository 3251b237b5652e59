"""The limit of infinite refinement, from two meshes."""

from __future__ import annotations

from collections.abc import Callable

from langevin.errors import unfit
from langevin.types import Prediction

#: Relative round-off of what is solved for on a mesh of some hundred cells along an axis.
ROUND_OFF = 1e-10


def richardson(answer: Callable[[int], float], cells: int, order: float = 2.0, ratio: int = 2) -> Prediction:
    """Extrapolate answer(cells) and answer(ratio x cells), whose error goes as cells^-order.

    The value is fine + (fine - coarse) / (ratio^order - 1) (Richardson, Phil. Trans. R. Soc. A 210 (1911) 307). A mesh
    too coarse for a drift, which carries everything one way through its cells, errs by order 1: the remainder is the
    distance to the limit of order 1 or to the fine mesh, whichever is larger, and at least the round-off of a solution.
    It is a bound for any true order from 1 on.

    Args:
        answer: number of cells along an axis to the number wanted, for instance a spectral gap.
        cells: coarse mesh.
        order: 2 for smooth solutions and targets with flat faces, 4/3 at re-entrant edges.
        ratio: refinement, 3 to keep centres where they are.

    Raises:
        UsageError: cells < 1, ratio < 2 or an order that is not positive.
    """
    if cells < 1 or ratio < 2 or not order > 0:
        raise unfit("richardson", "needs cells >= 1, ratio >= 2 and order > 0", f"{cells}, {ratio}, {order}")
    coarse, fine = float(answer(cells)), float(answer(ratio * cells))
    value = fine + (fine - coarse) / (float(ratio) ** order - 1)
    slowest = fine + (fine - coarse) / (ratio - 1)
    return Prediction(value, max(abs(value - fine), abs(value - slowest), ROUND_OFF * abs(value)))
