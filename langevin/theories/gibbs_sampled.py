"""Moments of the Gibbs distribution of a loss in several dimensions, by annealed populations in a confining box."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

from langevin import theory
from langevin.errors import NumericalError, UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.theory.surfaces.fine_steps import coarse_for_law
from langevin.types import Case, Curve, Diffusion, Prediction, Setting, Theory

SOURCE = (
    "exp(-f / theta) by annealed populations: Del Moral, Doucet and Jasra, J. R. Stat. Soc. B 68 (2006) 411"
)


def _applies(case: Case) -> bool:
    known = case.gibbs or case.diffusion is Diffusion.MOBILITY
    return known and case.landscape.dim > 1 and case.landscape.facts.covariance is None


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    try:
        low, high = theory.gibbs.confining_box(landscape, setting.temperature)
    except (UsageError, NumericalError):
        return []
    functions = (lambda x: (x**2).sum(axis=0), lambda x: evaluate(landscape, "value", x.T))
    moments = cache(
        lambda temperature: theory.gibbs.sampled_moments(
            landscape, temperature, functions, low.tolist(), high.tolist()
        )
    )
    return [
        Curve(
            f"Gibbs {name}",
            partial(_nth, moments, place),
            "confining potential; dt x curvature small",
            SOURCE,
            name,
        )
        for place, name in enumerate(("E |x|^2", "E f"))
    ]


def _nth(moments: Callable[[float], Sequence[Prediction]], place: int, temperature: float) -> Prediction:
    return moments(temperature)[place]


gibbs_sampled = Theory(
    question="stationary law",
    summary="E |x|^2 and E f of a confining loss in several dimensions, by sampling.",
    applies=_applies,
    curves=_curves,
    stationary=True,
    coarse=coarse_for_law,
)
