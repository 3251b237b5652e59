"""Diffusion in the long run in a periodic loss, and the means of periodic functions, which are stationary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from langevin.types import Case, Curve, Prediction, Setting, Theory

SMALL = "dt x curvature small; times beyond that of a period"


def _curves(setting: Setting) -> Sequence[Curve]:
    facts = setting.case.landscape.facts
    assert facts.spread is not None
    laws = [("D of a coordinate", facts.spread.diffusion, facts.spread.reference)]
    laws += [
        (f"E {moment.name}", moment.soft, f"closed form of {setting.case.landscape.name}")
        for moment in facts.moments
        if moment.soft is not None
    ]
    return [
        Curve(f"law of {name}", partial(_exact, law), SMALL, reference, name) for name, law, reference in laws
    ]


def _exact(law: Callable[[float], float], temperature: float) -> Prediction:
    return Prediction(law(temperature))


def _applies(case: Case) -> bool:
    return case.landscape.facts.spread is not None


periodic_spreading = Theory(
    question="spreading",
    summary="Diffusion over the barriers of a periodic loss, in closed form.",
    applies=_applies,
    curves=_curves,
)
