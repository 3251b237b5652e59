"""The equations of a surface at given points, and two ways from the points to the surface: in NumPy, for a few points.

Gauss-Newton steps end near the nearest point. The gradient flow of |r|^2 / 2 is motion at temperature 0, followed to a
stated tolerance.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, UsageError, unfit
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape

MOST_STEPS = 100
MOST_HALVINGS = 30
#: A step this small, relative to the point and to the first step, is the last one.
SETTLED = 1e-14
#: If the equations depend on one another, a step leaves more than this fraction of the residual.
UNREACHED = 0.5
#: Allowed error of one step of the flow over the tolerance: along the surface the errors of about a hundred steps add
#: up.
STEP_SHARE = 0.02
#: The flow is followed until the remaining distance is this times the root of the tolerance, in units of the distance
#: at the start. The slide along the surface that is then left is of second order in the remaining distance.
LEFT = 0.02
#: The longest flow, in units of the time constant of its fastest direction at the start.
LONGEST = 1e5
#: A point this close to the surface, relative to its size, is brought to the surface directly.
ON_SURFACE = 1e-12
MOST_TOLERANCE, LEAST_TOLERANCE = 1e-2, 1e-10


def equations_at(manifold: Landscape, states: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals (points, codim) and Jacobians (points, codim, dim) at states (points, dim).

    They are not finite if the equations are not defined. The kernels run as plain Python: some microseconds for each
    number.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        states: (points, dim).
    """
    if not manifold.is_surface:
        raise UsageError(
            f"{manifold.name} has no residual map, so it is no surface",
            "a surface",
            "give a manifold that is r(x) = 0",
        )
    return evaluate(manifold, "residual", states), evaluate(manifold, "jacobian", states)


def project_to(manifold: Landscape, place: ArrayLike) -> FloatArray:
    """Bring points onto the surface r(x) = 0 by Gauss-Newton steps. A step is halved until |r| falls.

    For points near the surface the result is close to the nearest point of the surface.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        place: the points, (dim,) or (points, dim).

    Raises:
        UsageError: the manifold is a body without equations, or the points have another shape.
        NumericalError: the steps from a point do not reach the surface.
    """
    points = np.array(place, np.float64)
    if points.ndim not in (1, 2) or points.shape[-1] != manifold.dim or not np.isfinite(points).all():
        raise unfit("project_to", f"needs finite points of shape ({manifold.dim},)", f"{points.shape}")
    for row in points.reshape(-1, manifold.dim):
        row[:] = _projected(manifold, row)
    return points


def flow_to(manifold: Landscape, points: ArrayLike, tolerance: float = 1e-6) -> FloatArray:
    """Ends of the gradient flow dy/ds = -J(y)^T r(y) from given points, on the zero-loss set r = 0.

    LSODA (L. Petzold, SIAM J. Sci. Stat. Comput. 4 (1983) 136) integrates the flow, and changes to an implicit method
    if the flow is stiff. It stops when the point is close enough to the surface for `project_to`. A point takes about a
    tenth of a second, and up to some seconds with stiff equations and a fine tolerance, because the kernels run as
    plain Python. `theory.surfaces.on_surface` is much faster, and exact to second order in the distance for one
    equation.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        points: (dim,) or (points, dim); they may be far from the surface.
        tolerance: error of the end point over the distance of the point from the surface, to first order; 1e-10 to
            1e-2.

    Returns:
        The end points, in the shape of `points`; a point on the surface stays where it is.

    Raises:
        UsageError: a body without equations, points of another shape or not finite, or another tolerance.
        NumericalError: the flow does not reach the surface: it ends in a minimum of the loss above 0, leaves the region
            where the equations are defined, or is too slow.
    """
    starts = np.array(points, np.float64)
    if not LEAST_TOLERANCE <= tolerance <= MOST_TOLERANCE:
        raise unfit("tolerance", f"must be from {LEAST_TOLERANCE:g} to {MOST_TOLERANCE:g}", f"{tolerance}")
    if starts.ndim not in (1, 2) or starts.shape[-1] != manifold.dim or not np.isfinite(starts).all():
        raise unfit("flow_to", f"needs finite points of shape (points, {manifold.dim})", f"{starts.shape}")
    for row in starts.reshape(-1, manifold.dim):
        row[:] = _end(manifold, row, tolerance)
    return starts


def _projected(manifold: Landscape, start: FloatArray) -> FloatArray:
    x, longest = start, 0.0
    for _ in range(MOST_STEPS):
        r, J = (array[0] for array in equations_at(manifold, x[None]))
        if not (np.isfinite(r).all() and np.isfinite(J).all()):
            break
        step = -np.linalg.lstsq(J, r, rcond=None)[0]
        if np.linalg.norm(r + J @ step) > UNREACHED * np.linalg.norm(r):
            break
        length = float(np.linalg.norm(step))
        longest = max(longest, length)
        if length <= SETTLED * (longest + float(np.linalg.norm(x))):
            return x + step if _falls(manifold, x, step, r) else x
        for _ in range(MOST_HALVINGS):
            if _falls(manifold, x, step, r):
                break
            step = 0.5 * step
        x = x + step
    raise NumericalError(
        f"no point of r(x) = 0 of {manifold.name} was found from {np.array2string(start, threshold=8)}",
        remedy="begin closer "
        "to the surface, and see that the equations have a real solution and do not follow from one another",
    )


def _falls(manifold: Landscape, x: FloatArray, step: FloatArray, r: FloatArray) -> bool:
    """Whether |r| is smaller after the step."""
    after = equations_at(manifold, (x + step)[None])[0][0]
    return bool(np.linalg.norm(after) < np.linalg.norm(r))


def _end(manifold: Landscape, start: FloatArray, tolerance: float) -> FloatArray:
    from scipy.integrate import solve_ivp

    def at(place: FloatArray) -> tuple[FloatArray, FloatArray]:
        r, J = equations_at(manifold, place[None])
        return r[0], J[0]

    def distance(place: FloatArray) -> float:
        """Distance to first order; infinite if no step reduces r to 0, as at a minimum of the loss above 0."""
        r, J = at(place)
        if not (np.isfinite(r).all() and np.isfinite(J).all()):
            return math.inf
        step = np.linalg.lstsq(J, r, rcond=None)[0]
        reached = np.linalg.norm(r - J @ step) <= UNREACHED * np.linalg.norm(r)
        return float(np.linalg.norm(step)) if reached else math.inf

    def slope(time: float, place: FloatArray) -> FloatArray:
        r, J = at(place)
        return np.asarray(-J.T @ r)

    def curvature(time: float, place: FloatArray) -> FloatArray:
        J = at(place)[1]
        return np.asarray(-J.T @ J)

    way = distance(start)
    if way <= ON_SURFACE * float(np.linalg.norm(start)):
        return project_to(manifold, start)
    close = LEFT * math.sqrt(tolerance) * way

    def arrived(time: float, place: FloatArray) -> float:
        return min(distance(place), LONGEST * way) - close  # a finite number, for the root finder

    arrived.terminal = True  # type: ignore[attr-defined]
    fastest = float(np.linalg.norm(at(start)[1], 2)) ** 2 if math.isfinite(way) else 0.0
    if not 0.0 < fastest < math.inf:
        raise NumericalError(_lost(manifold, start))
    step = STEP_SHARE * tolerance
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        flow = solve_ivp(
            slope, (0.0, LONGEST / fastest), start, "LSODA", events=arrived, jac=curvature,
            rtol=max(step, 1e-13), atol=step * way,
        )  # fmt: skip
    if flow.status != 1:
        raise NumericalError(_lost(manifold, start))
    return project_to(manifold, flow.y[:, -1])


def _lost(manifold: Landscape, start: FloatArray) -> str:
    return (
        f"the gradient flow of {manifold.name} from {np.array2string(start, threshold=8)} does not reach r = 0: it "
        "ends at a minimum above 0, or at a place without a loss, or is too slow; begin closer to the surface"
    )
