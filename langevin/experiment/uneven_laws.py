"""Noise that changes along a curve: the numbers that name it, and the laws in the long run that belong to them.

They are those of `integrators.power_law`, exponent and tangential, or of `integrators.tangential`, convention and
power. A law is the density exp(-Phi / heat) along the curve (`theory.SurfaceLaw`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from langevin import theory
from langevin.errors import UsageError
from langevin.experiment.along_curve import rounded
from langevin.experiment.settings import Settings
from langevin.registry import dials, factory
from langevin.types import FloatArray, Integrator

#: Weights of log D in the potential, by convention.
CONVENTIONS = {"ito": 1.0, "stratonovich": 0.5, "klimontovich": 0.0}


def noise_of(settings: Settings, curve: theory.SurfaceCurve) -> tuple[Integrator, dict[str, Any]]:
    """The integrator, and the numbers that name its noise.

    Power-law noise without a word on heat along the curve gets half of what Phi varies by.

    Raises:
        UsageError: another integrator, dynamics or noise beside it, or no heat.
    """
    name = (settings.integrator or "power-law").replace("_", "-")
    if name not in ("power-law", "tangential"):
        raise UsageError(
            f"--dynamics power-law goes with --integrator power-law, got {settings.integrator}; the law of another "
            "noise is not known here: use it from Python"
        )
    dynamics = "power-law" if name == "power-law" else "projected"
    if settings.dynamics not in (None, dynamics):
        raise UsageError(
            f"--integrator {name} serves --dynamics {dynamics}, got {settings.dynamics}; make them agree"
        )
    if settings.measure or settings.projection or settings.noise:
        raise UsageError(f"--integrator {name} has its own noise; drop --measure, --projection and --noise")
    make: Callable[..., Integrator] = factory("integrators", name)
    chosen = {dial: parameter.default for dial, parameter in dials(make).items()} | dict(
        settings.integrator_dials
    )
    if name == "power-law" and "tangential" not in settings.integrator_dials:
        chosen["tangential"] = rounded(
            float(np.ptp(_power_law(chosen["exponent"]).potential(curve.curvatures))) / 2
        )
    if chosen.get("tangential") == 0:
        raise UsageError(
            "power-law noise without heat along the curve has no law in the long run but the place where it ends; give "
            "-i tangential above 0, or leave it out"
        )
    integrator = make(**chosen)
    chosen.pop("diffusion", None)
    return integrator, chosen


def checked(noise: Any) -> Mapping[str, Any]:
    """The noise that a file names, which may be anyone's.

    Raises:
        UsageError: it names none.
    """
    kinds = ({"convention", "power"}, {"exponent", "tangential"})
    if isinstance(noise, Mapping) and set(noise) in kinds:
        numbers = [value for name, value in noise.items() if name != "convention"]
        fine = all(isinstance(n, int | float) and math.isfinite(n) for n in numbers)
        if fine and noise.get("convention", "ito") in CONVENTIONS and noise.get("tangential", 1.0) > 0:
            return noise
    raise UsageError("the file does not say what the noise of its run was, so no law can be chosen")


def laws_of(noise: Mapping[str, Any], dt: float) -> list[theory.SurfaceLaw]:
    """The law that should hold, then its rivals."""
    if "convention" in noise:
        order = sorted(CONVENTIONS, key=lambda convention: convention != noise["convention"])
        return [_tangential_law(convention, noise["power"]) for convention in order]
    gamma, heat = noise["exponent"], noise["tangential"]
    rivals = [other for other in (0.0, 1.0, 2.0) if other != gamma]
    surface = theory.SurfaceLaw("surface", lambda a: 0.0 * a[:, 0], heat, "Brownian motion of the surface")
    return [_power_law(gamma, heat, dt), *(_power_law(other, heat) for other in rivals), surface]


def _power_law(exponent: float, heat: float = 0.0, dt: float = 0.0) -> theory.SurfaceLaw:
    return theory.noise_law(exponent, heat, dt, f"power {exponent:g}")


def _tangential_law(convention: str, power: float) -> theory.SurfaceLaw:
    """p ~ D^-w with D = (mean stiffness)^power and w = 1, 1/2, 0."""
    weight = CONVENTIONS[convention]
    return theory.SurfaceLaw(
        convention,
        lambda a: weight * power * np.log(a.mean(axis=-1)),
        1.0,
        "Ito 1944; Stratonovich 1966; Haenggi and Thomas 1982",
    )


def diffusion_along(curve: theory.SurfaceCurve, noise: Mapping[str, Any]) -> FloatArray:
    """Diffusion along the curve over theta, at its points."""
    diffusion: FloatArray = curve.curvatures.mean(axis=1) ** noise["power"]
    return diffusion


def variance_across(curve: theory.SurfaceCurve, noise: Mapping[str, Any]) -> FloatArray:
    """Variance of the noise across the curve, and what heat along it adds until it relaxes, over D."""
    a = curve.curvatures
    variances: FloatArray = np.maximum(a ** noise["exponent"], noise["tangential"]).max(axis=1) / a[:, 0]
    return variances


def looseness_of(curve: theory.SurfaceCurve, noise: Mapping[str, Any], theta: float, dt: float) -> float:
    """How loose the law is (`theory.looseness`): that of a kick along the curve, or of the motion across it."""
    if "convention" in noise:
        return theory.looseness(curve, 2 * theta * dt * diffusion_along(curve, noise))
    return theory.looseness(curve, theta * variance_across(curve, noise))
