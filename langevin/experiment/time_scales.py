"""Time scales of motion in a loss, for defaults: the step to a target, and the slowest relaxation rate.

The default step is small for the curvature, the distance, and the slope at the border of the target.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from langevin import theory
from langevin.errors import LangevinError
from langevin.kernels.targets import targets_of
from langevin.landscapes.curvature import usual_curvature
from langevin.landscapes.evaluate import evaluate, scalar_value
from langevin.landscapes.starts import usual_point
from langevin.landscapes.target_contract import MOST_COORDINATES, Undefined, down
from langevin.landscapes.trial import values
from langevin.types import Diffusion, FloatArray, Kernel, Landscape

#: Default dt x largest curvature met in a loss: fine enough that the step bias is below the default error.
STEP = 0.02
#: Largest rise of the loss over theta along a step's standard deviation at the target: beyond it, a walk against a
#: slope arrives too soon by about half the square of this.
SLOPE = 0.1
#: Largest standard deviation of a step over the way to the target.
PART_OF_WAY = 0.05
#: Distance of the begin of a search from the start, over the size of the start: the begin is off every symmetry.
ASIDE = 1e-3
#: Points of the border of a target at which its curvature is computed, their distance from one another and the length
#: of differences, both over the way to it.
BORDER_POINTS, BESIDE, BEND = 32, 0.01, 1e-4
#: Step of the differences over the size of the start, and smallest useful ratio of least to largest curvature.
DIFFERENCE, LEAST = 1e-4, 1e-4


@dataclass(frozen=True)
class Border:
    """The border of the target where walkers from the start meet it.

    `way` is the distance from the start. `slope` is the largest slope up which walkers come to the border. `diffusion`
    is the largest factor of theta in the noise at the border and at the start. `curvature` is the sum of the curvatures
    of the border of the most curved target: (dim - 1) / r for a ball of radius r.
    """

    way: float
    slope: float
    diffusion: float
    curvature: float


def usual_step(
    loss: Landscape, theta: float, curved: float = STEP, acts: Diffusion = Diffusion.CONSTANT
) -> float:
    """Default step in a loss with a target; between wells, which decide the time, by the curvature alone.

    Args:
        loss: with a target.
        theta: temperature.
        curved: dt x largest curvature.
        acts: how the diffusion of the loss acts on walkers.
    """
    step = curved / usual_curvature(loss, theta, acts)
    found = None if loss.facts.wells is not None else border(loss, theta)
    if found is None:
        return step
    step = min(step, (PART_OF_WAY * found.way) ** 2 / (2.0 * theta * found.diffusion))
    return gentle(step, theta, math.sqrt(found.diffusion) * found.slope)


def border(loss: Landscape, theta: float) -> Border | None:
    """The border of the target that a walker meets; None if the walker starts inside, or if no border is found.

    Args:
        loss: with a target.
        theta: temperature.
    """
    start = loss.start(np.full((1, 1), 0.5), theta)[0] if loss.dim == 1 else usual_point(loss)
    distances = [values(target, start[:, None], (), loss.parameters)[0] for target in targets_of(loss)]
    if not min(distances, default=0.0) > 0.0:
        return None
    met = [] if loss.dim == 1 else _met(loss, start)
    edges = _edges_on_line(loss, float(start[0])) if loss.dim == 1 else [edge for _, edge in met]
    if not edges:
        return None
    slopes = evaluate(loss, "gradient", np.array(edges))
    rises = [
        float(np.linalg.norm(slope))
        for slope, edge in zip(slopes, edges, strict=True)
        if loss.dim == 1 or slope @ (edge - start) > 0.0
    ]
    way = min(float(np.linalg.norm(edge - start)) for edge in edges)
    curved = max((_curvature(loss, *pair, way) for pair in met), default=0.0)
    return Border(way, max(rises, default=0.0), _largest_diffusion(loss, [start, *edges]), curved)


def _largest_diffusion(loss: Landscape, places: list[FloatArray]) -> float:
    """The largest factor of theta in the noise at these places; 1 if the diffusion does not vary."""
    if loss.diffusion is None:
        return 1.0
    return float(np.max(evaluate(loss.diffusion, "value", np.array(places))))


def gentle(step: float, theta: float, steepest: float) -> float:
    """The step, or the shorter one along whose standard deviation the loss changes by at most `SLOPE` theta.

    Args:
        step: another bound.
        theta: temperature.
        steepest: largest slope of the loss.
    """
    return min(step, SLOPE**2 * theta / (2.0 * steepest**2)) if steepest > 0.0 else step


def _edges_on_line(loss: Landscape, start: float) -> list[FloatArray]:
    """The nearest points of the target on both sides."""
    found = [theory.escape.target_edge(loss, start, side) for side in (-1, 1)]
    return [np.array([place]) for place in found if place is not None]


def _met(loss: Landscape, start: FloatArray) -> list[tuple[Kernel, FloatArray]]:
    """Targets with a point of the border of each, down the distance from the start; none of one that is not met."""
    if loss.dim > MOST_COORDINATES:
        return []
    size = float(np.linalg.norm(start)) or 1.0
    aside = ASIDE * size * np.random.default_rng(0).standard_normal(loss.dim) / np.sqrt(loss.dim)
    found = [(target, _border_point(loss, target, start + aside, size)) for target in targets_of(loss)]
    return [(target, edge) for target, edge in found if edge is not None]


def _border_point(loss: Landscape, target: Kernel, place: FloatArray, size: float) -> FloatArray | None:
    try:
        return down(loss, target, place, size)
    except Undefined:  # the run refuses it
        return None


def _curvature(loss: Landscape, target: Kernel, edge: FloatArray, way: float) -> float:
    """Curvature of a target at the flattest of some points of its border around a point: a corner is not curved."""
    moves = np.random.default_rng(0).standard_normal((BORDER_POINTS, loss.dim))
    edges = [_border_point(loss, target, edge + BESIDE * way * move, way) for move in moves]
    bends = [_bend(loss, target, place, BEND * way) for place in edges if place is not None]
    return min((bend for bend in bends if math.isfinite(bend)), default=0.0)


def _bend(loss: Landscape, target: Kernel, edge: FloatArray, h: float) -> float:
    """|Laplacian of the distance|, the sum of the curvatures of the border, by differences of this length."""
    moves = h * np.eye(loss.dim)
    around = np.concatenate([edge[None], edge + moves, edge - moves])
    middle, *neighbours = values(target, np.ascontiguousarray(around.T), (), loss.parameters)
    return abs(float(np.sum(neighbours)) - 2.0 * loss.dim * float(middle)) / h**2


def slowest_rate(loss: Landscape, temperature: float) -> float | None:
    """The rate that the loss states, else the rate of the spectrum on a line, else the least curvature at the start.

    It is None if the loss has none of them.

    A well of curvature a > 0 relaxes at the rate a (Ornstein and Uhlenbeck). A pass between wells is slower still.

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
