"""A population that is cooled step by step, from a uniform law in a box to exp(-f / theta).

At each step of 1 / theta every member gets the weight exp(-f (1/theta' - 1/theta)), log Z grows by the log of their
mean, members are drawn again by weight, and Metropolis moves let them forget each other (R. M. Neal, Stat. Comput. 11
(2001) 125; P. Del Moral, A. Doucet and A. Jasra, J. R. Stat. Soc. B 68 (2006) 411). The steps are such that half of the
population counts. No mesh, any number of coordinates; the loss is the landscape's own kernel, compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NumericalError, UsageError
from langevin.theory.mesh import BoolArray, Where
from langevin.theory.mesh_landscape import inside_walls
from langevin.types import FloatArray, Landscape

#: Share of the population that a step of 1 / theta leaves in weight, and pairs of Metropolis moves after each.
KEPT, MOVES = 0.5, 12
#: The scale of a move is tuned until about this share is accepted.
ACCEPTED = 0.3
#: The start is drawn by rejection, in at most so many draws for each member.
MOST_DRAWS = 10_000
MOST_STEPS = 500
WALKERS = (100, 1_000_000)


@dataclass(frozen=True)
class Box:
    """What a population lives in.

    low, high  (dim, 1) corners
    energy     positions (dim, points) to losses (points,)
    inside     positions (dim, points) to a mask (points,) of the region
    """

    low: FloatArray
    high: FloatArray
    energy: Callable[[FloatArray], FloatArray]
    inside: Callable[[FloatArray], BoolArray]


@dataclass(frozen=True)
class Population:
    """Members (dim, walkers) at a temperature, and the log of the partition function there."""

    x: FloatArray
    temperature: float
    log_partition: float


def box_of(landscape: Landscape, lower: Sequence[float], upper: Sequence[float], where: Where | None) -> Box:
    """The box between two corners (dim,), or the part of it `where` and between the landscape's own walls.

    Raises:
        UsageError: a box of another dimension, empty or infinite.
    """
    low, high = np.asarray(lower, float), np.asarray(upper, float)
    shape = (landscape.dim,)
    if low.shape != shape or high.shape != shape or not np.all((low < high) & np.isfinite(high - low)):
        raise UsageError(f"the box needs {landscape.dim} finite lower < upper, got {lower} and {upper}")
    low, high = low[:, None], high[:, None]
    regions = [] if where is None else [where]
    if landscape.fold is not None or landscape.walls is not None:
        walled = replace(landscape, fold=compiled(landscape.fold), walls=compiled(landscape.walls))
        regions.append(inside_walls(walled))

    def inside(x: FloatArray) -> BoolArray:
        there = np.all((x >= low) & (x <= high), axis=0)
        for region in regions:
            there[there] = np.asarray(region(np.ascontiguousarray(x[:, there])), bool)
        return np.asarray(there)

    return Box(low, high, _energy(landscape), inside)


def cooled(box: Box, walkers: int, temperature: float, seed: Sequence[int]) -> Iterator[Population]:
    """One population at ever lower temperatures, the last one this; for 0 it goes on while it is asked for more.

    Raises:
        UsageError: a number of walkers out of range, or a region too small for its box.
        NumericalError: a loss that is not finite, or too many steps.
    """
    if not WALKERS[0] <= walkers <= WALKERS[1]:
        raise UsageError(
            f"walkers must be from {WALKERS[0]} to {WALKERS[1]}, got {walkers}: take some thousands"
        )
    rng = np.random.default_rng(seed)
    x, log_partition = _uniform(box, walkers, rng)
    energies, cold, scales = box.energy(x), 0.0, np.array([0.5, 0.5])
    goal = 1 / temperature if temperature > 0 else math.inf
    for _ in range(MOST_STEPS):
        step = _step(energies, goal - cold)
        cold += step
        weights = np.exp(-step * (energies - energies.min()))
        log_partition += math.log(weights.mean()) - step * float(energies.min())
        chosen = _drawn(weights, rng)
        x, energies = x[:, chosen], energies[chosen]
        for _ in range(MOVES):
            x, energies = _moved(box, x, energies, cold, scales, rng)
        yield Population(np.ascontiguousarray(x), 1 / cold, log_partition)
        if cold >= goal:
            return
    raise NumericalError(
        f"the population did not cool to {temperature:g} in {MOST_STEPS} steps: shrink the box"
    )


def compiled(kernel: Any) -> Any:
    """The kernel by Numba; None stays None."""
    import numba

    return None if kernel is None else numba.njit(getattr(kernel, "py_func", kernel))


def _uniform(box: Box, walkers: int, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """Members (dim, walkers) uniform in the region, and the log of its volume."""
    found: list[FloatArray] = []
    drawn = kept = 0
    while kept < walkers and drawn < MOST_DRAWS * walkers:
        x = box.low + (box.high - box.low) * rng.random((len(box.low), 10 * walkers))
        there = box.inside(x)
        found, drawn, kept = [*found, x[:, there]], drawn + x.shape[1], kept + int(there.sum())
    if kept < walkers:
        raise UsageError(
            f"the region holds {kept} of {drawn} points of its box: give a box that fits it more closely"
        )
    log_volume = float(np.log(box.high - box.low).sum()) + math.log(kept / drawn)
    return np.concatenate(found, axis=1)[:, :walkers], log_volume


def _moved(
    box: Box, x: FloatArray, energies: FloatArray, cold: float, scales: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Two Metropolis moves of every member: shaped like the population, and round; their scales are tuned in place."""
    spread = np.cov(x).reshape(len(x), len(x))
    shapes = (
        np.linalg.cholesky(spread + 1e-12 * np.trace(spread) * np.eye(len(x))),
        math.sqrt(np.trace(spread) / len(x)) * np.eye(len(x)),
    )
    for kind, shape in enumerate(shapes):
        proposed = x + scales[kind] * (shape @ rng.standard_normal(x.shape))
        there = box.inside(proposed)
        risen = np.full(x.shape[1], np.inf)
        risen[there] = box.energy(proposed[:, there]) - energies[there]
        accepted = rng.exponential(size=x.shape[1]) > cold * risen
        x, energies = np.where(accepted, proposed, x), energies + np.where(accepted, risen, 0.0)
        scales[kind] *= math.exp(accepted.mean() - ACCEPTED)
    return x, energies


def _step(energies: FloatArray, most: float) -> float:
    """The step of 1 / theta, at most `most`, that leaves the share KEPT of the population in weight."""

    def kept(step: float) -> float:
        weights = np.exp(-step * (energies - energies.min()))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(weights))

    high = 1 / max(float(energies.std()), 1e-300)
    while high < most and kept(high) > KEPT:
        high *= 2
    if high >= most and kept(most) >= KEPT:
        return most
    low, high = 0.0, min(high, most)
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) > KEPT else (low, middle)
    return high


def _drawn(weights: FloatArray, rng: np.random.Generator) -> NDArray[np.int64]:
    """Systematic resampling: numbers of the members that go on."""
    places = (np.arange(len(weights)) + rng.random()) / len(weights)
    return np.minimum(np.searchsorted(np.cumsum(weights) / weights.sum(), places), len(weights) - 1)


def _energy(landscape: Landscape) -> Callable[[FloatArray], FloatArray]:
    """Loss (points,) at positions (dim, points), compiled; zero in a body."""
    surface = landscape.residual is not None
    kernel = compiled(landscape.residual if surface and landscape.value is None else landscape.value)

    def energy(x: FloatArray) -> FloatArray:
        if kernel is None:
            return np.zeros(x.shape[1])
        out = np.empty((landscape.codim, x.shape[1]) if surface and landscape.value is None else x.shape[1])
        kernel(np.ascontiguousarray(x), out, landscape.parameters)
        if out.ndim == 2:
            out = (out**2).sum(axis=0) / 2
        if not np.isfinite(out).all():
            raise NumericalError(
                f"the loss of {landscape.name} is not finite in the box: shrink it, or leave it out by where"
            )
        return out

    return energy
