"""First passage along a closed curve, also in a field: a line between the two edges of the target.

Motion along a curve r(x) = 0 is dx = -(theta Phi' + U') dt + sqrt(2 theta heat) dW in its length x, with the potential
Phi of the step (`surfaces.laws`) and a field U. So the scale is s = exp((Phi + U / theta) / heat), and the speed is
1 / (theta heat s). A walker on a closed curve reaches the target at one of two edges, and between them the curve is a
line (`scale_and_speed`).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.targets import targets_of
from langevin.theory.escape.any_line import EDGE, MOST_STEPS
from langevin.theory.escape.scale_and_speed import Logarithm, mean_time, reached_first
from langevin.theory.surfaces.curve import SurfaceCurve, arc_positions
from langevin.theory.surfaces.drift import normal_curvatures
from langevin.theory.surfaces.fields import height_of
from langevin.theory.surfaces.generator import values_of
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.types import FloatArray, Landscape, Prediction

#: The point (points, dim) of a curve at each length (points,), counted on past its end.
Way = Callable[[FloatArray], FloatArray]


def curve_edges(
    landscape: Landscape, curve: SurfaceCurve, start: FloatArray
) -> tuple[float, float, float, list[int]] | None:
    """Where a walker on a closed curve meets a target: lengths along the curve, counted on past its end.

    Args:
        landscape: the curve r(x) = 0, with one or more targets.
        curve: the same, traced and closed.
        start: of the walker, (dim,).

    Returns:
        The lengths of the edge behind the start, of the start, and of the edge ahead, and the numbers of the two
        targets there; None if the start is in a target or no target is met.

    Raises:
        UsageError: the curve is not closed.
    """
    if not curve.closed:
        raise UsageError(f"the curve {curve.name} is not closed", "a closed curve", "take one that closes")
    way, first = _way_on(curve), float(arc_positions(curve, start[None])[0])
    met = [_edge(landscape, way, first, side, curve.length) for side in (-1, 1)]
    if met[0] is None or met[1] is None or met[0][0] == first:
        return None
    return met[0][0], first, met[1][0], [met[0][1], met[1][1]]


def curve_passage_time(
    landscape: Landscape,
    curve: SurfaceCurve,
    law: SurfaceLaw,
    temperature: float,
    ends: tuple[float, float, float],
) -> Prediction:
    """Mean time from a start on a closed curve to its target, by quadrature.

    Args:
        landscape: the curve r(x) = 0, in a field or not.
        curve: the same, traced and closed.
        law: of the step along it, with heat.
        temperature: theta.
        ends: lengths of the edge behind the start, of the start, and of the edge ahead (`curve_edges`).

    Raises:
        UsageError: the law has no heat, or the field is not finite on the curve.
        NumericalError: the quadrature did not settle, or the time is beyond the range of floats.
    """
    lower, start, upper = ends
    log_scale = _log_scale(landscape, curve, law, temperature)
    speed = math.log(temperature * law.heat)
    return mean_time(log_scale, lambda arcs: -log_scale(arcs) - speed, start, (lower, upper))


def curve_share(
    landscape: Landscape,
    curve: SurfaceCurve,
    law: SurfaceLaw,
    temperature: float,
    ends: tuple[float, float, float],
) -> Prediction:
    """Probability that a walker on a closed curve meets the edge ahead first; arguments as `curve_passage_time`.

    Args:
        landscape: the curve r(x) = 0, in a field or not.
        curve: the same, traced and closed.
        law: of the step along it, with heat.
        temperature: theta.
        ends: lengths of the edge behind the start, of the start, and of the edge ahead (`curve_edges`).
    """
    lower, start, upper = ends
    return reached_first(_log_scale(landscape, curve, law, temperature), start, upper, lower)


def _log_scale(landscape: Landscape, curve: SurfaceCurve, law: SurfaceLaw, temperature: float) -> Logarithm:
    if law.heat == 0:
        raise UsageError(
            f"the law {law.name!r} has no heat along the curve", "a law with heat", "take another step"
        )
    way, height = _way_on(curve), height_of(landscape)

    def log_scale(arcs: FloatArray) -> FloatArray:
        places = way(arcs)
        levels = law.potential(normal_curvatures(landscape, places))
        if height is not None:
            levels = levels + values_of(height, places) / temperature
        if not np.isfinite(levels).all():
            raise UsageError(
                f"the field on {landscape.name} is not finite at a point of the curve",
                "a field that is finite on the whole curve",
                "change the field",
            )
        return np.asarray(levels / law.heat)

    return log_scale


def _way_on(curve: SurfaceCurve) -> Way:
    from scipy.interpolate import CubicSpline

    arcs = np.append(curve.arcs, curve.length)
    spline = CubicSpline(arcs, np.concatenate([curve.points, curve.points[:1]]), bc_type="periodic")
    return lambda places: np.asarray(spline(places))


def _edge(landscape: Landscape, way: Way, first: float, side: int, length: float) -> tuple[float, int] | None:
    """Length of the first point of a target on one side, and the number of the target; None if there is none.

    A step is as long as the distance to the nearest target: the curve is at least as long as its chord.
    """
    arc = first
    for _ in range(MOST_STEPS):
        left = _distances(landscape, way(np.array([arc])))
        if left.min() <= EDGE * max(1.0, abs(arc)):
            return arc, int(left.argmin())
        arc += side * float(left.min())
        if not abs(arc - first) < length:
            return None
    return None


def _distances(landscape: Landscape, place: FloatArray) -> FloatArray:
    """Signed distances (targets,) from a point (1, dim) to each target."""
    kernels = targets_of(landscape)
    out = np.empty((len(kernels), 1))
    for kernel, row in zip(kernels, out):
        kernel(np.ascontiguousarray(place.T), row, landscape.parameters)
    return out[:, 0]
