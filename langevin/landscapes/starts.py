"""Where walkers start, and points near a start at which kernels are tested.

Walkers start at one point for all of them, or at the usual start of a landscape. Kernels are tested in the region that
walkers reach, at all lengths above 1/1000 of it. In a loss, a walker at temperature theta reaches points where the loss
has changed by about 20 theta: the Gibbs weight there is exp(-20) of the weight at the start. On other landscapes it
reaches the distance of free diffusion. On a surface, points much farther away than the size of the start |x| are not
tested. Messages show a point as text.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from langevin.landscapes.trial import values
from langevin.types import FloatArray, Landscape, Starter

#: Change of the loss that a walker reaches, divided by theta.
RISE = 20.0
#: Number of starts, evenly spread over the walkers; of rays from them in random directions, and along coordinates.
STARTS, RAYS, AXES = 4, 4, 8
#: The shortest ray over the longest, and the number of bisections of their logarithm.
SHORTEST, BISECTIONS = 1e-18, 7
#: Largest number of points, and about the largest number of values: a kernel with many values gets fewer points.
POINTS, NUMBERS = 128, 1000
#: Length of the nearest points over the length of their ray, and of the shift that breaks every symmetry.
NEAREST, ASIDE = 1e-3, 0.01
#: Number of coordinates of a point that a message shows.
SHOWN = 4


def all_at(place: ArrayLike) -> Starter:
    """Start every walker at the point `place`, (dim,)."""
    point = np.asarray(place, np.float64)

    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        return np.broadcast_to(point, uniforms.shape).copy()

    return start


def usual_point(landscape: Landscape) -> FloatArray:
    """The point (dim,) where a landscape starts walkers at temperature 0. On a surface it is a point of the surface."""
    middle: FloatArray = landscape.start(np.full((1, landscape.dim), 0.5), 0.0)[0]
    return middle


class Cloud(NamedTuple):
    """Points around starts.

    Attributes:
        points: (dim, lanes); the first of them is a start.
        distances: distance of each point from its start, (lanes,).
        step: standard deviation of a walker's step.
        farthest: how far from its start a walker may come.
    """

    points: FloatArray
    distances: FloatArray
    step: float
    farthest: float


def cloud_about(
    landscape: Landscape,
    states: FloatArray,
    temperature: float,
    step: float,
    farthest: float,
    descends: bool,
    seed: int = 0,
) -> Cloud:
    """A cloud of points around some of the states (walkers, dim).

    Args:
        landscape: any landscape; only its kernel `value` is called.
        states: where walkers start.
        temperature: theta.
        step: standard deviation of a walker's step.
        farthest: how far from its start a walker may come.
        descends: whether the motion descends the loss.
        seed: the seed of the random directions.
    """
    generator, dim = np.random.default_rng(seed), landscape.dim
    centres = states[np.linspace(0, len(states) - 1, min(len(states), STARTS)).astype(int)]
    axes = generator.permutation(dim)[:AXES]
    rays = np.concatenate(
        [generator.standard_normal((RAYS, dim)) / np.sqrt(dim), np.eye(dim)[axes], -np.eye(dim)[axes]]
    )
    count = max(2 * len(rays), min(POINTS, NUMBERS // (dim * max(1, landscape.codim))))
    lengths = np.full(len(rays), farthest)
    if descends and landscape.value is not None:
        lengths = reaches(landscape, centres[0], rays, RISE * temperature, farthest)
    chosen = np.arange(count) % len(rays)
    # the first points are the ends of their rays; half of the others are even in the length, half in its logarithm
    along = generator.uniform(size=count)
    parts = np.where(np.arange(count) // len(rays) % 2 == 0, NEAREST ** (1.0 - along), along)
    parts[: len(rays)] = 1.0
    moves = (parts * lengths[chosen])[:, None] * rays[chosen]
    moves += ASIDE * lengths.min() * parts[:, None] * generator.standard_normal((count, dim)) / np.sqrt(dim)
    points = np.concatenate([centres[:1], centres[np.arange(count) % len(centres)] + moves])
    distances = np.concatenate([[0.0], np.linalg.norm(moves, axis=1)])
    return Cloud(np.ascontiguousarray(points.T), distances, step, farthest)


def reaches(
    landscape: Landscape, start: FloatArray, rays: FloatArray, rise: float, farthest: float
) -> FloatArray:
    """Lengths (rays,) up to which the loss changes by no more than `rise`, by bisection of the logarithm.

    Args:
        landscape: a loss.
        start: beginning of the rays, (dim,).
        rays: unit vectors, (rays, dim).
        rise: largest change of the loss.
        farthest: largest length.
    """
    assert landscape.value is not None
    low, high = np.full(len(rays), np.log(SHORTEST * farthest)), np.full(len(rays), np.log(farthest))
    here = values(landscape.value, start[:, None], (), landscape.parameters)[0]
    if not np.isfinite(here):
        return np.full(len(rays), farthest)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        places = start[:, None] + np.exp(middle) * rays.T
        losses = values(landscape.value, places, (), landscape.parameters)
        within = np.abs(losses - here) <= rise
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    lengths: FloatArray = np.exp(low)
    return lengths


def place_text(point: FloatArray) -> str:
    """The first coordinates of a point (dim,), as text."""
    shown = ", ".join(f"{number:.4g}" for number in point[:SHOWN])
    return f"({shown}{', ...' if point.size > SHOWN else ''})"
