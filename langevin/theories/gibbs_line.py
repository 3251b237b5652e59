"""Moments of the Gibbs distribution on a line, by quadrature of exp(-f / theta)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from langevin import theory
from langevin.errors import UsageError
from langevin.landscapes.evaluate import scalar_value
from langevin.theory.surfaces.fine_steps import coarse_for_law
from langevin.types import Case, Curve, Prediction, Setting, Theory

#: Smallest length of a run in relaxation times.
RELAXATIONS = 3.0


def _applies(case: Case) -> bool:
    return case.gibbs and case.landscape.dim == 1 and case.landscape.facts.covariance is None


def _curves(setting: Setting) -> Sequence[Curve]:
    value = scalar_value(setting.case.landscape)
    if not _confines(value, setting.temperature):
        return []
    functions = {"E |x|^2": lambda x: x * x, "E f": value}
    return [
        Curve(
            f"Gibbs {name}",
            partial(_moment, value, function, setting.duration),
            f"confining potential; dt x curvature small; {RELAXATIONS:g} relaxation times",
            "quadrature of exp(-f / theta)",
            name,
        )
        for name, function in functions.items()
    ]


def _moment(
    value: Callable[[float], float],
    function: Callable[[float], float],
    duration: float,
    temperature: float,
) -> Prediction:
    """The moment; it is out of range if the run is too short for the barriers of the loss."""
    found = theory.gibbs.stationary_moment(value, temperature, function)
    settled = (
        duration == math.inf
        or duration * theory.fokker_planck.slowest_rate_on_line(value, temperature) >= RELAXATIONS
    )
    return replace(found, in_range=found.in_range and settled)


def _confines(value: Callable[[float], float], temperature: float) -> bool:
    try:
        theory.gibbs.log_partition_function(value, temperature)
    except UsageError:
        return False
    return True


gibbs_line = Theory(
    question="stationary law",
    summary="E |x|^2 and E f of the Gibbs law on a line, by quadrature.",
    applies=_applies,
    curves=_curves,
    stationary=True,
    coarse=coarse_for_law,
)
