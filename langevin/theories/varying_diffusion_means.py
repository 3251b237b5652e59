"""Moments of the stationary distribution in a loss where the diffusion varies: on a line, by quadrature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from langevin.landscapes.evaluate import evaluate
from langevin.theory.escape.varying_diffusion import power_of_fall, stationary_mean
from langevin.theory.surfaces.fine_steps import coarse_for_law
from langevin.types import Case, Curve, Diffusion, FloatArray, Prediction, Setting, Theory

#: Powers of the fall of the density up to which E x^2 and E x^4 are infinite.
SECOND, FOURTH = 3.0, 5.0


def _applies(case: Case) -> bool:
    return case.diffusion is not Diffusion.CONSTANT and case.landscape.dim == 1 and not case.watched


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape, acts = setting.case.landscape, setting.case.diffusion
    power = power_of_fall(landscape, acts, setting.temperature)
    if power <= SECOND:
        return []
    functions: dict[str, Callable[[FloatArray], FloatArray]] = {
        "E |x|^2": lambda places: places**2,
        "E f": lambda places: evaluate(landscape, "value", places[:, None]),
    }
    return [
        Curve(
            f"varying diffusion, {name}",
            partial(_moment, setting, function),
            "E x^4 finite; dt x curvature small",
            "Gardiner, Handbook of Stochastic Methods, section 5.2.5; quadrature",
            name,
        )
        for name, function in functions.items()
    ]


def _moment(setting: Setting, function: Callable[[FloatArray], FloatArray], theta: float) -> Prediction:
    """The moment; out of range where E x^4 is infinite, so that no interval of E x^2 holds."""
    landscape, acts = setting.case.landscape, setting.case.diffusion
    found = stationary_mean(landscape, acts, theta, function)
    known = power_of_fall(landscape, acts, theta) > FOURTH
    return replace(found, in_range=found.in_range and known)


varying_diffusion_means = Theory(
    question="stationary law",
    summary="E |x|^2 and E f on a line where the diffusion varies, by quadrature.",
    applies=_applies,
    curves=_curves,
    stationary=True,
    coarse=coarse_for_law,
)
