"""What is measured along a zero-loss set: the trace and the log det of its Hessian, and functions with known means."""

from __future__ import annotations

from functools import partial

import numpy as np

from langevin.landscapes.closed_forms import power_of
from langevin.theory.surfaces.drift import log_det_normal_hessian, trace_normal_hessian
from langevin.theory.surfaces.generator import Observable
from langevin.types import Landscape

#: Number of coordinates that are used as quantities.
FIRST = 3


def quantities_of(landscape: Landscape) -> dict[str, Observable]:
    """Functions of states (walkers, dim) on the set to numbers (walkers,), by name.

    Args:
        landscape: a landscape with a zero-loss set.
    """
    found: dict[str, Observable] = {
        "tr H": partial(trace_normal_hessian, landscape),
        "log det H": partial(log_det_normal_hessian, landscape),
    }
    return found | {moment.name: moment.function for moment in landscape.facts.moments}


def coordinates_of(landscape: Landscape) -> dict[str, Observable]:
    """The coordinates of `shown_coordinates` of states (walkers, dim), by name."""
    return {f"x_{i + 1}": power_of(i, 1) for i in shown_coordinates(landscape)}


def shown_coordinates(landscape: Landscape) -> list[int]:
    """Places of the first coordinates; under a constant force also of that along which the force is strongest."""
    first = list(range(min(FIRST, landscape.dim)))
    slope = landscape.facts.slope
    strongest = 0 if slope is None else int(np.argmax(np.abs(slope)))
    return first if strongest in first else [*first, strongest]


def means_of(landscape: Landscape) -> dict[str, Observable]:
    """The functions of a surface with known means, by name; if there are none, squares of the first coordinates."""
    known = {moment.name: moment.function for moment in landscape.facts.moments}
    return known or {f"x_{i + 1}^2": power_of(i, 2) for i in range(min(FIRST, landscape.dim))}
