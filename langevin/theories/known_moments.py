"""Moments of the stationary distribution of a step on a surface, known in closed form or by quadrature."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from langevin.theory.surfaces.change import looseness_at
from langevin.theory.surfaces.geometry import SurfaceShape, places_about, surface_shape
from langevin.theory.surfaces.laws import law_of
from langevin.theory.surfaces.stationary import TIGHT
from langevin.types import Case, Curve, Moment, Prediction, Setting, StepLaw, Theory


def _known(moment: Moment, law: StepLaw) -> float | None:
    """Mean of a moment for the law of a step; if both distributions have the same mean, every pull has it."""
    if moment.surface is not None and moment.surface == moment.gibbs:
        return moment.surface
    if law.uneven_power and law.uneven_weight:
        return None
    if law.pull == 0:
        return moment.surface
    if (law.pull, law.exponent, law.heat) == (1.0, 0.0, 1.0):
        return moment.gibbs
    return None


def _applies(case: Case) -> bool:
    law = case.law
    if law is None or law.heat == 0 or not case.landscape.is_surface:
        return False
    return any(_known(moment, law) is not None for moment in case.landscape.facts.moments)


def _curves(setting: Setting) -> Sequence[Curve]:
    case, law = setting.case, setting.case.law
    assert law is not None
    loose = _looseness(setting, law)
    found = []
    for moment in case.landscape.facts.moments:
        value = _known(moment, law)
        if value is not None:
            remainder = loose * max(abs(value), abs((moment.surface or 0.0) - (moment.gibbs or 0.0)))
            predict = partial(_moment, Prediction(value, remainder, loose <= TIGHT))
            name = f"E {moment.name}"
            source = f"closed form of {case.landscape.name}"
            found.append(
                Curve(f"law of {name}", predict, f"looseness {loose:.2g} <= {TIGHT:g}", source, name)
            )
    return found


def _moment(prediction: Prediction, temperature: float) -> Prediction:
    return prediction


def _looseness(setting: Setting, law: StepLaw) -> float:
    """Looseness of motion across the surface, or of a kick along it: the largest at many points; 0 for exact steps."""
    if law.exact and not law.across:
        return 0.0
    landscape = setting.case.landscape
    return max(_loose_at(surface_shape(landscape, place), setting, law) for place in places_about(landscape))


def _loose_at(shape: SurfaceShape, setting: Setting, law: StepLaw) -> float:
    if law.across:
        return looseness_at(shape, law_of(law), setting.temperature)
    variance = 2 * setting.temperature * setting.dt * float(shape.curvatures.mean() ** law.uneven_power)
    return variance * float(np.max(shape.bends**2 + shape.changes**2))


known_moments = Theory(
    question="moments",
    summary="Means of functions by the surface distribution and the Gibbs distribution of a surface.",
    applies=_applies,
    curves=_curves,
    stationary=True,
)
