"""Where does a walk settle along a curve when its noise changes from place to place?

Two laws of noise: across the curve, 2 D a^gamma with heat along it (`integrators.power_law`), and along the curve, a
diffusion that is a power of its mean stiffness, Ito or not (`integrators.tangential`). The shares of the quarters of
the curve's length, flattest to stiffest, stand beside the law that should hold and its rivals. Of a valley whose
profile repeats itself one period is the curve.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from langevin import theory
from langevin.errors import UsageError
from langevin.experiment.along_curve import FRAMES, LOOSENESS, MOST_STEPS, curve_of, rounded
from langevin.experiment.curve_shares import shares_report
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings
from langevin.experiment.uneven_laws import (
    checked,
    diffusion_along,
    laws_of,
    looseness_of,
    noise_of,
    variance_across,
)
from langevin.experiment.walk import walk
from langevin.types import Landscape, Problem, Trajectory

QUESTION = "law of uneven noise"
WALKERS = 100
#: Default heat of motion along the surface, and dt x stiffness of descent.
TEMPERATURE, STABLE_STEP = 0.1, 0.2
#: Default duration in the time that the slowest part of the walk takes for a radian of the curve.
RELAXATIONS = 40.0
POINTS = 2000


def asks(settings: Settings) -> bool:
    """Whether the settings name one of the two laws of noise."""
    named = (settings.integrator or "").replace("_", "-")
    return settings.dynamics == "power-law" or named in ("power-law", "tangential")


def uneven_noise(manifold: Landscape, settings: Settings) -> Report:
    """Let walkers forget their start along a closed curve or a valley, and compare where they are with the laws.

    Raises:
        UsageError: settings that contradict one another, a surface that is no closed curve.
    """
    curve = closed_curve(manifold)
    integrator, noise = noise_of(settings, curve)
    theta, dt, duration = _defaults(manifold, curve, noise, settings)
    every = max(1, math.ceil(duration / dt / FRAMES))
    trajectory = walk(
        Problem(manifold, theta, integrator.dynamics),
        integrator,
        QUESTION,
        settings,
        walkers=settings.walkers or WALKERS,
        steps=FRAMES * every,
        dt=dt,
        every=every,
    )
    meta = {**trajectory.meta, "noise": noise}
    return uneven_noise_answer(manifold, replace(trajectory, meta=meta))


def uneven_noise_answer(manifold: Landscape, trajectory: Trajectory) -> Report:
    """The shares in the second half of a run, beside those of the laws.

    Raises:
        UsageError: a surface that is no closed curve, or a run that does not say what its noise was.
    """
    meta, curve = trajectory.meta, closed_curve(manifold)
    theta, dt, noise = meta["temperature"], meta["dt"], checked(meta.get("noise"))
    laws = laws_of(noise, dt)
    curves = theory.share_curves(curve, laws, looseness_of(curve, noise, theta, dt))
    settles = f"{meta['integrator']} should settle in the law {laws[0].name!r}"
    line = f"a curve of length {curve.length:.6g}; {settles}"
    title = f"Law along the {manifold.name}, uneven noise"
    return shares_report(title, line, curve, curves, trajectory, _along(manifold, trajectory))


def closed_curve(manifold: Landscape) -> theory.SurfaceCurve:
    """The surface as a closed curve; of a valley one period of its floor."""
    profile = manifold.facts.profile
    if profile is not None and profile.period is not None:
        length = profile.period
        arcs = np.linspace(0.0, length, POINTS, endpoint=False)
        ways = np.eye(manifold.dim)[:1].repeat(POINTS, axis=0)
        across = profile.stiffness(arcs)[:, None].repeat(manifold.codim, axis=1)
        return theory.SurfaceCurve(
            manifold.name, arcs, arcs[:, None] * ways, ways, across, np.zeros(POINTS), length, True
        )
    curve = curve_of(manifold)
    if curve is None or not curve.closed:
        raise UsageError(
            f"no law of uneven noise is known for {manifold.name}, which is no closed curve; take a surface with "
            "dim - codim = 1, or simulate it from Python"
        )
    if theory.is_even(curve):
        raise UsageError(
            f"{manifold.name} is as stiff all along, so no noise on it is uneven; take canal, valley or another curve "
            "whose stiffness changes"
        )
    return curve


def _defaults(
    manifold: Landscape, curve: theory.SurfaceCurve, noise: Mapping[str, Any], settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration: as loose as the laws allow, and long enough to forget the start."""
    radian = (curve.length / (2 * math.pi)) ** 2
    if "convention" in noise:
        theta, diffusion = settings.temperature or TEMPERATURE, diffusion_along(curve, noise)
        dt = settings.dt or LOOSENESS / (2 * theta * theory.looseness(curve, diffusion))
        slowest = float(diffusion.min())
    else:
        theta = settings.temperature or rounded(
            LOOSENESS / theory.looseness(curve, variance_across(curve, noise))
        )
        dt = settings.dt or STABLE_STEP / max(manifold.stiffness(theta), float(curve.curvatures.max()))
        slowest = noise["tangential"]
    return theta, dt, settings.horizon or min(RELAXATIONS * radian / (theta * slowest), MOST_STEPS * dt)


def _along(manifold: Landscape, trajectory: Trajectory) -> Trajectory:
    """The run with states on the curve: along a valley the floor, one period for all."""
    profile = manifold.facts.profile
    if profile is None or profile.period is None:
        return trajectory
    states = np.zeros_like(trajectory.states)
    states[..., 0] = trajectory.states[..., 0] % profile.period
    return replace(trajectory, states=states)
