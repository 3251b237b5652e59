"""Stationary means and correlations on a closed two-dimensional surface, by finite elements on its triangles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from langevin import theory
from langevin.theory.surfaces.cached import has_triangles, triangles_of
from langevin.theory.surfaces.fields import height_of, steepness
from langevin.theory.surfaces.generator import coordinates_of, means_of
from langevin.theory.surfaces.geometry import surface_shape
from langevin.theory.surfaces.memory import surface_correlation
from langevin.theory.surfaces.stationary import TIGHT
from langevin.theory.surfaces.triangulation import Triangulation
from langevin.types import Case, Curve, Prediction, Setting, StepLaw, Theory

#: Number of corners of triangles at which the bends of the surface are computed.
CORNERS = 60
SOURCE = "finite elements on triangles: Dziuk, Lect. Notes Math. 1357 (1988) 142"


def _applies(case: Case) -> bool:
    """Motion along the surface with constant heat."""
    law = case.law
    along = law is not None and not law.across and law.heat > 0 and not law.uneven_power
    return along and has_triangles(case.landscape)


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape, law = setting.case.landscape, setting.case.law
    assert law is not None
    surface, slow = triangles_of(landscape), theory.surfaces.law_of(law, setting.dt)
    loose = _looseness(setting, surface, law)
    clock = math.sqrt(loose) if law.exact else loose
    validity = f"closed surface; looseness of a kick {loose:.2g} <= {TIGHT:g}"
    found, height = [], height_of(landscape)
    fine = theory.surfaces.is_resolved(surface, slow, setting.temperature, height)
    validity += "" if height is None else "; a distribution wider than the triangles"
    if not fine:  # the rates would be those of a few corners
        return [Curve("spectrum", _unresolved, validity, SOURCE, f"E {name}") for name in means_of(landscape)]
    for name, function in means_of(landscape).items():
        mean = theory.surfaces.surface_mean(surface, slow, function, setting.temperature, height)
        spread = np.std(function(surface.meshes[-1].points))
        remainder = mean.remainder + (0.0 if law.exact else loose * float(spread))
        law_mean = Prediction(mean.value, remainder, mean.in_range and (law.exact or loose <= TIGHT))
        found.append(Curve(f"law of E {name}", partial(_same, law_mean), validity, SOURCE, f"E {name}"))
    for name, function in coordinates_of(landscape).items():
        known = surface_correlation(surface, slow, setting.temperature, function, height)
        predict = partial(_on_a_loose_clock, known, clock)
        found.append(Curve(f"spectrum, {name}", predict, validity, known.reference, f"correlation of {name}"))
    return found


def _looseness(setting: Setting, surface: Triangulation, law: StepLaw) -> float:
    """Variance of a kick over the square of the length on which the surface changes: the largest value over corners.

    For a step with the Metropolis rule, the rejections depend only on the changes of det J J^T, in addition to the
    bends.
    """
    points = surface.meshes[0].points
    shapes = [
        surface_shape(setting.case.landscape, place) for place in points[:: max(1, len(points) // CORNERS)]
    ]
    rates = [float(np.max(shape.bends**2 + shape.changes**2)) for shape in shapes]
    return 2.0 * setting.temperature * setting.dt * max(rates) + steepness(setting)


def _unresolved(point: float) -> Prediction:
    return Prediction(math.nan, math.inf, in_range=False)


def _same(prediction: Prediction, point: float) -> Prediction:
    return prediction


def _on_a_loose_clock(known: Curve, loose: float, time: float) -> Prediction:
    """The correlation; its remainder contains the effect of a relative error of the time."""
    found, later = known.predict(time), known.predict(time * (1.0 + loose))
    remainder = found.remainder + abs(later.value - found.value)
    return Prediction(found.value, remainder, loose <= TIGHT)


surface_relaxation = Theory(
    question="relaxation",
    summary="Means and correlations on a closed surface of two dimensions, on a mesh of triangles.",
    applies=_applies,
    curves=_curves,
    in_field=True,
)
