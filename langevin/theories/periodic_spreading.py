"""Diffusion at long times in a periodic loss."""

from __future__ import annotations

from collections.abc import Sequence

from langevin.theory.surfaces.fine_steps import coarse_for_time
from langevin.types import Case, Curve, Prediction, Setting, Theory


def _curves(setting: Setting) -> Sequence[Curve]:
    spread = setting.case.landscape.facts.spread
    assert spread is not None

    def diffusion(temperature: float) -> Prediction:
        return Prediction(spread.diffusion(temperature))

    name = "D of a coordinate"
    return [
        Curve(
            f"law of {name}",
            diffusion,
            "dt x curvature small; times beyond that of a period",
            spread.reference,
            name,
        )
    ]


def _applies(case: Case) -> bool:
    return case.gibbs and case.landscape.facts.spread is not None


periodic_spreading = Theory(
    question="spreading",
    summary="Diffusion over the barriers of a periodic loss, in closed form.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_for_time,
)
