"""The generator of motion along any surface r(x) = 0: how fast means of functions change, and the usual functions.

A law of motion (`laws`) is dx = -theta grad Phi dt + sqrt(2 theta heat) dW, with W Brownian motion on the
surface. So

    d E g / dt = E L g,    L g = -theta grad Phi . grad g + theta heat Lap g,

with gradients along the surface and Lap the Laplace-Beltrami operator (E. P. Hsu, Stochastic Analysis on Manifolds,
2002, chapter 3). Let t_i be orthonormal tangents at x, and c_i(h) the point of the surface at x + h t_i plus a normal
vector at x; this curve is a geodesic to second order. Then

    grad g . t_i = (g(c_i(h)) - g(c_i(-h))) / 2h,    Lap g = sum_i (g(c_i(h)) + g(c_i(-h)) - 2 g(x)) / h^2,

with errors even in h, which Richardson extrapolation reduces. Phi and g are evaluated at the same points.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, UsageError, unfit
from langevin.landscapes.closed_forms import power_of
from langevin.theory.surfaces.drift import (
    log_det_normal_hessian,
    normal_curvatures,
    tangents,
    trace_normal_hessian,
)
from langevin.theory.surfaces.geometry import FOUND, distances, moved_on_surface, surface_shape
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.types import FloatArray, Landscape

#: Function of states (points, dim), values (points,).
Observable = Callable[[FloatArray], FloatArray]
#: The longest difference over the length on which the surface changes, and the number of halvings.
LONGEST, LEVELS = 0.1, 8
#: Round-off of a value, in units of the spacing of floats: from the kernels and from the retraction.
ROUNDING = 4.0
#: Number of coordinates that are used as quantities.
FIRST = 3


@dataclass(frozen=True)
class Change:
    """L g by differences: `drift` -theta grad Phi . grad g and `heat` theta heat Lap g, with a bound on round-off.

    They are (points, levels), NaN if a neighbour has no value; `gradient` (points, levels, dim) is the gradient of g
    along the surface.
    """

    drift: FloatArray
    heat: FloatArray
    noise: FloatArray
    gradient: FloatArray

    @property
    def total(self) -> FloatArray:
        """L g (points, levels)."""
        return self.drift + self.heat


def mean_rate(
    manifold: Landscape, points: ArrayLike, law: SurfaceLaw, temperature: float, function: Observable
) -> tuple[FloatArray, FloatArray]:
    """L g at points of a surface, the rate of change of the mean of g for walkers there, and its numerical error.

    Args:
        manifold: a surface, with a residual and a Jacobian; its walls are ignored.
        points: on the surface, (points, dim).
        law: `projection_law` or `noise_law`.
        temperature: theta; D of power-law noise, eta sigma^2 / 2 of label noise.
        function: g, smooth, from states (points, dim) on the surface to values (points,).

    Returns:
        Rates (points,) and bounds on their error (points,): the change from one difference to the next, and round-off.

    Raises:
        UsageError: the temperature is not positive, the values of the function have another shape, or the points are
            not on the surface or have another shape.
        NumericalError: the equations depend on one another, or no difference has a value.
    """
    places = checked(manifold, points, temperature)
    lengths = np.array([surface_shape(manifold, place).length for place in places])
    steps = LONGEST * lengths[:, None] * 0.5 ** np.arange(LEVELS)
    change = differences(manifold, places, law, temperature, function, steps)
    return extrapolated(manifold, change)


def extrapolated(manifold: Landscape, change: Change) -> tuple[FloatArray, FloatArray]:
    """L g (points,) from halved steps by Richardson, at the step of the smallest change, and a bound on its error.

    Args:
        manifold: the surface, which is named in the error.
        change: differences at points of the surface, with halved steps along the axis of the levels.
    """
    table = change.total
    better = (4 * table[:, 1:] - table[:, :-1]) / 3
    doubt = np.abs(np.diff(better, axis=1)) + change.noise[:, 2:]
    doubt = np.where(np.isfinite(doubt), doubt, np.inf)
    best = (np.arange(len(table)), doubt.argmin(axis=1))
    if not np.isfinite(doubt[best]).all():
        raise NumericalError(
            f"the rate of a mean on {manifold.name} was not found",
            allowed="equations, law and function must have values near the points",
        )
    return better[:, 1:][best], doubt[best]


def differences(
    manifold: Landscape,
    places: FloatArray,
    law: SurfaceLaw,
    temperature: float,
    function: Observable,
    steps: FloatArray,
) -> Change:
    """L g by plain differences at points (points, dim) of the surface with steps (points, levels).

    Args:
        manifold: a surface, with a residual and a Jacobian.
        places: points of the surface, (points, dim).
        law: of the step.
        temperature: theta.
        function: g, from states (points, dim) to values (points,).
        steps: lengths of the steps, (points, levels).
    """
    count, levels = steps.shape
    directions = tangents(manifold, places)
    h = steps[:, :, None]
    moves = np.multiply.outer([1.0, -1.0], h[..., None] * directions[:, None])
    moves = np.moveaxis(moves, 0, 2)  # (points, levels, sides, tangents, dim)
    shape = moves.shape
    sides = moved_on_surface(manifold, places, moves.reshape(count, -1, manifold.dim)).reshape(shape)
    here = values_of(function, places)[:, None, None]
    g = _side_values(function, sides)
    phi = _side_values(lambda states: law.potential(normal_curvatures(manifold, states)), sides)
    gradient, falls = ((side[:, :, 0] - side[:, :, 1]) / (2 * h) for side in (g, phi))
    drift = -temperature * (gradient * falls).sum(axis=2)
    heat = np.zeros_like(drift)
    if law.heat:
        heat = temperature * law.heat * ((g[:, :, 0] - here) + (g[:, :, 1] - here)).sum(axis=2) / steps**2
    unit = ROUNDING * np.finfo(float).eps
    slope = np.linalg.norm(gradient, axis=2)
    dim = directions.shape[1]
    value = np.abs(here[:, :, 0]) + slope * np.linalg.norm(places, axis=1)[:, None]
    level = np.abs(phi).max(axis=(2, 3))
    noise = temperature * unit * (dim * law.heat * value / steps + slope * level * np.sqrt(dim)) / steps
    noise += temperature * unit * value * np.linalg.norm(falls, axis=2) * np.sqrt(dim) / steps
    return Change(drift, heat, noise, gradient @ directions)


def values_of(function: Observable, states: FloatArray) -> FloatArray:
    """Values (points,) of a user-defined function.

    Args:
        function: from states (points, dim) to values (points,).
        states: (points, dim).

    Raises:
        UsageError: the values have another shape.
    """
    values = np.asarray(function(states), np.float64)
    if values.shape != (len(states),):
        raise unfit(
            "a function of states (points, dim)",
            "must have values (points,)",
            f"{values.shape} for {states.shape}",
        )
    return values


def checked(manifold: Landscape, points: ArrayLike, temperature: float) -> FloatArray:
    """The points (points, dim), checked to be on the surface, with a temperature above 0; raises as `mean_rate`.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        points: (points, dim).
        temperature: theta.
    """
    if not 0 < temperature < np.inf:
        raise unfit("temperature", "must be positive and finite", f"{temperature}")
    places = np.asarray(points, np.float64)
    normal_curvatures(manifold, places)
    if not (distances(manifold, places) <= FOUND * np.linalg.norm(places, axis=1)).all():
        raise UsageError(
            f"a point is not on the surface of {manifold.name}",
            "points of the surface",
            "bring it there by on_surface",
        )
    return places


def _side_values(function: Observable, sides: FloatArray) -> FloatArray:
    """Values (points, levels, sides, tangents); NaN at a level at which the function raises an error."""
    values = np.full(sides.shape[:-1], np.nan)
    for level in range(sides.shape[1]):
        known = np.isfinite(sides[:, level]).all(axis=-1)
        if not known.any():
            continue
        with suppress(UsageError, NumericalError):
            values[:, level][known] = values_of(function, sides[:, level][known])
    return values


def quantities_of(landscape: Landscape) -> dict[str, Observable]:
    """Functions of states (walkers, dim) on the set to numbers (walkers,), by name.

    Args:
        landscape: a landscape with a zero-loss set.
    """
    found: dict[str, Observable] = {
        "tr H": partial(trace_normal_hessian, landscape),
        "log det H": partial(log_det_normal_hessian, landscape),
    }
    return found | {moment.name: moment.function for moment in landscape.facts.moments}


def coordinates_of(landscape: Landscape) -> dict[str, Observable]:
    """The coordinates of `shown_coordinates` of states (walkers, dim), by name."""
    return {f"x_{i + 1}": power_of(i, 1) for i in shown_coordinates(landscape)}


def shown_coordinates(landscape: Landscape) -> list[int]:
    """Places of the first coordinates; under a constant force also of that along which the force is strongest."""
    first = list(range(min(FIRST, landscape.dim)))
    slope = landscape.facts.slope
    strongest = 0 if slope is None else int(np.argmax(np.abs(slope)))
    return first if strongest in first else [*first, strongest]


def means_of(landscape: Landscape) -> dict[str, Observable]:
    """The functions of a surface with known means, by name; if there are none, squares of the first coordinates."""
    known = {moment.name: moment.function for moment in landscape.facts.moments}
    return known or {f"x_{i + 1}^2": power_of(i, 2) for i in range(min(FIRST, landscape.dim))}
