"""Mean first-passage time of free diffusion in a body with walls, by finite volumes with the kernels of the body."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from langevin.errors import UsageError
from langevin.theory.fokker_planck.cells import BoolArray, Mesh, box_mesh, richardson
from langevin.theory.fokker_planck.landscape_cells import inside_walls, target_on
from langevin.theory.fokker_planck.passage import mean_passage_time
from langevin.types import Curve, FloatArray, Landscape, Prediction

#: Number of starts over which the time is averaged: a lattice in the unit cube (Roberts' additive recurrence).
STARTS = 20_000
#: Cells along the longest side of the coarser mesh, by dimension.
CELLS = {1: 200, 2: 100, 3: 16}
#: Largest relative remainder for which the prediction is in range.
WORST = 0.1


def body_passage_curve(
    body: Landscape,
    lower: Sequence[float],
    upper: Sequence[float],
    grid: float | None = None,
    outside: bool = False,
) -> Curve:
    """Mean time over the temperature from the starts of a body to its target, in one to three dimensions.

    Without a loss the time is proportional to 1 / theta, so the backward equation is solved once, on two meshes.
    Re-entrant edges reduce the order of the error from 2 to 4/3. The extrapolation uses the order 4/3, and its
    remainder is the distance from the result on the finer mesh. If walls lie between faces, their effective position
    changes with the mesh. The remainder is then at least the distance to the results from meshes with one and with two
    cells fewer.

    Args:
        body: a body with walls and a target.
        lower: lowest corner of a box that contains the body.
        upper: highest corner.
        grid: a length of which all distances between walls are multiples; the walls then lie on faces of the meshes.
        outside: whether walkers that start in the target (time 0) are left out.

    Raises:
        UsageError: the dimension is not 1 to 3, or the body has no walls or no target.

    The prediction is out of range for a body that is disconnected on a mesh.
    """
    if body.dim not in CELLS:
        raise UsageError(
            f"finite volumes go up to 3 dimensions, and {body.name} has {body.dim}",
            "up to 3 dimensions",
            "measure it by simulate",
        )
    if body.target is None:
        raise UsageError(f"{body.name} has no target", "a landscape with a target", "give one")
    sides, inside = np.subtract(upper, lower), inside_walls(body)
    starts = body.start(lattice(body.dim), 1.0)
    if outside:
        starts = starts[~_in_target(body, starts)]

    longest = float(sides.max())
    steps = 1 if grid is None else round(longest / grid)
    coarse = steps * max(1, round(CELLS[body.dim] / steps))
    fitting = grid is not None and coarse <= 2 * CELLS[body.dim]
    counts = [coarse] if fitting else [CELLS[body.dim] - fewer for fewer in (0, 1, 2)]

    def time(count: int) -> float:
        shape = [max(2, round(count * side / longest)) for side in sides]
        mesh = box_mesh(lower, upper, shape, body=inside)
        times = mean_passage_time(mesh, np.zeros(mesh.size), 1.0, target_on(mesh, body))
        return mean_over(mesh, times, starts)

    @cache
    def at_unit_temperature() -> Prediction:
        try:
            first, *others = [richardson(time, count, order=4 / 3) for count in counts]
        except UsageError:  # a narrow that contains no centre of a cell
            return Prediction(math.nan, math.inf, False)
        apart = [abs(other.value - first.value) for other in others]
        remainder = max(first.remainder, *apart, 0.0)
        return Prediction(first.value, remainder, remainder <= WORST * first.value)

    def predict(temperature: float) -> Prediction:
        unit = at_unit_temperature()
        return Prediction(unit.value / temperature, unit.remainder / temperature, unit.in_range)

    return Curve(
        "finite volume", predict, f"up to 3 dimensions, remainder below {100 * WORST:.0f} %",
        "Gardiner, Handbook of Stochastic Methods, section 5.4",
    )  # fmt: skip


def _in_target(body: Landscape, points: FloatArray) -> BoolArray:
    """Mask (count,) of the points (count, dim) in any target of a body."""
    kernels = body.target if isinstance(body.target, tuple) else (body.target,)
    inside, distances = np.zeros(len(points), bool), np.empty(len(points))
    for kernel in kernels:
        if kernel is not None:
            kernel(np.ascontiguousarray(points.T), distances, body.parameters)
            inside |= distances <= 0
    return inside


def lattice(dim: int) -> FloatArray:
    """(STARTS, dim) points that fill the unit cube evenly: multiples of powers of 1 / g, g^(dim + 1) = g + 1."""
    ratio = 2.0
    for _ in range(64):
        ratio = (1.0 + ratio) ** (1.0 / (dim + 1))
    steps = ratio ** -np.arange(1.0, dim + 1)
    points: FloatArray = (0.5 + np.arange(1, STARTS + 1)[:, None] * steps) % 1.0
    return points


def mean_over(mesh: Mesh, values: FloatArray, points: FloatArray) -> float:
    """Mean of values (size,) over the cells in which points (count, dim) lie; points outside the body are left out.

    Args:
        mesh: of the body.
        values: one number for each cell, (size,).
        points: positions, (count, dim).
    """
    places = ((points - mesh.lower) / mesh.spacing).astype(int)
    places = np.clip(places, 0, np.array(mesh.rows.shape) - 1)
    rows = mesh.rows[tuple(places.T)]
    return float(values[rows[rows >= 0]].mean())
