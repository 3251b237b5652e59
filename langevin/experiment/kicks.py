"""The kicks of each walker in a finished run, and means over walkers with these kicks as control variates.

The kicks are sums of the normal random numbers up to each frame, drawn again. Functions of them with a known mean are
control variates (`measure.seeds`): their contribution to a measured mean is subtracted, which reduces its error. A free
walk with the same seed and with steps of variance 1 gives these sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeGuard

import numpy as np

from langevin.ensemble.simulation import simulate
from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.landscapes.starts import all_at
from langevin.measure.seeds import controlled_mean
from langevin.types import FloatArray, Landscape, Measurement, Noise, Problem, Start, Trajectory

#: Largest number of normals that are drawn again, which takes some seconds.
MOST = 4e9
#: Largest number of normals of a step in addition to two for each coordinate, and largest number of a walker.
EXTRA, MOST_WALKERS = 8, 2**40
#: Addition to the name of the estimator.
ESTIMATOR_NOTE = "kicks taken out"


def kicks_of(run: Trajectory) -> FloatArray | None:
    """Sums of the normals (walkers, frames, numbers of a step) that walkers drew from the first frame to each one.

    It is None if the run does not determine the sums, or if this would take too long. A run does not determine them if
    it stops at a target, joins ensembles, or has steps of another noise, walkers with individual clocks or unequal
    distances between frames.
    """
    meta, steps = run.meta, np.asarray(run.steps)
    walkers, _, dim = run.states.shape
    step, numbers, begin, seed = (meta.get(name) for name in ("step", "numbers", "first_walker", "seed"))
    normal = meta.get("kind") == "toy" and isinstance(step, Mapping) and step.get("noise") == Noise.NORMAL
    joined = "target" in run.events or "samples" in run.events
    if not normal or joined or len(steps) < 2:
        return None
    if not (
        _is_count(numbers, 2 * dim + EXTRA) and _is_count(begin, MOST_WALKERS) and _is_count(seed, 2**64 - 1)
    ):
        return None  # the run may come from a file that another program wrote
    distance, first = int(steps[1] - steps[0]), int(steps[0])
    even = distance > 0 and (np.diff(steps[:-1]) == distance).all() and 0 < steps[-1] - steps[-2] <= distance
    aligned = len(steps) == 2 or first % distance == 0
    if not even or not aligned or float(walkers) * numbers * float(steps[-1] - first) > MOST:
        return None
    free = simulate(
        Problem(_flat(numbers), 0.5),
        euler_maruyama(),
        walkers=range(begin, begin + walkers),
        steps=int(steps[-1]) - first,
        dt=1.0,
        every=distance,
        seed=seed,
        start=Start(np.zeros(numbers), first_step=first),
    )
    return free.states if np.array_equal(free.steps, steps) else None


def _is_count(value: Any, most: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _flat(dim: int) -> Landscape:
    """A landscape whose loss is 0 everywhere."""
    return Landscape(
        name="flat", dim=dim, parameters=(), value=_value, gradient=_gradient, start=all_at(np.zeros(dim)),
        stiffness=lambda temperature: 0.0,
    )  # fmt: skip


def _value(x: FloatArray, out: FloatArray, parameters: tuple[float, ...]) -> None:
    """f = 0."""
    for lane in range(x.shape[1]):
        out[lane] = 0.0


def _gradient(x: FloatArray, out: FloatArray, parameters: tuple[float, ...]) -> None:
    """f' = 0."""
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[i, lane] = 0.0


def steadied(mean: Measurement, values: FloatArray, controls: FloatArray) -> Measurement:
    """The measured mean of values (n,), by least squares on controls (n, p) of mean 0, if its error is then smaller.

    Args:
        mean: the measured mean.
        values: one for each walker, (n,).
        controls: of mean 0, (n, p).
    """
    if len(values) != mean.n or not np.isfinite(mean.error):
        return mean
    value, error = controlled_mean(values, controls)
    return (
        mean
        if error >= mean.error
        else replace(mean, value=value, error=error, estimator=f"{mean.estimator}, {ESTIMATOR_NOTE}")
    )


def pushes(kicks: FloatArray, steps: int, directions: FloatArray) -> FloatArray:
    """Controls (n, p) of kicks (n, numbers) along unit vectors (numbers, p): sums with the variance 1.

    Args:
        kicks: sums of the normals of each walker.
        steps: number of added normals.
        directions: orthonormal columns.
    """
    rows = np.ascontiguousarray(kicks[:, : len(directions)].T)  # a sum over contiguous rows is the fastest
    found: FloatArray = np.einsum("ji,jk->ki", rows, directions / np.sqrt(steps)).T
    return found


def squares(along: FloatArray) -> FloatArray:
    """The control (n, 1) of sums (n, p) of variance 1: the square of their length, less p."""
    lengths: FloatArray = np.einsum("ij,ij->i", along, along)[:, None]
    lengths -= along.shape[1]
    return lengths
