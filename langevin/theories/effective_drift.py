"""The early change of any function along a zero-loss set, by the law of the step and its rivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from langevin import theory
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    return case.landscape.is_surface and case.law is not None and not case.law.uneven_power


def _curves(setting: Setting) -> Sequence[Curve]:
    case, law, start = setting.case, setting.case.law, setting.start
    if law is None or start is None:
        return []
    place = theory.on_surface(case.landscape, start[None])[0]
    found = []
    rivals = {name: replace(step, heat=law.heat) for name, step in theory.rivals_of(law).items()}
    for name, step in rivals.items():
        slow = theory.law_of(step, setting.dt, name)
        for quantity, function in theory.quantities_of(case.landscape).items():
            change = theory.mean_change(
                case.landscape, place, slow, setting.temperature, function, settles=law.across
            )
            found.append(replace(change, name=name, quantity=quantity))
    return found


effective_drift = Theory(
    question="flatness",
    summary="Early change of tr H, log det H and known functions, by log det, by the trace, and by none.",
    applies=_applies,
    curves=_curves,
)
