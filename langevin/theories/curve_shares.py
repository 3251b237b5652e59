"""Stationary distribution along a curve: the law of the step, and rival laws."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.theory.surfaces.cached import curve_of
from langevin.types import Case, Curve, FloatArray, Setting, Theory


def _curves(setting: Setting) -> Sequence[Curve]:
    case, curve = setting.case, curve_of(setting.case.landscape)
    law = case.law
    if curve is None or law is None:
        return []
    rivals = [
        theory.surfaces.law_of(step, setting.dt, name)
        for name, step in theory.surfaces.rivals_of(law).items()
    ]
    if law.exact and not law.across:
        loose = 0.0
    elif law.across:
        softest: FloatArray = curve.curvatures[:, 0]
        loose = theory.surfaces.looseness(curve, setting.temperature * softest ** (law.exponent - 1))
    else:
        loose = theory.surfaces.looseness(curve, 2 * setting.temperature * setting.dt)
    return theory.surfaces.share_curves(curve, rivals, loose)


def _applies(case: Case) -> bool:
    return case.law is not None and curve_of(case.landscape) is not None


curve_shares = Theory(
    question="law along the curve",
    summary="Shares of time along a curve by the surface distribution, the log-det law and the trace law.",
    applies=_applies,
    curves=_curves,
    stationary=True,
)
