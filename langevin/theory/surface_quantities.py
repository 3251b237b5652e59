"""What is measured along a zero-loss set: the trace and the log det of its Hessian, and functions that it knows."""

from __future__ import annotations

from functools import partial

from langevin.theory.surface_drift import log_det_normal_hessian, trace_normal_hessian
from langevin.theory.surface_generator import Observable
from langevin.types import Landscape


def quantities_of(landscape: Landscape) -> dict[str, Observable]:
    """Functions of states (walkers, dim) on the set to numbers (walkers,), by name."""
    found: dict[str, Observable] = {
        "tr H": partial(trace_normal_hessian, landscape),
        "log det H": partial(log_det_normal_hessian, landscape),
    }
    return found | {moment.name: moment.function for moment in landscape.facts.moments}
