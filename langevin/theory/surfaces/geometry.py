"""The geometry of a surface r(x) = 0: its points, many at once in NumPy, and how it bends at a point.

To second order in the distance d from the surface, `on_surface` ends at the end of the flow dy/ds = -J^T r. For a
displacement d along the eigenvector n of J^T J with the eigenvalue a, this flow slides by -d^2 grad a / (4 a) along the
surface. A Gauss-Newton step y - J(y)^+ r(y) slides twice as far (d^2 P[n, n], `laws`). A step with J at the middle
point slides half as far as the latter. So for soft and label-noise walks, means of functions of the end point follow
the law of motion along the surface from the start on: there is no burn-in across the surface.

With J = sum_k s_k u_k n_k^T (singular values) and D_j = dJ/dx along the orthonormal tangent t_j, the normal curvature
of the loss is a_k = s_k^2, and its slope along t_j is 2 s_k u_k . D_j n_k. The second fundamental form along n_k is
-u_k . D_j t_i / s_k; this follows from r = 0, differentiated twice along a curve of the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, unfit
from langevin.landscapes.starts import usual_point
from langevin.theory.surfaces.drift import DEPENDENT, _equations, normal_curvatures, tangents
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.types import FloatArray, Landscape

#: Number of states in a batch; their Jacobians then take some megabytes.
PART = 4096
#: A Newton step this small, relative to the point, is the last one: the remaining error is its square.
NEWTON_SETTLED, NEWTON_STEPS = 1e-7, 12
#: A step along fixed normals this small is the last one. Steps that no longer halve are round-off if below `FOUND`.
CHORD_SETTLED, CHORD_STEPS, FOUND = 1e-15, 60, 1e-10
#: Steps of the walk, and their length over |x| at the start, each up to twice that.
STEPS, STRIDE = 40, 0.4
#: Difference over |x|, and upper limit of the length over |x| on which a surface changes.
REACH, LONGEST_LENGTH = 1e-3, 10.0
#: Relative difference of a curvature for the slope of the potential of a law.
SHARE = 1e-3


def on_surface(manifold: Landscape, states: ArrayLike) -> FloatArray:
    """Bring many states near the surface onto it, to second order as the gradient flow of |r|^2 / 2 does.

    Args:
        manifold: with a residual and a Jacobian.
        states: (points, dim).

    Raises:
        UsageError: the manifold is a body, or the points have another shape or are not finite.
        NumericalError: no point of the surface was found for one of the points.
    """
    places = np.array(states, np.float64)
    if places.ndim != 2 or places.shape[1] != manifold.dim or not np.isfinite(places).all():
        raise unfit(
            "the places", f"must be finite points of shape (points, {manifold.dim})", f"{places.shape}"
        )
    for first in range(0, len(places), PART):
        part = slice(first, first + PART)
        places[part] = _returned(manifold, places[part])
    return places


def _returned(manifold: Landscape, places: FloatArray) -> FloatArray:
    """Points of the surface (points, dim); if Newton steps fail for a point, `project_to` finds it."""
    from langevin.landscapes.projection import project_to

    residuals, jacobians = _equations(manifold, places)
    half_way = _equations(manifold, places - _newton(jacobians, residuals) / 2)[1]
    ends = places - _newton(half_way, residuals)
    found = np.zeros(len(places), np.bool_)
    active = np.flatnonzero(np.isfinite(ends).all(axis=1))
    for _ in range(NEWTON_STEPS):
        if not active.size:
            break
        residuals, jacobians = _equations(manifold, ends[active])
        steps = _newton(jacobians, residuals)
        ends[active] -= steps
        lengths, sizes = np.linalg.norm(steps, axis=1), np.linalg.norm(ends[active], axis=1)
        found[active] = lengths <= NEWTON_SETTLED * sizes
        active = active[np.isfinite(lengths) & ~found[active]]
    if not found.all():
        ends[~found] = project_to(manifold, places[~found])
        if not (distances(manifold, ends[~found]) <= FOUND * np.linalg.norm(ends[~found], axis=1)).all():
            raise NumericalError(
                f"no point of r(x) = 0 of {manifold.name} was found from a state, or its equations depend on one "
                "another there",
                remedy="begin closer to the surface",
            )
    return ends


def distances(manifold: Landscape, places: FloatArray) -> FloatArray:
    """Distances (points,) from the surface, to first order.

    Args:
        manifold: a surface, with a residual and a Jacobian.
        places: positions, (points, dim).
    """
    residuals, jacobians = _equations(manifold, places)
    return np.asarray(np.linalg.norm(_newton(jacobians, residuals), axis=1))


def _newton(jacobians: FloatArray, residuals: FloatArray) -> FloatArray:
    """J^+ r (points, dim), NaN if the equations are not defined or depend on one another."""
    steps: FloatArray = np.einsum("pij,pj->pi", _pseudo_inverses(jacobians), residuals)
    return steps


def _pseudo_inverses(jacobians: FloatArray) -> FloatArray:
    """J^T (J J^T)^-1 (points, dim, codim), NaN as in `_newton`."""
    squares = jacobians @ jacobians.swapaxes(1, 2)
    known = np.asarray(np.isfinite(squares).all(axis=(1, 2)))
    known[known] = np.linalg.slogdet(squares[known])[0] != 0
    inverses = np.full_like(jacobians.swapaxes(1, 2), np.nan)
    inverses[known] = np.linalg.solve(squares[known], jacobians[known]).swapaxes(1, 2)
    return inverses


def moved_on_surface(manifold: Landscape, bases: FloatArray, moves: FloatArray) -> FloatArray:
    """Points of the surface bases + moves + normal vectors at the bases (points, moves, dim), NaN if not found.

    Along a tangent the points lie on a curve that is a geodesic to second order. The normals are fixed, so a step only
    needs the residual.

    Args:
        manifold: with a residual and a Jacobian.
        bases: points of the surface, (points, dim).
        moves: displacements, (points, moves, dim).
    """
    count, many, dim = moves.shape
    returns = _pseudo_inverses(_equations(manifold, bases)[1])
    owners = np.repeat(np.arange(count), many)
    ends = (bases[:, None] + moves).reshape(-1, dim)
    sizes = np.linalg.norm(ends, axis=1)
    latest = np.full(len(ends), np.inf)
    active = np.arange(len(ends))
    for _ in range(CHORD_STEPS):
        if not active.size:
            break
        residuals = _residuals(manifold, ends[active])
        steps = np.einsum("pij,pj->pi", returns[owners[active]], residuals)
        lengths = np.linalg.norm(steps, axis=1)
        better = lengths < latest[active] / 2
        ends[active[better]] -= steps[better]
        latest[active] = np.fmin(lengths, latest[active])
        active = active[better & (lengths > CHORD_SETTLED * sizes[active])]
    ends[~(latest <= FOUND * sizes)] = np.nan
    return ends.reshape(moves.shape)


def places_about(landscape: Landscape) -> FloatArray:
    """The usual start and the points of a walk (points, dim), the same for the same surface.

    A step without a retraction to the surface is left out.
    """
    generator = np.random.default_rng(0)
    place = on_surface(landscape, usual_point(landscape)[None])[0]
    size, found = float(np.linalg.norm(place)) or 1.0, [place]
    for _ in range(STEPS):
        try:
            along = tangents(landscape, place[None])[0]
            way = generator.standard_normal(len(along)) @ along
            length = 2.0 * STRIDE * size * generator.uniform()
            place = on_surface(landscape, (place + length * way / np.linalg.norm(way))[None])[0]
            found.append(place)
        except NumericalError:
            continue
    return np.array(found)


def _residuals(manifold: Landscape, places: FloatArray) -> FloatArray:
    """Residuals (points, codim) without Jacobians."""
    out = np.empty((manifold.codim, len(places)))
    assert manifold.residual is not None
    with np.errstate(all="ignore"):
        manifold.residual(np.ascontiguousarray(places.T), out, manifold.parameters)
    return out.T


@dataclass(frozen=True)
class SurfaceShape:
    """A surface at a point.

    curvatures  (codim,)            a_k, eigenvalues of J J^T, descending
    slopes      (codim, tangents)   da_k / dt_j; for equal a_k only the sum over them is defined
    bends       (codim,)            largest second fundamental form along n_k
    changes     (codim,)            largest slope of log a_k, including the rotation of its normal n_k
    tangents    (tangents, dim)     orthonormal
    length      length on which the surface bends, or its curvatures change
    """

    curvatures: FloatArray
    slopes: FloatArray
    bends: FloatArray
    changes: FloatArray
    tangents: FloatArray
    length: float

    def potential_slopes(self, law: SurfaceLaw) -> FloatArray:
        """dPhi / da_k (codim,); 2 theta times this is the variance across the surface along n_k."""
        a = self.curvatures
        shifts = SHARE * np.diag(a)
        values = law.potential(np.concatenate([a + m * shifts for m in (-2, -1, 1, 2)])).reshape(4, len(a))
        slopes: FloatArray = (values[0] - values[3] + 8 * (values[2] - values[1])) / (12 * SHARE * a)
        return slopes

    def gradient(self, law: SurfaceLaw) -> FloatArray:
        """Gradient (tangents,) of the potential of the law along the tangents."""
        slope: FloatArray = self.potential_slopes(law) @ self.slopes
        return slope


def surface_shape(manifold: Landscape, place: FloatArray) -> SurfaceShape:
    """The shape of a surface at one of its points (dim,).

    Args:
        manifold: a surface, with a residual and a Jacobian.
        place: a point of the surface, (dim,).

    Raises:
        UsageError: the manifold is a body, or the point has another shape.
        NumericalError: near the point the equations are not defined or depend on one another.
    """
    normal_curvatures(manifold, place[None])
    size = float(np.linalg.norm(place)) or 1.0
    h = REACH * size
    J = _equations(manifold, place[None])[1][0]
    u, s, directions = np.linalg.svd(J, full_matrices=True)
    normals, along = directions[: len(s)], directions[len(s) :]
    sides = moved_on_surface(manifold, place[None], h * np.concatenate([along, -along])[None])[0]
    ahead, behind = np.split(_equations(manifold, sides)[1], 2)
    D = np.einsum("ak,jai->jki", u, (ahead - behind) / (2 * h))
    B = np.einsum("jki,li->kjl", D, along) / s[:, None, None]
    turns = np.einsum("jki,li->jkl", D, normals)  # d(u_k . J n_l)
    products = turns * s[None, None, :] + turns.swapaxes(1, 2) * s[None, :, None]
    relative = np.moveaxis(products / np.outer(s, s), 1, 0)
    bends, changes = (np.linalg.norm(forms, 2, axis=(1, 2)) for forms in (B, relative))
    second = np.abs(_mean_logs(ahead) + _mean_logs(behind) - 2 * np.log(s**2).mean()).max() / h**2
    inverse = np.sqrt(np.max(bends**2 + changes**2) + second)
    length = min(1 / inverse if inverse > 0 else np.inf, LONGEST_LENGTH * size)
    slopes = np.ascontiguousarray(np.diagonal(products, axis1=1, axis2=2).T)
    return SurfaceShape(s**2, slopes, bends, changes, along, float(length))


def _mean_logs(jacobians: FloatArray) -> FloatArray:
    """Mean of log a_k (points,), which is smooth where curvatures cross."""
    values = np.linalg.svd(jacobians, compute_uv=False)
    return np.asarray(2 * np.log(np.maximum(values, DEPENDENT * values[:, :1])).mean(axis=1))
