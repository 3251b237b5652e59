"""Means of periodic functions in a periodic loss: they are stationary, although walkers are not confined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from langevin.theory.surfaces.fine_steps import coarse_for_law
from langevin.types import Case, Curve, Prediction, Setting, Theory


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    return [
        Curve(
            f"law of E {moment.name}",
            partial(_exact, moment.soft),
            "dt x curvature small; times beyond that of a period",
            f"closed form of {landscape.name}",
            f"E {moment.name}",
        )
        for moment in landscape.facts.moments
        if moment.soft is not None
    ]


def _exact(law: Callable[[float], float], temperature: float) -> Prediction:
    return Prediction(law(temperature))


def _applies(case: Case) -> bool:
    return case.gibbs and case.landscape.facts.spread is not None


periodic_means = Theory(
    question="spreading",
    summary="Means of periodic functions under exp(-f / theta) over a period, in closed form.",
    applies=_applies,
    curves=_curves,
    stationary=True,
    coarse=coarse_for_law,
)
