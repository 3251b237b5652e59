"""The slowest known rate at which motion in a loss forgets its start."""

from __future__ import annotations

import math

import numpy as np

from langevin import theory
from langevin.errors import LangevinError
from langevin.landscapes.evaluate import evaluate, scalar_value
from langevin.landscapes.starts import usual_point
from langevin.types import FloatArray, Landscape

#: Step of the differences over the size of the start, and smallest useful ratio of least to largest curvature.
DIFFERENCE, LEAST = 1e-4, 1e-4


def slowest_rate(loss: Landscape, temperature: float) -> float | None:
    """The rate that the loss states, else the rate of the spectrum on a line, else the least curvature at the start.

    It is None if the loss has none of them.

    A well of curvature a > 0 forgets at the rate a (Ornstein and Uhlenbeck). A pass between wells is slower still.

    Args:
        loss: the landscape.
        temperature: theta.
    """
    if loss.facts.slowest_rate is not None:
        return loss.facts.slowest_rate(temperature)
    if loss.dim == 1 and loss.value is not None:
        try:
            return theory.fokker_planck.slowest_rate_on_line(scalar_value(loss), temperature)
        except LangevinError:  # it confines no walker, or has barriers that none comes over
            pass
    curvatures = np.linalg.eigvalsh(_hessian(loss))
    if not np.isfinite(curvatures).all() or curvatures[0] <= LEAST * curvatures[-1]:
        return None
    return float(curvatures[0])


def slowing(inertia: float, curvature: float) -> float:
    """Factor by which inertia lengthens the time over a barrier of this curvature, at friction that is not weak.

    Kramers 1940, on the clock on which free motion spreads as fast; 1 without inertia.

    Args:
        inertia: correlation time of the velocity; 0 for overdamped motion.
        curvature: of the barrier.
    """
    return 0.5 + math.sqrt(0.25 + inertia * curvature)


def _hessian(loss: Landscape) -> FloatArray:
    """Second derivatives at the start (dim, dim) by central differences of the gradient."""
    start = usual_point(loss)
    step = DIFFERENCE * (1.0 + float(np.linalg.norm(start)))
    moves = step * np.eye(loss.dim)
    slopes = evaluate(loss, "gradient", np.vstack([start + moves, start - moves]))
    rows = (slopes[: loss.dim] - slopes[loss.dim :]) / (2.0 * step)
    hessian: FloatArray = 0.5 * (rows + rows.T)
    return hessian if np.isfinite(hessian).all() else np.zeros((loss.dim, loss.dim))
