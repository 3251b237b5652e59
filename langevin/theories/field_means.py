"""Means in a field: in closed form on spheres and in boxes, along curves by quadrature, on surfaces by triangles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from langevin import theory
from langevin.theory.surfaces.cached import curve_of, has_triangles, triangles_of
from langevin.theory.surfaces.fields import (
    box_means,
    curve_mean,
    fisher_cosine,
    fisher_spreads,
    height_of,
    looseness_of_kicks,
)
from langevin.theory.surfaces.generator import coordinates_of, shown_coordinates
from langevin.theory.surfaces.stationary import TIGHT
from langevin.types import Case, Curve, Prediction, Setting, Theory

#: Largest standard deviation of a step in a box over its shortest side.
NARROW = 0.15
SPHERE = "Mardia and Jupp, Directional Statistics (2000), section 9.3"
BOX = "exp(-U / theta) in a box, coordinate by coordinate"
CURVE = "exp(-Phi - U / theta) by quadrature along the curve; Ciccotti, Lelievre and Vanden-Eijnden 2008"
TRIANGLES = "exp(-Phi - U / theta) on triangles: Dziuk, Lect. Notes Math. 1357 (1988) 142"


def _applies(case: Case) -> bool:
    landscape, law = case.landscape, case.law
    if landscape.field is None:
        return False
    if landscape.is_body:
        box = landscape.facts.box
        return box is not None and box.filled and landscape.facts.slope is not None
    if law is None or law.across or law.heat == 0 or law.uneven_power:
        return False
    return _is_sphere(case) or has_triangles(landscape) or curve_of(landscape) is not None


def _is_sphere(case: Case) -> bool:
    facts = case.landscape.facts
    return facts.radius is not None and facts.slope is not None


def _curves(setting: Setting) -> Sequence[Curve]:
    case = setting.case
    if case.landscape.is_body:
        return _in_box(setting)
    return _on_sphere(setting) if _is_sphere(case) else _on_surface(setting)


def _in_box(setting: Setting) -> list[Curve]:
    """A mirror shifts a mean by at most half the drift of a step (`integrators.reflected`)."""
    facts, theta = setting.case.landscape.facts, setting.temperature
    box, slope = facts.box, np.array(facts.slope)
    assert box is not None
    means, shift = box_means(slope, box.lower, box.upper, theta), 0.5 * setting.dt * np.abs(slope)
    narrowest = min(high - low for low, high in zip(box.lower, box.upper))
    fine = math.sqrt(2.0 * theta * setting.dt) <= NARROW * narrowest
    means_of = {"E U": (float(slope @ means), float(np.abs(slope) @ shift))}
    means_of |= {
        f"E x_{i + 1}": (float(means[i]), float(shift[i])) for i in shown_coordinates(setting.case.landscape)
    }
    validity = f"a step below {NARROW:g} of the shortest side"
    return [
        _law_of_mean(name, Prediction(value, error, fine), validity, BOX)
        for name, (value, error) in means_of.items()
    ]


def _on_sphere(setting: Setting) -> list[Curve]:
    landscape, facts = setting.case.landscape, setting.case.landscape.facts
    assert facts.radius is not None
    slope = np.array(facts.slope)
    force, loose = float(np.linalg.norm(slope)), looseness_of_kicks(setting)
    cosine = fisher_cosine(force * facts.radius / setting.temperature, landscape.dim)
    axis = -slope / force if force else slope
    means_of = {"E U": -force * facts.radius * cosine}
    means_of |= {f"E x_{i + 1}": float(facts.radius * cosine * axis[i]) for i in shown_coordinates(landscape)}
    along, across = fisher_spreads(force * facts.radius / setting.temperature, landscape.dim)
    spreads = {"E U": facts.radius * force * along}
    spreads |= {
        f"E x_{i + 1}": facts.radius * math.hypot(a * along, math.sqrt(max(1.0 - a * a, 0.0)) * across)
        for i, a in enumerate(axis.tolist())
    }
    validity = f"looseness {loose:.2g} <= {TIGHT:g}"
    return [
        _law_of_mean(name, Prediction(value, loose * spreads[name], loose <= TIGHT), validity, SPHERE)
        for name, value in means_of.items()
    ]


def _on_surface(setting: Setting) -> list[Curve]:
    case, landscape, theta = setting.case, setting.case.landscape, setting.temperature
    height, law, curve = height_of(landscape), case.law, curve_of(landscape)
    assert height is not None and law is not None
    slow, loose = theory.surfaces.law_of(law, setting.dt), looseness_of_kicks(setting)
    functions = {"E U": height, **{f"E {name}": one for name, one in coordinates_of(landscape).items()}}
    validity, found = f"looseness {loose:.2g} <= {TIGHT:g}", []
    validity += "; a distribution wider than the triangles" if curve is None else ""
    for name, function in functions.items():
        if curve is not None:
            mean, source = curve_mean(curve, slow, theta, height, function), CURVE
            spread = float(np.std(function(curve.points)))
        else:
            surface, source = triangles_of(landscape), TRIANGLES
            mean = theory.surfaces.surface_mean(surface, slow, function, theta, height)
            spread = float(np.std(function(surface.meshes[-1].points)))
        known = Prediction(mean.value, mean.remainder + loose * spread, mean.in_range and loose <= TIGHT)
        found.append(_law_of_mean(name, known, validity, source))
    return found


def _law_of_mean(name: str, prediction: Prediction, validity: str, source: str) -> Curve:
    return Curve(f"law of {name}", partial(_same, prediction), validity, source, name)


def _same(prediction: Prediction, temperature: float) -> Prediction:
    return prediction


field_means = Theory(
    question="law in a field",
    summary="Means in a field on spheres, curves and closed surfaces of two dimensions, and in boxes.",
    applies=_applies,
    curves=_curves,
    stationary=True,
    in_field=True,
)
