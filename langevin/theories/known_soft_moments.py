"""Moments of the Gibbs distribution of a loss that are known in closed form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from langevin.theory.surfaces.fine_steps import coarse_for_law
from langevin.types import Case, Curve, Prediction, Setting, Theory


def _applies(case: Case) -> bool:
    return case.gibbs and any(moment.soft is not None for moment in case.landscape.facts.moments)


def _curves(setting: Setting) -> Sequence[Curve]:
    return [
        Curve(
            f"Gibbs E {moment.name}",
            partial(_exact, moment.soft),
            "dt x curvature small",
            f"closed form of {setting.case.landscape.name}",
            f"E {moment.name}",
        )
        for moment in setting.case.landscape.facts.moments
        if moment.soft is not None
    ]


def _exact(law: Callable[[float], float], temperature: float) -> Prediction:
    return Prediction(law(temperature))


known_soft_moments = Theory(
    question="stationary law",
    summary="Moments of a loss that are known in closed form at every temperature.",
    applies=_applies,
    curves=_curves,
    stationary=True,
    coarse=coarse_for_law,
)
