"""Escape in the plane: the backward equation on a mesh, compared with the Eyring-Kramers law, and a box for the mesh.

The box contains the part of a loss that walkers reach on their path to a target; a search outward finds it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.kernels.targets import targets_of
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.theory.escape.eyring_kramers import path_of_passes, transition_time, wells_in
from langevin.theory.escape.minima_and_saddles import critical_points
from langevin.theory.escape.one_dimension import LEAST_BARRIER
from langevin.theory.fokker_planck.cells import box_mesh, interpolate, richardson
from langevin.theory.fokker_planck.landscape_cells import energies_on, target_on
from langevin.theory.fokker_planck.passage import mean_passage_time
from langevin.types import Box, Curve, FloatArray, Landscape, Prediction

#: Height of the faces of the box above the straight line from the start to the target, in temperatures.
ABOVE = 12.0
#: Points on a line and on a side of a face; fraction of a side by which a face moves; largest number of moves of a
#: face.
POINTS, FACE, PART, MOVES = 200, 40, 0.1, 60
#: A mesh has no cells where the loss is this many temperatures above the highest pass.
CUT_OFF = 25.0
#: The loss at the edges of a box must be this many temperatures above the highest pass, so that walkers do not reach
#: them.
BRINK = 2.0
#: A minimum this close to a target, in sides of the box, counts as inside the target.
ON_TARGET = 1e-6


def enclosing_box(landscape: Landscape, temperature: float) -> Box:
    """The box whose faces are high in the loss.

    The search begins with a box around the start and the nearest point of a target. Each face moves outward until the
    loss at all its points is 12 temperatures above the highest point of the straight line between the two. This point
    is at least as high as the pass that walkers take.

    Args:
        landscape: a loss with a target.
        temperature: theta.

    Raises:
        UsageError: the landscape has no loss or no target.
        NumericalError: the loss does not rise on one side, or no target was found.
    """
    if landscape.value is None or landscape.target is None:
        raise UsageError(
            f"{landscape.name} has no box of its own", "a loss with a target", "give the box of the landscape"
        )
    begin, end = usual_point(landscape), _on_target(landscape)
    way = begin + np.linspace(0.0, 1.0, POINTS)[:, None] * (end - begin)
    level = float(np.max(evaluate(landscape, "value", way))) + ABOVE * temperature
    reach = 0.25 * float(np.linalg.norm(end - begin))
    low, high = np.minimum(begin, end) - reach, np.maximum(begin, end) + reach
    for _ in range(MOVES):
        rises = [
            (axis, face)
            for axis in range(landscape.dim)
            for face in (low, high)
            if not np.min(evaluate(landscape, "value", _points_on(low, high, axis, face[axis]))) >= level
        ]
        if not rises:
            return Box(tuple(low.tolist()), tuple(high.tolist()))
        for axis, face in rises:
            step = PART * (high[axis] - low[axis])
            face[axis] += step if face is high else -step
    raise NumericalError(
        f"the loss of {landscape.name} does not rise above {level:.3g} on all sides",
        "a loss that confines walkers",
        "give the box of the landscape (Facts)",
    )


def _points_on(low: FloatArray, high: FloatArray, axis: int, place: float) -> FloatArray:
    """Points on the face of a box across an axis, a grid of `FACE` along the others."""
    sides = [np.linspace(a, b, FACE) for a, b in zip(low, high, strict=True)]
    sides[axis] = np.array([place])
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, len(low))


def _on_target(landscape: Landscape) -> FloatArray:
    """A point of a target near the start, by descent of its signed distance.

    Raises:
        NumericalError: no such point was found.
    """
    from scipy.optimize import minimize

    begin = usual_point(landscape)
    ends = []
    for kernel in targets_of(landscape):

        def distance(place: FloatArray, kernel=kernel) -> float:  # type: ignore[no-untyped-def]
            out = np.full(1, np.nan)
            kernel(np.ascontiguousarray(place[:, None]), out, landscape.parameters)
            return max(float(out[0]), 0.0)

        end = minimize(distance, begin, method="Nelder-Mead", options={"maxiter": 2000}).x
        if distance(end) == 0.0:
            ends.append(end)
    if not ends:
        raise NumericalError(
            f"no point of the target of {landscape.name} was found",
            "a target that can be reached",
            "give its box",
        )
    return np.asarray(min(ends, key=lambda place: float(np.linalg.norm(place - begin))))


def plane_escape_curves(
    landscape: Landscape, lower: Sequence[float], upper: Sequence[float], cells: int = 60
) -> list[Curve]:
    """Mean time over the temperature from the start of a landscape in the plane to its target, by two methods.

    The Eyring-Kramers law uses the critical points in the box. The numerical reference solves the backward equation
    with `cells` and 2 `cells` on the longest side, and extrapolates. Sides should be multiples of a common length, so
    that a face of the coarse mesh lies on the edge of a straight target.

    Args:
        landscape: a landscape of two coordinates, with targets.
        lower: lowest corner of the box.
        upper: highest corner; the edges of the box are mirror walls.
        cells: number of cells of the coarse mesh along the longest side.

    Raises:
        UsageError: the dimension is not 2, there is no target, or a target contains no minimum (the law is from well to
            well).
        NumericalError: as `critical_points`; for the reference, round-off would decide the times.
    """
    if landscape.dim != 2 or landscape.target is None:
        raise UsageError(
            "plane_escape_curves needs two coordinates and a target",
            "dim = 2 and a target",
            f"give another landscape: {landscape.name} has not",
        )
    points = critical_points(landscape, lower, upper)
    sides = np.subtract(upper, lower)
    begin = landscape.start(np.full((1, 2), 0.5), 1.0)[0]
    start = min(range(len(points.minima)), key=lambda i: math.dist(points.minima[i].position, begin))
    kernels = landscape.target if isinstance(landscape.target, tuple) else (landscape.target,)
    targets = wells_in(kernels, landscape.parameters, points, ON_TARGET * float(sides.max()))
    top = max(points.saddles[number].energy for number in path_of_passes(points, start, targets))

    brink = _brink(landscape, lower, upper, [max(1, round(cells * side / sides.max())) for side in sides])

    def reference(temperature: float) -> Prediction:
        def time(count: int) -> float:
            shape = [max(1, round(count * side / sides.max())) for side in sides]
            whole = box_mesh(lower, upper, shape)
            low = energies_on(whole, landscape) <= top + CUT_OFF * temperature
            mesh = box_mesh(lower, upper, shape, body=lambda _: low)
            times = mean_passage_time(
                mesh, energies_on(mesh, landscape), temperature, target_on(mesh, landscape)
            )
            return interpolate(mesh, times, begin)

        return replace(richardson(time, cells), in_range=bool(brink >= top + BRINK * temperature))

    return [
        Curve(
            "backward equation",
            reference,
            f"the edges of the box {BRINK:g} temperatures above the passes; two coordinates",
            "Gardiner, Handbook of Stochastic Methods, section 5.4; finite volumes",
        ),
        Curve(
            "Eyring-Kramers",
            lambda temperature: transition_time(points, start, targets, temperature),
            "leading order in temperature: "
            f"barrier / temperature >= {LEAST_BARRIER:g} on both sides, quadratic wells and passes; well-to-well",
            "Bovier, Eckhoff, Gayrard and Klein, J. Eur. Math. Soc. 6 (2004) 399",
        ),
    ]


def _brink(
    landscape: Landscape, lower: Sequence[float], upper: Sequence[float], shape: Sequence[int]
) -> float:
    """The smallest loss at the edges of a box outside the target."""
    mesh = box_mesh(lower, upper, shape)
    edges = np.concatenate([mesh.wall(axis, side) for axis in range(mesh.dim) for side in ("lower", "upper")])
    free = edges[~target_on(mesh, landscape)[edges]]
    return float(energies_on(mesh, landscape)[free].min(initial=math.inf))
