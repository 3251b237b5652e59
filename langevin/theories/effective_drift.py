"""The early change of any function along a zero-loss set, by the law of the step and by rival laws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from langevin import theory
from langevin.theory.surfaces.displacement_curves import late_drift
from langevin.theory.surfaces.fine_steps import coarse_along
from langevin.types import Case, Curve, Prediction, Setting, Theory


def _applies(case: Case) -> bool:
    return case.landscape.is_surface and case.law is not None and not case.law.uneven_power


def _curves(setting: Setting) -> Sequence[Curve]:
    case, law, start = setting.case, setting.case.law, setting.start
    if law is None or start is None:
        return []
    place = theory.surfaces.on_surface(case.landscape, start[None])[0]
    found: list[Curve] = []
    own: dict[str, Curve] = {}
    rivals = {name: replace(step, heat=law.heat) for name, step in theory.surfaces.rivals_of(law).items()}
    for name, step in rivals.items():
        slow = theory.surfaces.law_of(step, setting.dt, name)
        for quantity, function in theory.surfaces.quantities_of(case.landscape).items():
            soon = theory.surfaces.mean_change(
                case.landscape, place, slow, setting.temperature, function, settles=law.across
            )
            change = late_drift(soon, setting)
            first = own.setdefault(quantity, change)
            found.append(
                replace(change, name=name, quantity=quantity, predict=partial(_as_loose, change, first))
            )
    return found


def _as_loose(rival: Curve, own: Curve, time: float) -> Prediction:
    """The number of a rival; its remainder is at least that of the law of the step, because both describe one run."""
    answer = rival.predict(time)
    return replace(answer, remainder=max(answer.remainder, own.predict(time).remainder))


effective_drift = Theory(
    question="flatness",
    summary="Early change of tr H, log det H and known functions by the log-det law, by the trace law, and no drift.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_along,
)
