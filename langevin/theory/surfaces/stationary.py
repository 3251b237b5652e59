"""Stationary distribution along a curve by the laws of motion: density, and fractions of time in its quarters.

Noise that changes along the curve is of two kinds: noise across the curve, 2 theta a^gamma, in addition to the heat
2 theta tau along it (`laws`); and diffusion along the curve with the coefficient theta D, D = (tr a / m)^p. The density
of the latter is D^-w with w = 1 in the Ito convention, 1/2 in the Stratonovich convention, 0 in the Klimontovich
convention (Haenggi and Thomas, Phys. Rep. 88 (1982) 207).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError, unfit
from langevin.theory.surfaces.curve import SurfaceCurve, nearest_points
from langevin.theory.surfaces.laws import SurfaceLaw, law_of
from langevin.types import Curve, FloatArray, Prediction, StepLaw

QUARTERS = 4
#: Laws are in range up to this looseness.
TIGHT = 0.05
#: A log det counts as constant along a curve if it varies by at most this; for other potentials relatively.
LEVEL = 1e-6
#: Weights of log D in the potential, by convention.
CONVENTIONS = {"ito": 1.0, "stratonovich": 0.5, "klimontovich": 0.0}
#: Powers of the stiffness that are compared.
POWERS = (0.0, 1.0, 2.0)


def stationary_density(curve: SurfaceCurve, law: SurfaceLaw) -> Curve:
    """Stationary density per length over the distance along the curve, exp(-Phi / heat) / Z.

    The remainder is the change of Z on half the points.

    Args:
        curve: a traced curve.
        law: a law with heat along the curve.

    Raises:
        UsageError: the law has no heat along the surface; on evaluation, a distance outside the curve.
    """
    if law.heat == 0:
        raise UsageError(
            f"the law {law.name!r} has no heat along the surface",
            "a law with heat along the surface",
            "take another law: its motion ends at the minimum of Phi",
        )
    masses = _masses(curve, law)
    heights = masses / _widths(curve)
    coarse = _masses(curve, law, 2) / _widths(curve, 2)
    share = abs(float(coarse[0] / heights[0]) - 1)

    def predict(arc: float) -> Prediction:
        if not 0 <= arc <= curve.length:
            raise unfit("the distance", f"must be from 0 to the length {curve.length:g}", f"{arc}")
        height = float(np.interp(arc, curve.arcs, heights, period=curve.length if curve.closed else None))
        return Prediction(height, share * height)

    return Curve(f"density, {law.name}", predict, "small steps, cold or stiff across", law.reference)


def is_even(curve: SurfaceCurve) -> bool:
    """Whether det J J^T is constant along the curve; then all laws with heat are equal.

    Args:
        curve: a traced curve.
    """
    return bool(np.ptp(np.log(curve.curvatures).sum(axis=1)) <= LEVEL)


def quarters(curve: SurfaceCurve) -> NDArray[np.int64]:
    """Quarter of the length (points,) to which each point belongs, by det J J^T: 1 is the flattest, 4 the stiffest.

    If det J J^T is constant along the curve, the quarters are four successive parts of the curve.

    Args:
        curve: a traced curve.
    """
    places = np.arange(len(curve.arcs))
    order = places if is_even(curve) else np.argsort(np.log(curve.curvatures).sum(axis=1), kind="stable")
    found = np.empty(len(order), np.int64)
    found[order] = 1 + QUARTERS * places // len(places)
    return found


def quarter_of(curve: SurfaceCurve, states: FloatArray) -> NDArray[np.int64]:
    """Number of the quarter, 1 to 4, of the point of the curve that is nearest to each state.

    Args:
        curve: a traced curve.
        states: (points, dim).
    """
    return quarters(curve)[nearest_points(curve, states)]


def share_curves(curve: SurfaceCurve, laws: Sequence[SurfaceLaw], looseness: float = 0.0) -> list[Curve]:
    """Fraction of time in each of the `quarters` by each law; without heat, all time is where Phi is smallest.

    Args:
        curve: a curve, closed or between walls.
        laws: the laws to compare.
        looseness: variance across the surface, or of a kick, over the square of the length on which the surface bends
            or its Hessian changes (`looseness`). The remainder is half of it times sqrt(p (1 - p)), which covers the
            bias in simulations on an ellipse and a valley. A law is in range if the looseness is at most 1/20.
    """
    parts = quarters(curve)
    return [
        Curve(
            law.name,
            partial(_share, curve, law, parts, looseness),
            f"looseness {looseness:.2g} <= {TIGHT:g}" if law.heat else "no heat along the curve",
            law.reference,
        )
        for law in laws
        if law.heat or _varies(law.potential(curve.curvatures))
    ]


def looseness(curve: SurfaceCurve, variance: float | FloatArray) -> float:
    """Largest variance x (bend^2 + (d log a / ds)^2) on the curve, a any normal curvature; 0 is the limit of laws.

    Args:
        curve: a traced curve.
        variance: one number, or one for each point (points,): the variance of the motion across the surface, theta / a
            for soft motion and theta for label noise; for kicks, 2 theta dt.
    """
    slopes = np.gradient(np.log(curve.curvatures), curve.arcs[1], axis=0)
    return float(np.max(variance * (curve.bends**2 + (slopes**2).max(axis=1))))


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


def _varies(levels: FloatArray) -> bool:
    return bool(np.ptp(levels) > LEVEL * np.abs(levels).max())


def _share(
    curve: SurfaceCurve, law: SurfaceLaw, parts: NDArray[np.int64], loose: float, part: float
) -> Prediction:
    """Fraction of time in one quarter; its error comes from half the points and from the looseness."""
    if law.heat == 0:
        return Prediction(float(parts[law.potential(curve.curvatures).argmin()] == part))
    share = min(1.0, float(_masses(curve, law)[parts == part].sum()))
    coarse = float(_masses(curve, law, 2)[parts[::2] == part].sum())
    remainder = abs(share - coarse) + loose * math.sqrt(share * (1 - share)) / 2
    return Prediction(share, remainder, loose <= TIGHT)


def _masses(curve: SurfaceCurve, law: SurfaceLaw, every: int = 1) -> FloatArray:
    """Probability of every `every`-th point of the curve under a law with heat."""
    levels = law.potential(curve.curvatures[::every])
    masses = np.exp((levels.min() - levels) / law.heat) * _widths(curve, every)
    return np.asarray(masses / masses.sum())


def _widths(curve: SurfaceCurve, every: int = 1) -> FloatArray:
    """Length that belongs to each point; half a gap at the ends of an open curve."""
    widths = np.full(len(curve.arcs[::every]), every * curve.arcs[1])
    if not curve.closed:
        widths[[0, -1]] *= 0.5
    return widths
