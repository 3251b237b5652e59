"""A population that is cooled step by step, from a uniform distribution in a box to exp(-f / theta).

At each step of 1 / theta every member gets the weight exp(-f (1/theta' - 1/theta)). log Z grows by the log of the mean
weight, members are resampled by weight, and Metropolis moves decorrelate them (R. M. Neal, Stat. Comput. 11 (2001) 125;
P. Del Moral, A. Doucet and A. Jasra, J. R. Stat. Soc. B 68 (2006) 411). The length of a step is such that the effective
sample size is half of the population. There is no mesh, and any number of coordinates is allowed. The loss is the
compiled kernel of the landscape.

If a population chooses its own steps and moves, its Z is biased. So a pilot population chooses them first, and the
measured populations use its choice. Their mean Z is then unbiased for any choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NumericalError, UsageError, unfit
from langevin.theory.fokker_planck.cells import BoolArray, Where
from langevin.theory.fokker_planck.landscape_cells import inside_walls
from langevin.types import FloatArray, Landscape

#: Effective sample size after a step of 1 / theta, as a fraction of the population; pairs of Metropolis moves after
#: each.
KEPT, MOVES = 0.5, 12
#: The scale of a move is tuned until about this fraction of moves is accepted.
ACCEPTED = 0.3
#: The start is drawn by rejection, with at most this number of draws for each member.
MOST_DRAWS = 10_000
MOST_STEPS = 500
WALKERS = (100, 1_000_000)


@dataclass(frozen=True)
class Box:
    """The region and the loss of a population.

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
    """Members (dim, walkers), their losses (walkers,), 1 / theta, and the log of the partition function there."""

    x: FloatArray
    energies: FloatArray
    cold: float
    log_partition: float

    @property
    def temperature(self) -> float:
        """Temperature of the members."""
        return 1 / self.cold


@dataclass(frozen=True)
class Stage:
    """One step of 1 / theta, and the matrices (dim, dim) that shape the moves after it."""

    step: float
    shapes: Sequence[FloatArray]


def box_of(landscape: Landscape, lower: Sequence[float], upper: Sequence[float], where: Where | None) -> Box:
    """The box between two corners (dim,); only the part where `where` is True and between the walls of the landscape.

    Args:
        landscape: the loss, with walls or without.
        lower: lower corner, (dim,).
        upper: upper corner, (dim,).
        where: positions (dim, points) to a mask (points,); the whole box if None.

    Raises:
        UsageError: the box has another dimension, is empty or is infinite.
    """
    low, high = np.asarray(lower, float), np.asarray(upper, float)
    shape = (landscape.dim,)
    if low.shape != shape or high.shape != shape or not np.all((low < high) & np.isfinite(high - low)):
        raise unfit("the box", f"needs {landscape.dim} finite lower < upper", f"{lower} and {upper}")
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


def cooled(
    box: Box, walkers: int, temperature: float, seed: int, replicas: int
) -> Iterator[list[Population]]:
    """Independent populations at decreasing temperatures, the last one `temperature`; for 0 the iterator is infinite.

    Args:
        box: the region.
        walkers: number of members of a population.
        temperature: theta at the end, energy.
        seed: of all random numbers.
        replicas: number of independent populations.

    Raises:
        UsageError: the number of walkers is out of range, or the region is too small for its box.
        NumericalError: a loss is not finite, or there are too many steps.
    """
    rngs = [np.random.default_rng((seed, replica)) for replica in range(1, replicas + 1)]
    populations: list[Population] = []
    for _, stage in pilot(box, walkers, temperature, seed):
        populations = populations or [_uniform(box, walkers, rng) for rng in rngs]
        populations = [_followed(box, population, stage, rng) for population, rng in zip(populations, rngs)]
        yield populations


def pilot(box: Box, walkers: int, temperature: float, seed: int) -> Iterator[tuple[Population, Stage]]:
    """A population that chooses its stages while it cools, with each stage; its Z has a bias of about 1 / walkers.

    Args:
        box: the region.
        walkers: number of members of the population.
        temperature: theta at the end, energy; 0 for no end.
        seed: of all random numbers.
    """
    if not WALKERS[0] <= walkers <= WALKERS[1]:
        raise unfit(
            "walkers", f"must be from {WALKERS[0]} to {WALKERS[1]}", f"{walkers}", "take some thousands"
        )
    rng = np.random.default_rng((seed, 0))
    population, scales = _uniform(box, walkers, rng), np.array([0.5, 0.5])
    goal = 1 / temperature if temperature > 0 else math.inf
    for _ in range(MOST_STEPS):
        step = _step(population.energies, goal - population.cold)
        population = _colder(population, step, rng)
        shapes: list[FloatArray] = []
        for _ in range(MOVES):
            shapes = _shapes(population.x, scales)
            for kind, shape in enumerate(shapes):
                population, accepted = _moved(box, population, shape, rng)
                scales[kind] *= math.exp(accepted - ACCEPTED)
        yield population, Stage(step, shapes)
        if population.cold >= goal:
            return
    raise NumericalError(
        f"the population did not cool to {temperature:g} in {MOST_STEPS} steps", remedy="shrink the box"
    )


def compiled(kernel: Any) -> Any:
    """The kernel by Numba; None stays None."""
    import numba

    return None if kernel is None else numba.njit(getattr(kernel, "py_func", kernel))


def _uniform(box: Box, walkers: int, rng: np.random.Generator) -> Population:
    """Members uniform in the region, and the log of its volume."""
    found: list[FloatArray] = []
    drawn = kept = 0
    while kept < walkers and drawn < MOST_DRAWS * walkers:
        x = box.low + (box.high - box.low) * rng.random((len(box.low), 10 * walkers))
        there = box.inside(x)
        found, drawn, kept = [*found, x[:, there]], drawn + x.shape[1], kept + int(there.sum())
    if kept < walkers:
        raise UsageError(
            f"the region holds {kept} of {drawn} points of its box",
            "a region that fills more of its box",
            "give a box that fits it more closely",
        )
    log_volume = float(np.log(box.high - box.low).sum()) + math.log(kept / drawn)
    x = np.ascontiguousarray(np.concatenate(found, axis=1)[:, :walkers])
    return Population(x, box.energy(x), 0.0, log_volume)


def _followed(box: Box, population: Population, stage: Stage, rng: np.random.Generator) -> Population:
    """The population after a stage that another one has chosen."""
    population = _colder(population, stage.step, rng)
    for _ in range(MOVES):
        for shape in stage.shapes:
            population, _ = _moved(box, population, shape, rng)
    return population


def _colder(population: Population, step: float, rng: np.random.Generator) -> Population:
    """Members resampled by their weights after a step of 1 / theta."""
    lowest = float(population.energies.min())
    weights = np.exp(-step * (population.energies - lowest))
    chosen = _drawn(weights, rng)
    return Population(
        np.ascontiguousarray(population.x[:, chosen]),
        population.energies[chosen],
        population.cold + step,
        population.log_partition + math.log(weights.mean()) - step * lowest,
    )


def _shapes(x: FloatArray, scales: FloatArray) -> list[FloatArray]:
    """Two kinds of moves: with the covariance of the population, and isotropic."""
    spread = np.cov(x).reshape(len(x), len(x))
    return [
        scales[0] * np.linalg.cholesky(spread + 1e-12 * np.trace(spread) * np.eye(len(x))),
        scales[1] * math.sqrt(np.trace(spread) / len(x)) * np.eye(len(x)),
    ]


def _moved(
    box: Box, population: Population, shape: FloatArray, rng: np.random.Generator
) -> tuple[Population, float]:
    """One Metropolis move of every member, and the fraction that was accepted."""
    x, energies = population.x, population.energies
    proposed = x + shape @ rng.standard_normal(x.shape)
    there = box.inside(proposed)
    risen = np.full(x.shape[1], np.inf)
    risen[there] = box.energy(proposed[:, there]) - energies[there]
    accepted = rng.exponential(size=x.shape[1]) > population.cold * risen
    moved = replace(
        population,
        x=np.where(accepted, proposed, x),
        energies=energies + np.where(accepted, risen, 0.0),
    )
    return moved, float(accepted.mean())


def _step(energies: FloatArray, most: float) -> float:
    """The step of 1 / theta, at most `most`, that reduces the effective sample size to the fraction KEPT."""

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
    """Systematic resampling: indices of the members that are kept."""
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
                f"the loss of {landscape.name} is not finite in the box",
                remedy="shrink it, or leave that part out by `where`",
            )
        return out

    return energy
