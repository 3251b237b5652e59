"""Means of the stationary distribution in a field U on a sphere, in a box and along a curve; density exp(-U / theta).

On a sphere of radius R in n dimensions a constant force F has the law exp(kappa cos) of von Mises and Fisher, with
kappa = F R / theta, and E cos = I_(n/2)(kappa) / I_(n/2 - 1)(kappa), in three dimensions coth(kappa) - 1 / kappa (K. V.
Mardia and P. E. Jupp, Directional Statistics, 2000, section 9.3). In a box each coordinate has the density
exp(-g x / theta) between its walls.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import unfit
from langevin.landscapes.evaluate import evaluate
from langevin.theory.surfaces.curve import SurfaceCurve
from langevin.theory.surfaces.drift import tangents
from langevin.theory.surfaces.generator import Observable, values_of
from langevin.theory.surfaces.geometry import places_about, surface_shape
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.types import FloatArray, Landscape, Prediction, Setting

#: Terms of the continued fraction beyond kappa, and the largest kappa.
TERMS, LARGEST = 100, 1e6
#: Exponent over a box below which its law is expanded around the uniform one, to second order.
FLAT = 1e-4
#: Concentration below which E cos^2 is that of the uniform distribution.
SMALL = 1e-6


def fisher_cosine(kappa: float, dim: int) -> float:
    """Mean cosine to the axis under exp(kappa cos) on a sphere in `dim` dimensions.

    By the continued fraction I_(v+1) / I_v = 1 / (2 (v + 1) / kappa + 1 / (2 (v + 2) / kappa + ...)), whose terms are
    all positive (W. Gautschi and J. Slavik, Math. Comp. 32 (1978) 865).

    Args:
        kappa: concentration, at least 0.
        dim: of the space, at least 2.

    Raises:
        UsageError: a number out of range.
    """
    if not 0.0 <= kappa <= LARGEST or dim < 2:
        raise unfit("fisher_cosine", f"needs kappa from 0 to {LARGEST:g} and dim >= 2", f"{kappa}, {dim}")
    order, ratio = 0.5 * dim - 1.0, 0.0
    for term in range(int(2.0 * kappa) + TERMS, 0, -1):
        ratio = kappa / (2.0 * (order + term) + kappa * ratio)
    return ratio


def fisher_spreads(kappa: float, dim: int) -> tuple[float, float]:
    """Sizes of the fluctuations along the axis and across it under exp(kappa cos), over the radius.

    Along: the standard deviation of cos, times sqrt((dim - 1) / 2) above three dimensions, because a step that is too
    coarse by a fraction e changes the mean of cos by e times that at large kappa. Across: that of one coordinate. With
    A = E cos, E cos^2 = 1 - (dim - 1) A / kappa (Mardia and Jupp, section 9.3).

    Args:
        kappa: concentration, at least 0.
        dim: of the space, at least 2.
    """
    mean = fisher_cosine(kappa, dim)
    square = 1.0 / dim if kappa < SMALL else 1.0 - (dim - 1) * mean / kappa
    along = math.sqrt(max(square - mean**2, 0.0) * max(1.0, 0.5 * (dim - 1)))
    return along, math.sqrt((1.0 - square) / (dim - 1))


def box_means(slope: ArrayLike, lower: ArrayLike, upper: ArrayLike, temperature: float) -> FloatArray:
    """Mean of each coordinate (dim,) in a box with the linear potential slope . x.

    Args:
        slope: gradient g, (dim,).
        lower: corner of the box, (dim,).
        upper: the opposite corner.
        temperature: theta.
    """
    low, sides = np.asarray(lower, float), np.asarray(upper, float) - np.asarray(lower, float)
    rates = np.asarray(slope, float) * sides / temperature
    safe = np.where(np.abs(rates) < FLAT, 1.0, rates)
    with np.errstate(over="ignore"):
        shares = np.where(np.abs(rates) < FLAT, 0.5 - rates / 12.0, 1.0 / safe - 1.0 / np.expm1(safe))
    means: FloatArray = low + sides * shares
    return means


def curve_mean(
    curve: SurfaceCurve,
    law: SurfaceLaw,
    temperature: float,
    potential: Observable | None,
    function: Observable,
) -> Prediction:
    """Mean of a function along a curve under exp(-(Phi + U / theta) / heat); remainder from half of the points.

    Args:
        curve: traced, closed or between walls.
        law: a law with heat.
        temperature: theta.
        potential: U, states (points, dim) to (points,); none if absent.
        function: states (points, dim) to values (points,).
    """
    levels = law.potential(curve.curvatures)
    if potential is not None:
        levels = levels + values_of(potential, curve.points) / temperature
    masses, values = np.exp((levels.min() - levels) / law.heat), values_of(function, curve.points)
    if not curve.closed:
        masses[[0, -1]] *= 0.5
    whole, half = (float(np.average(values[::k], weights=masses[::k])) for k in (1, 2))
    return Prediction(whole, abs(whole - half))


def height_of(landscape: Landscape) -> Observable | None:
    """The field U as a function of states (points, dim); None without a field."""
    field = landscape.field
    return None if field is None else lambda states: evaluate(field, "value", states)


def looseness_of_kicks(setting: Setting) -> float:
    """Variance of a kick over the square of the length of change, and dt x curvature of U; 0 for exact steps."""
    law, landscape = setting.case.law, setting.case.landscape
    if law is None or law.exact:
        return 0.0
    shapes = (surface_shape(landscape, place) for place in places_about(landscape))
    rate = max(float(np.max(shape.bends**2 + shape.changes**2)) for shape in shapes)
    return 2.0 * setting.temperature * setting.dt * rate + steepness(setting)


def steepest_along(landscape: Landscape) -> float:
    """Largest slope of the field along a surface, at points of a walk on it; 0 without a field."""
    if landscape.field is None:
        return 0.0
    places = places_about(landscape)
    slopes = evaluate(landscape.field, "gradient", places)
    along = np.einsum("ptd,pd->pt", tangents(landscape, places), slopes)
    return float(np.max(np.linalg.norm(along, axis=1)))


def steepness(setting: Setting) -> float:
    """dt x the largest curvature of the field: the relative error of its law; 0 if the law of the step is exact."""
    field, law = setting.case.landscape.field, setting.case.law
    if field is None or (law is not None and law.exact):
        return 0.0
    return setting.dt * math.fabs(field.stiffness(setting.temperature))
