"""Moments of the stationary distribution in a loss where the diffusion varies: on a line, by quadrature."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from langevin.landscapes.evaluate import evaluate
from langevin.theory.escape.varying_law import (
    power_of_fall,
    power_of_growth,
    slowest_rate,
    stationary_mean,
)
from langevin.theory.surfaces.fine_steps import coarse_for_law
from langevin.types import Case, Curve, Diffusion, FloatArray, Prediction, Setting, Theory

#: Smallest length of a run in relaxation times.
RELAXATIONS = 3.0


def _applies(case: Case) -> bool:
    return case.diffusion is not Diffusion.CONSTANT and case.landscape.dim == 1 and not case.watched


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape, acts = setting.case.landscape, setting.case.diffusion
    power, growth = power_of_fall(landscape, acts, setting.temperature), power_of_growth(landscape)
    functions: dict[str, tuple[float, Callable[[FloatArray], FloatArray]]] = {
        "E |x|^2": (2.0, lambda places: places**2),
        "E f": (growth, lambda places: evaluate(landscape, "value", places[:, None])),
    }
    return [
        Curve(
            f"varying diffusion, {name}",
            partial(_moment, setting, function, order),
            f"finite variance; dt x curvature small; {RELAXATIONS:g} relaxation times",
            "Gardiner, Handbook of Stochastic Methods, section 5.2.5; quadrature",
            name,
        )
        for name, (order, function) in functions.items()
        if power > order + 1.0
    ]


def _moment(
    setting: Setting, function: Callable[[FloatArray], FloatArray], order: float, theta: float
) -> Prediction:
    """The moment of a function that grows as |x|^order.

    Out of range if its variance is infinite, so that no interval holds, or if the run is too short.
    """
    landscape, acts = setting.case.landscape, setting.case.diffusion
    found = stationary_mean(landscape, acts, theta, function)
    known = power_of_fall(landscape, acts, theta) > 2.0 * order + 1.0
    settled = (
        setting.duration == math.inf or setting.duration * slowest_rate(landscape, acts, theta) >= RELAXATIONS
    )
    return replace(found, in_range=found.in_range and known and settled)


varying_diffusion_means = Theory(
    question="stationary law",
    summary="E |x|^2 and E f on a line with a diffusion that varies, by quadrature.",
    applies=_applies,
    curves=_curves,
    stationary=True,
    coarse=coarse_for_law,
)
