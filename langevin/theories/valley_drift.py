"""The drift along a valley of known profile: the law of the step, and rival laws."""

from __future__ import annotations

import math
from collections.abc import Sequence

from langevin import theory
from langevin.theory.surfaces.displacement_curves import late_drift
from langevin.theory.surfaces.fine_steps import coarse_along
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    return case.landscape.facts.profile is not None and case.law is not None and case.usual


def _curves(setting: Setting) -> Sequence[Curve]:
    case = setting.case
    profile, law = case.landscape.facts.profile, case.law
    assert profile is not None and law is not None
    found = theory.surfaces.drift_curves(
        profile.stiffness,
        profile.slope,
        case.landscape.codim,
        setting.temperature,
        setting.dt,
        float(case.landscape.dials["start"]),
        law,
        profile.period or 2 * math.pi,
    )
    return [late_drift(curve, setting) for curve in found]


valley_drift = Theory(
    question="drift",
    summary="Drift along a valley of known stiffness by the log-det law, by the trace law, and no drift.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_along,
)
