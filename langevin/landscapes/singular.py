"""Singular points of a surface near a start, where its equations depend on one another: self-intersections and tips.

At such a point r = 0 and J^T u = 0 for a unit vector u. Gauss-Newton steps in (x, u) converge to it if it is isolated.
"""

from __future__ import annotations

import numpy as np

from langevin.landscapes.trial import values
from langevin.types import FloatArray, Landscape

#: Points tested; points from which steps begin; largest number of steps; steps in which |system| must halve.
LOOKED_AT, SET_OUT, STEPS, HALVED = 64, 4, 15, 4
#: The longest step over the radius of the search.
LONGEST = 0.25
#: Length of a difference of the Jacobian over the radius of the search; size of the system at a solution over its first
#: size.
DIFFERENCE, SOLVED = 1e-5, 1e-6
#: J^T u at a singular point over its change across the radius of the search.
VANISHED = 1e-5
#: Larger systems are not tested.
MOST = 8


def singular_point(landscape: Landscape, start: FloatArray, reach: float) -> FloatArray | None:
    """A singular point (dim,) of a surface within `reach` of its point `start` (dim,); None if no such point is found.

    Steps begin at the random points where the equations are nearly solved. The random numbers are fixed.

    Args:
        landscape: a surface, with a residual and a Jacobian.
        start: a point of the surface, (dim,).
        reach: largest distance from the start.
    """
    dim, codim = landscape.dim, landscape.codim
    if dim + codim > MOST or landscape.residual is None or landscape.jacobian is None:
        return None
    generator = np.random.default_rng(0)
    ways = generator.standard_normal((dim, LOOKED_AT))
    lengths = reach * generator.uniform(size=LOOKED_AT) ** (1.0 / dim)
    points = start[:, None] + lengths * ways / np.linalg.norm(ways, axis=0)
    r, J = _equations(landscape, np.concatenate([start[:, None], points], axis=1))
    usual = float(np.linalg.norm(J[:, :, 0], 2))
    known = np.asarray(np.isfinite(r).all(axis=0) & np.isfinite(J).all(axis=(0, 1)))
    if not (known[0] and usual > 0.0):
        return None
    least = np.linalg.svd(np.moveaxis(J[:, :, known], 2, 0), compute_uv=False)[:, -1]
    unsolved = np.linalg.norm(r[:, known], axis=0) / reach + least
    places = np.concatenate([start[:, None], points], axis=1)[:, known]
    for place in places[:, unsolved.argsort()[:SET_OUT]].T:
        found = _solved(landscape, place, usual, reach)
        if found is not None and np.linalg.norm(found - start) <= reach:
            return found
    return None


def _equations(landscape: Landscape, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals (codim, points) and Jacobians (codim, dim, points)."""
    assert landscape.residual and landscape.jacobian
    shape = landscape.codim, landscape.dim
    return (
        values(landscape.residual, x, shape[:1], landscape.parameters),
        values(landscape.jacobian, x, shape, landscape.parameters),
    )


def _solved(landscape: Landscape, x: FloatArray, usual: float, reach: float) -> FloatArray | None:
    """The singular point to which steps from x (dim,) converge, or None; `usual` is the size of J."""
    dim, codim = landscape.dim, landscape.codim
    u: FloatArray | None = None
    step, left = DIFFERENCE * reach, np.inf
    for number in range(STEPS):
        ahead = np.concatenate(
            [x[:, None], x[:, None] + step * np.eye(dim), x[:, None] - step * np.eye(dim)], axis=1
        )
        r, J = _equations(landscape, ahead)
        if not (np.isfinite(r).all() and np.isfinite(J).all()):
            return None
        bent = (J[:, :, 1 : dim + 1] - J[:, :, dim + 1 :]) / (2.0 * step)
        J = J[:, :, 0]
        if u is None:
            u = np.linalg.svd(J)[0][:, -1]
        # all rows have the same weight: lengths along x are in units of the reach
        wrong = np.concatenate([r[:, 0] / (usual * reach), J.T @ u / usual, [0.5 * (u @ u - 1.0)]])
        now = float(np.abs(wrong).max())
        bends = np.einsum("a,aik->ik", u, bent)
        if now <= SOLVED:
            # if all of J fades, for example by a factor exp(x), it is nowhere small compared with its own change
            fades = float(np.linalg.norm(J.T @ u)) > VANISHED * float(np.linalg.norm(bends)) * reach
            return None if fades else x
        if number % HALVED == HALVED - 1:
            if now > 0.5 * left:
                return None
            left = now
        matrix = np.zeros((len(wrong), dim + codim))
        matrix[:codim, :dim] = J / usual
        matrix[codim : codim + dim, :dim] = bends * reach / usual
        matrix[codim : codim + dim, dim:] = J.T / usual
        matrix[-1, dim:] = u
        move = -np.linalg.lstsq(matrix, wrong, rcond=1e-10)[0]
        size = float(np.linalg.norm(move[:dim]))
        move *= min(1.0, LONGEST / size) if size > 0.0 else 1.0
        x, u = x + reach * move[:dim], u + move[dim:]
    return None
