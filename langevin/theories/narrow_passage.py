"""Arrival through a constriction: resistances in series, in closed form in the plane."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.theory.surfaces.fine_steps import coarse_in_body
from langevin.types import Case, Curve, Prediction, Setting, Theory

SOURCE = "Holcman and Schuss, Stochastic Narrow Escape in Molecular and Cellular Biology (2015)"

#: Relative error of the mouth of a channel that is as long as wide: exp(-2 pi) (`manifolds.chambers`).
MOUTH = 2e-3


def _applies(case: Case) -> bool:
    facts = case.landscape.facts
    deep = facts.chambers is not None and case.landscape.dim > 2
    return case.usual and (facts.arrival_time is not None or deep)


def _curves(setting: Setting) -> Sequence[Curve]:
    facts = setting.case.landscape.facts
    time, chambers = facts.arrival_time, facts.chambers
    if time is not None:
        validity = "in the plane; a hole, or a channel no shorter than wide"
        return [
            Curve(
                "resistances in series",
                lambda theta: Prediction(time / theta, MOUTH * time / theta),
                validity,
                SOURCE,
            )
        ]
    assert chambers is not None
    return [
        theory.passage.chamber_passage_curve(chambers.dim, chambers.near, chambers.width, chambers.length)
    ]


narrow_passage = Theory(
    question="first passage",
    summary="Resistances in series, or finite volumes, for two chambers with a narrow passage between them.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_in_body,
)
