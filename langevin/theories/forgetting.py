"""Displacement on a sphere or among orthonormal frames: the mean of all coordinates decays at one rate.

The coordinates are eigenfunctions of the Laplace-Beltrami operator: E X(t) = e^(-r theta t) X(0), with r the fact
`decay`. |X| is fixed, so E |X(t) - X(0)|^2 = 2 |X(0)|^2 (1 - e^(-r theta t)) (E. P. Hsu, Stochastic Analysis on
Manifolds, 2002).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from langevin import theory
from langevin.theory.surfaces.fine_steps import coarse_along
from langevin.types import Case, Curve, FloatArray, Landscape, Prediction, Setting, Theory

#: Rate x dt above which the steps are too coarse.
COARSEST = 0.05
#: Slope of log det J J^T, times the length of the set, below which it counts as constant.
LEVEL = 1e-5


def _applies(case: Case) -> bool:
    law = case.law
    spreads = law is not None and not law.across and law.heat > 0
    return spreads and case.landscape.facts.decay is not None


def _curves(setting: Setting) -> Sequence[Curve]:
    decay, law, start = setting.case.landscape.facts.decay, setting.case.law, setting.start
    if decay is None or law is None or start is None:
        return []
    if (law.pull or law.uneven_power) and not _even(setting.case.landscape, start):
        return []
    # the stiffness of such a set is constant, so noise that depends on the stiffness is even on it
    stiffness = theory.surfaces.normal_curvatures(setting.case.landscape, start[None]).mean()
    rate = decay * setting.temperature * law.heat * float(stiffness**law.uneven_power)
    return [
        Curve(
            "forgetting",
            partial(_forgotten, float((start**2).sum()), rate, setting.dt),
            f"Brownian motion on the surface, rate x dt <= {COARSEST:g}",
            "coordinates are eigenfunctions of the Laplace-Beltrami operator",
        )
    ]


def _even(landscape: Landscape, place: FloatArray) -> bool:
    """Whether the slope of det J J^T is zero at a point; otherwise a drift or uneven noise would also move walkers."""
    shape = theory.surfaces.surface_shape(landscape, theory.surfaces.on_surface(landscape, place[None])[0])
    slopes = (shape.slopes / shape.curvatures[:, None]).sum(axis=0)
    return bool(np.abs(slopes).max(initial=0.0) * shape.length <= LEVEL)


def _forgotten(square: float, rate: float, dt: float, time: float) -> Prediction:
    """2 |X(0)|^2 (1 - e^(-rate t)); the step dt changes the time by a fraction of order rate x dt: the remainder."""
    value = -2.0 * square * math.expm1(-rate * time)
    return Prediction(value, value * rate * dt, rate * dt <= COARSEST)


forgetting = Theory(
    question="displacement",
    summary="E |x - x_0|^2 if the correlations of all coordinates decay at one rate: spheres, frames, rotations.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_along,
)
