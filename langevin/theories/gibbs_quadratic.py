"""Mean of a quadratic loss in the Gibbs distribution: the covariance is theta K^-1, so each direction has theta / 2."""

from __future__ import annotations

from collections.abc import Sequence

from langevin.theory.surfaces.fine_steps import coarse_for_law
from langevin.types import Case, Curve, Prediction, Setting, Theory


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape

    def loss(temperature: float) -> Prediction:
        return Prediction(landscape.dim * temperature / 2)

    return [Curve("Gibbs E f", loss, "dt x curvature small", "covariance theta K^-1", "E f")]


def _applies(case: Case) -> bool:
    return case.gibbs and case.landscape.facts.covariance is not None


gibbs_quadratic = Theory(
    question="stationary law",
    summary="E f of a quadratic loss, in closed form.",
    applies=_applies,
    curves=_curves,
    stationary=True,
    coarse=coarse_for_law,
)
