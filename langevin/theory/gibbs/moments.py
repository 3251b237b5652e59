"""Moments of the Gibbs distribution by sampling, in any number of coordinates, and a box that contains it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.landscapes.evaluate import evaluate
from langevin.theory.fokker_planck.cells import Where
from langevin.theory.gibbs.annealing import box_of, cooled, pilot
from langevin.theory.gibbs.partition_functions import check_count, mean_of
from langevin.theory.quadrature import cut_off
from langevin.types import FloatArray, Landscape, Prediction

#: Positions (dim, points) to values (points,).
Function = Callable[[FloatArray], FloatArray]
#: The box cuts the distribution if a member comes this close to a side, as a fraction of the side.
MARGIN = 0.02
#: A box that cuts the distribution is doubled at most this number of times.
DOUBLINGS = 8
#: Number of members of the population that tests a box.
SCOUTS = 500


def sampled_moments(
    landscape: Landscape,
    temperature: float,
    functions: Sequence[Function],
    lower: Sequence[float],
    upper: Sequence[float],
    where: Where | None = None,
    *,
    walkers: int = 4000,
    replicas: int = 8,
    seed: int = 0,
) -> list[Prediction]:
    """Means of functions under exp(-f / theta) on a box, or on the part `where` of it, from cooled populations.

    The remainder is the standard error over populations.

    Args:
        landscape: a landscape with a loss.
        temperature: theta.
        functions: each takes positions (dim, points) and returns values (points,).
        lower: lowest corner of the box, (dim,).
        upper: highest corner.
        where: positions (dim, points) to a mask (points,).
        walkers: members of a population.
        replicas: independent populations.
        seed: of the sampling.

    Raises:
        UsageError, NumericalError: as `sampled.sampled_log_partition`.
    """
    if not 0 < temperature < math.inf:
        raise unfit("temperature", "must be positive and finite", f"{temperature}")
    box = box_of(landscape, lower, upper, where)
    *_, last = cooled(box, walkers, temperature, seed, check_count(replicas))
    return [
        mean_of([float(np.mean(function(population.x))) for population in last]) for function in functions
    ]


def confining_box(landscape: Landscape, temperature: float) -> tuple[FloatArray, FloatArray]:
    """Corners (dim,) of a box outside which exp(-f / theta) is small, for a loss that confines.

    The first box reaches on each axis through the start to the points where the loss has risen by 60 theta. It is
    doubled while a small population comes close to a side.

    Args:
        landscape: a loss that confines.
        temperature: theta.

    Raises:
        UsageError: the loss does not confine.
        NumericalError: as `sampled.sampled_log_partition`.
    """
    place = landscape.start(np.full((1, landscape.dim), 0.5), temperature)[0]
    ends = [
        [_end(landscape, place, axis, side, temperature) for axis in range(len(place))] for side in (-1, 1)
    ]
    low, high = np.array(ends[0]), np.array(ends[1])
    for _ in range(DOUBLINGS):
        box = box_of(landscape, low.tolist(), high.tolist(), None)
        *_, (last, _) = pilot(box, SCOUTS, temperature, 0)
        room = np.minimum(last.x.T - low, high - last.x.T) / (high - low)
        if float(room.min()) > MARGIN:
            return low, high
        low, high = low - (high - low) / 2, high + (high - low) / 2
    raise UsageError(
        f"{landscape.name} does not confine", "a loss that confines", "add weight decay or a box"
    )


def _end(landscape: Landscape, place: FloatArray, axis: int, side: int, temperature: float) -> float:
    """Point on one side of an axis through a point at which the loss has risen by 60 theta."""
    x = place.copy()

    def value(position: float) -> float:
        x[axis] = position
        return float(evaluate(landscape, "value", x))

    return cut_off(value, float(place[axis]), side, temperature)
