"""Stationary distribution along a curve with uneven noise: for powers of the noise, or for Ito and its rivals."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.theory.surfaces.cached import closed_curve_of
from langevin.types import Case, Curve, Setting, Theory


def _curves(setting: Setting) -> Sequence[Curve]:
    curve, law = closed_curve_of(setting.case.landscape), setting.case.law
    if curve is None or law is None or law.heat == 0:
        return []
    variance = setting.temperature * theory.surfaces.uneven_variance(curve, law)
    loose = theory.surfaces.looseness(curve, variance if law.across else 2 * setting.dt * variance)
    return theory.surfaces.share_curves(curve, theory.surfaces.uneven_laws(law, setting.dt), loose)


def _applies(case: Case) -> bool:
    return case.law is not None and closed_curve_of(case.landscape) is not None


uneven_shares = Theory(
    question="law of uneven noise",
    summary="Shares of a curve by the power of the noise across it, or by the convention (such as Ito) along it.",
    applies=_applies,
    curves=_curves,
)
