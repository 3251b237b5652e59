"""Escape in the plane: the backward equation on a mesh, compared with the Eyring-Kramers law."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin.errors import UsageError
from langevin.theory.escape.eyring_kramers import path_of_passes, transition_time, wells_in
from langevin.theory.escape.minima_and_saddles import critical_points
from langevin.theory.escape.one_dimension import LEAST_BARRIER
from langevin.theory.fokker_planck.cells import box_mesh, interpolate, richardson
from langevin.theory.fokker_planck.landscape_cells import energies_on, target_on
from langevin.theory.fokker_planck.passage import mean_passage_time
from langevin.types import Curve, Landscape, Prediction

#: A mesh has no cells where the loss is this many temperatures above the highest pass.
CUT_OFF = 25.0
#: The loss at the edges of a box must be this many temperatures above the highest pass, so that walkers do not reach
#: them.
BRINK = 2.0
#: A minimum this close to a target, in sides of the box, counts as inside the target.
ON_TARGET = 1e-6


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
