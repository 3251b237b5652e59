"""Stationary distributions for noise that changes along a curve, and their looseness.

There are two kinds: noise across the curve, 2 theta a^gamma, in addition to the heat 2 theta tau along it
(`surface_laws`); and diffusion along the curve with the coefficient theta D, D = (tr a / m)^p. The density of the
latter is D^-w with w = 1 in the Ito convention, 1/2 in the Stratonovich convention, 0 in the Klimontovich convention
(Haenggi and Thomas, Phys. Rep. 88 (1982) 207).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from langevin.theory.surfaces.curve import SurfaceCurve
from langevin.theory.surfaces.laws import SurfaceLaw, law_of
from langevin.types import FloatArray, StepLaw

#: Weights of log D in the potential, by convention.
CONVENTIONS = {"ito": 1.0, "stratonovich": 0.5, "klimontovich": 0.0}
#: Powers of the stiffness that are compared.
POWERS = (0.0, 1.0, 2.0)


def uneven_laws(step: StepLaw, dt: float) -> list[SurfaceLaw]:
    """The law of a step whose noise changes along a curve, followed by the rival laws.

    Args:
        step: law of the step.
        dt: step.
    """
    if step.uneven_power:
        ordered = sorted(CONVENTIONS.items(), key=lambda one: one[1] != step.uneven_weight)
        laws = {name: replace(step, uneven_weight=weight) for name, weight in ordered}
        return [law_of(law, dt, name) for name, law in laws.items()]
    rivals = [power for power in POWERS if power != step.exponent]
    still = StepLaw(across=False, pull=0.0, heat=step.heat)
    return [
        law_of(step, dt, f"power {step.exponent:g}"),
        *(law_of(replace(step, exponent=power), 0.0, f"power {power:g}") for power in rivals),
        law_of(still, 0.0, "surface"),
    ]


def uneven_variance(curve: SurfaceCurve, step: StepLaw) -> FloatArray:
    """Variance (points,) over theta that decides the looseness: of motion across the curve, or D of a kick along it.

    Across the curve it is the variance of the noise, plus the variance that heat along the curve adds before it
    relaxes.

    Args:
        curve: the zero-loss curve.
        step: law of the step.
    """
    a = curve.curvatures
    if not step.across:
        diffusion: FloatArray = a.mean(axis=1) ** step.uneven_power
        return diffusion
    variances: FloatArray = np.maximum(a**step.exponent, step.heat).max(axis=1) / a[:, 0]
    return variances
