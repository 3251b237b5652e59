"""Moments of the Gibbs law of a quadratic loss: its covariance is theta K^-1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langevin.types import Case, Curve, Prediction, Setting, Theory


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    covariance = landscape.facts.covariance
    assert covariance is not None

    def square(temperature: float) -> Prediction:
        return Prediction(float(np.trace(covariance(temperature))))

    def loss(temperature: float) -> Prediction:
        return Prediction(landscape.dim * temperature / 2)

    return [
        Curve(f"Gibbs {name}", law, "dt x curvature small", "covariance theta K^-1", name)
        for name, law in (("E |x|^2", square), ("E f", loss))
    ]


def _applies(case: Case) -> bool:
    return case.landscape.facts.covariance is not None


gibbs_quadratic = Theory(
    question="stationary law",
    summary="E |x|^2 and E f of a quadratic loss, in closed form.",
    applies=_applies,
    curves=_curves,
)
