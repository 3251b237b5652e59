"""What the laws of motion say along a curve in the long run: density, and shares of its quarters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError, unfit
from langevin.theory.surface_curve import SurfaceCurve, nearest_points
from langevin.theory.surface_laws import SurfaceLaw
from langevin.types import Curve, FloatArray, Prediction

QUARTERS = 4
#: Laws are in range up to this looseness.
TIGHT = 0.05
#: A log det, or relatively another potential, that varies by no more along a curve is the same all along.
LEVEL = 1e-6


def stationary_density(curve: SurfaceCurve, law: SurfaceLaw) -> Curve:
    """Density per length in the long run over the distance along the curve, exp(-Phi / heat) / Z.

    The remainder is the change of Z on half the points.

    Args:
        curve: a traced curve.
        law: a law with heat along the curve.

    Raises:
        UsageError: a law without heat along the surface; on evaluation, a distance off the curve.
    """
    if law.heat == 0:
        raise UsageError(
            f"the law {law.name!r} has no heat along the surface",
            "a law with heat along the surface",
            "take another law: it ends where Phi is least",
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
    """Whether det J J^T is the same all along, so that all laws with heat are one.

    Args:
        curve: a traced curve.
    """
    return bool(np.ptp(np.log(curve.curvatures).sum(axis=1)) <= LEVEL)


def quarters(curve: SurfaceCurve) -> NDArray[np.int64]:
    """Quarter of the length (points,) that each point belongs to, 1 the flattest by det J J^T to 4 the stiffest.

    Where det J J^T is the same all along, the four lie one behind the other.

    Args:
        curve: a traced curve.
    """
    places = np.arange(len(curve.arcs))
    order = places if is_even(curve) else np.argsort(np.log(curve.curvatures).sum(axis=1), kind="stable")
    found = np.empty(len(order), np.int64)
    found[order] = 1 + QUARTERS * places // len(places)
    return found


def quarter_of(curve: SurfaceCurve, states: FloatArray) -> NDArray[np.int64]:
    """Number of the quarter, 1 to 4, of the point of the curve nearest to each of the states (points, dim).

    Args:
        curve: a traced curve.
        states: (points, dim).
    """
    return quarters(curve)[nearest_points(curve, states)]


def share_curves(curve: SurfaceCurve, laws: Sequence[SurfaceLaw], looseness: float = 0.0) -> list[Curve]:
    """Share of time in each of the `quarters` by each law; one without heat is all where its Phi is least.

    Args:
        curve: closed or between walls.
        laws: to be laid side by side.
        looseness: variance across the surface, or of a kick, over the square of the length on which the surface bends
            or its Hessian changes (`looseness`). The remainder is half of that times sqrt(p (1 - p)), which holds the
            bias that simulations show on an ellipse and a valley; a law is in range while it is at most 1/20.
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
    """Largest variance x (bend^2 + (d log a / ds)^2) on the curve, a any normal curvature; 0 is the limit of the laws.

    Args:
        curve: traced.
        variance: a number or one a point (points,): of the motion across the surface, theta / a when it is soft and
            theta with label noise; of a kick, 2 theta dt.
    """
    slopes = np.gradient(np.log(curve.curvatures), curve.arcs[1], axis=0)
    return float(np.max(variance * (curve.bends**2 + (slopes**2).max(axis=1))))


def _varies(levels: FloatArray) -> bool:
    return bool(np.ptp(levels) > LEVEL * np.abs(levels).max())


def _share(
    curve: SurfaceCurve, law: SurfaceLaw, parts: NDArray[np.int64], loose: float, part: float
) -> Prediction:
    """Share of one quarter, its error from half the points and from looseness."""
    if law.heat == 0:
        return Prediction(float(parts[law.potential(curve.curvatures).argmin()] == part))
    share = min(1.0, float(_masses(curve, law)[parts == part].sum()))
    coarse = float(_masses(curve, law, 2)[parts[::2] == part].sum())
    remainder = abs(share - coarse) + loose * math.sqrt(share * (1 - share)) / 2
    return Prediction(share, remainder, loose <= TIGHT)


def _masses(curve: SurfaceCurve, law: SurfaceLaw, every: int = 1) -> FloatArray:
    """Share of every so many points of the curve under a law with heat."""
    levels = law.potential(curve.curvatures[::every])
    masses = np.exp((levels.min() - levels) / law.heat) * _widths(curve, every)
    return np.asarray(masses / masses.sum())


def _widths(curve: SurfaceCurve, every: int = 1) -> FloatArray:
    """Length that belongs to each point; half a gap at the ends of a curve that is not closed."""
    widths = np.full(len(curve.arcs[::every]), every * curve.arcs[1])
    if not curve.closed:
        widths[[0, -1]] *= 0.5
    return widths
