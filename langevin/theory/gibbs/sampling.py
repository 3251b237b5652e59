"""Partition functions, free energies, volumes and moments by sampling, in any number of coordinates without a mesh.

Populations are cooled from a uniform distribution in a box (`annealing`). Errors come from independent populations. For
a mesh in one to three coordinates see `free_energy`.

The volume of a surface r(x) = 0 of codimension m follows from its loss f = |r|^2 / 2, by the co-area formula:

    (2 pi theta)^(-m/2) int exp(-f / theta) g(x) dx  ->  int g det(J J^T)^(-1/2) dS    as theta -> 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from langevin.errors import NumericalError, UsageError, unfit
from langevin.landscapes.evaluate import evaluate
from langevin.theory.fokker_planck.cells import Where
from langevin.theory.gibbs.annealing import box_of, compiled, cooled, pilot
from langevin.theory.quadrature import cut_off
from langevin.types import FloatArray, Landscape, Prediction

#: The loss of a surface is thin enough if its width over the size of the box is at most this.
THIN = 0.004
#: On a surface the mean loss is half a temperature for every equation; away from it, it is much larger.
MOST_LOSS = 2.0
#: Positions (dim, points) to values (points,).
Function = Callable[[FloatArray], FloatArray]
#: The box cuts the distribution if a member comes this close to a side, as a fraction of the side.
MARGIN = 0.02
#: A box that cuts the distribution is doubled at most this number of times.
DOUBLINGS = 8
#: Number of members of the population that tests a box.
SCOUTS = 500


def sampled_log_partition(
    landscape: Landscape,
    temperature: float,
    lower: Sequence[float],
    upper: Sequence[float],
    where: Where | None = None,
    *,
    walkers: int = 2000,
    replicas: int = 8,
    seed: int = 0,
) -> Prediction:
    """Log of Z_U = int_U exp(-f / theta) dx over a region U of a box, by sampling; the remainder is a standard error.

    Args:
        landscape: a landscape with a loss; a body with walls has the loss 0 between them.
        temperature: theta.
        lower: lowest corner of the box, (dim,).
        upper: highest corner.
        where: positions (dim, points) to a mask (points,) of the region; the whole box if absent.
        walkers: members of a population.
        replicas: independent populations.
        seed: seed of the sampling.

    Raises:
        UsageError: a number is out of range, the box has another dimension, there is no loss, or the region is too
            small.
        NumericalError: the loss is not finite at a point of the box.
    """
    if not 0 < temperature < math.inf:
        raise unfit("temperature", "must be positive and finite", f"{temperature}")
    box = box_of(landscape, lower, upper, where)
    *_, last = cooled(box, walkers, temperature, seed, check_count(replicas))
    return log_mean_of([population.log_partition for population in last])


def sampled_free_energy(
    landscape: Landscape,
    temperature: float,
    lower: Sequence[float],
    upper: Sequence[float],
    where: Where,
    **options: Any,
) -> Prediction:
    """F(U) = -theta log(Z_U / Z) of a region of a box, for any probability of the region.

    Both partition functions are sampled independently. So F may be below 0 by some standard errors if U is nearly the
    whole box.

    Args:
        landscape: a loss, or a body with walls.
        temperature: theta.
        lower: lowest corner of the box, (dim,).
        upper: highest corner.
        where: positions (dim, points) to a mask (points,) of the region U.
        options: keyword arguments of `sampled_log_partition`.

    Raises:
        UsageError, NumericalError: as `sampled_log_partition`.
    """
    part = sampled_log_partition(landscape, temperature, lower, upper, where, **options)
    whole = sampled_log_partition(landscape, temperature, lower, upper, **options)
    error = temperature * math.hypot(part.remainder, whole.remainder)
    return Prediction(temperature * (whole.value - part.value), error)


def sampled_log_volume(
    manifold: Landscape,
    lower: Sequence[float],
    upper: Sequence[float],
    where: Where | None = None,
    *,
    measure: str = "surface",
    walkers: int = 2000,
    replicas: int = 8,
    seed: int = 0,
) -> Prediction:
    """Entropy, the log of the volume, of the part of a zero-loss set that lies in a box, by sampling.

    Args:
        manifold: surface or body.
        lower: lowest corner of the box, (dim,); the box must contain a neighbourhood of the part.
        upper: highest corner.
        where: positions (dim, points) to a mask (points,), for a part of it.
        measure: `surface`, or `gibbs` for int det(J J^T)^(-1/2) dS, the weight in soft motion.
        walkers: members of a population.
        replicas: independent populations.
        seed: seed of the sampling.

    Returns:
        The log of the volume. Its remainder is the standard error, plus, for a surface, the change from a loss that is
        twice as wide.

    Raises:
        UsageError: the measure is unknown, or as `sampled_log_partition`.
        NumericalError: as `sampled_log_partition`, or there is no surface in the box.
    """
    if measure not in ("surface", "gibbs"):
        raise unfit("measure", "must be surface or gibbs", f"{measure!r}")
    if manifold.residual is None:
        return sampled_log_partition(
            manifold, 1.0, lower, upper, where, walkers=walkers, replicas=replicas, seed=seed
        )
    box, jacobian = box_of(manifold, lower, upper, where), compiled(manifold.jacobian)

    thin = THIN * float((box.high - box.low).max())
    known: list[tuple[float, list[float]]] = []
    for populations in cooled(box, walkers, 0.0, seed, check_count(replicas)):
        temperature = populations[0].temperature
        thickness = manifold.codim / 2 * math.log(2 * math.pi * temperature)
        singular = [_singular_values(manifold, jacobian, population.x) for population in populations]
        weights = [float(each.prod(axis=1).mean()) if measure == "surface" else 1.0 for each in singular]
        logs = [
            population.log_partition + math.log(weight) - thickness
            for population, weight in zip(populations, weights)
        ]
        known.append((temperature, logs))
        if math.sqrt(temperature) <= thin * float(np.median(np.concatenate(singular)[:, -1])):
            break
    _check_reached(manifold, np.concatenate([each.energies for each in populations]), temperature)
    answer, wide = map(log_mean_of, _thin_and_wide(known))
    return Prediction(answer.value, math.hypot(answer.remainder, answer.value - wide.value))


def _singular_values(manifold: Landscape, jacobian: Any, x: FloatArray) -> FloatArray:
    """Singular values of J at positions (dim, points): (points, codim), descending."""
    slopes = np.empty((manifold.codim, *x.shape))
    jacobian(x, slopes, manifold.parameters)
    return np.linalg.svd(np.moveaxis(slopes, 2, 0), compute_uv=False)


def _thin_and_wide(known: list[tuple[float, list[float]]]) -> tuple[list[float], list[float]]:
    """From (temperature, log volumes): the last log volumes, and the last ones from a loss at least twice as wide."""
    coldest, thin = known[-1]
    return thin, next((value for theta, value in reversed(known) if theta >= 4 * coldest), known[0][1])


def _check_reached(manifold: Landscape, energies: FloatArray, temperature: float) -> None:
    """Refuse a population that is not on the surface, where the mean loss would be codim / 2 temperatures."""
    if float(energies.mean()) > MOST_LOSS * manifold.codim * temperature:
        raise NumericalError(f"no part of {manifold.name} was found in the box", remedy="move it")


def check_count(replicas: int) -> int:
    """The number of populations, if it is large enough for a standard error and not too large.

    Raises:
        UsageError: it is below 2 or above 1000.
    """
    if not 2 <= replicas <= 1000:
        raise unfit("replicas", "must be from 2 to 1000", f"{replicas}", "their spread is the error")
    return replicas


def mean_of(values: Sequence[float]) -> Prediction:
    """Mean of independent results; the remainder is its standard error."""
    found = np.asarray(values, float)
    return Prediction(float(found.mean()), float(found.std(ddof=1) / math.sqrt(len(found))))


def log_mean_of(logs: Sequence[float]) -> Prediction:
    """Log of the mean of independent positive results, from their logs; the remainder is its standard error.

    The mean of the logs would be smaller by half their variance. The bias that remains for a small number of results is
    added to the error.
    """
    found = np.asarray(logs, float)
    mean = float(np.logaddexp.reduce(found)) - math.log(len(found))
    error = float(found.std(ddof=1) / math.sqrt(len(found)))
    return Prediction(mean, math.hypot(error, error**2 / 2))


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
