"""The drift along a closed curve, from its residual map: the law of the step, and rival laws."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.theory.surfaces.cached import curve_of
from langevin.theory.surfaces.displacement_curves import late_drift
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    if case.law is None or case.landscape.facts.profile is not None:
        return False
    curve = curve_of(case.landscape)
    return curve is not None and curve.closed


def _curves(setting: Setting) -> Sequence[Curve]:
    case, curve = setting.case, curve_of(setting.case.landscape)
    if curve is None or case.law is None or setting.start is None:
        return []
    start = float(theory.surfaces.arc_positions(curve, setting.start[None])[0])
    found = theory.surfaces.curve_drift_curves(curve, setting.temperature, setting.dt, start, case.law)
    return [late_drift(one, setting) for one in found]


curve_drift = Theory(
    question="drift",
    summary="Drift along a closed curve by the log-det law, by the trace law, and no drift.",
    applies=_applies,
    curves=_curves,
)
