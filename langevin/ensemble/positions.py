"""Checks of the positions of walkers: the points at which motion starts, and positions that count as lost.

Motion starts between the walls of a body, or on a surface. The kernels of a landscape are evaluated at every start: in
plain Python for a few numbers, compiled for many. A walker with a coordinate that is beyond `FARTHEST` or not a number
counts as lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NumericalError, UsageError
from langevin.kernels.block_kernels import apply_to
from langevin.landscapes.evaluate import SHAPES, evaluate
from langevin.landscapes.projection import equations_at, project_to
from langevin.types import FloatArray, Kernel, Landscape

#: For coordinates below this, the sum of 10^8 squares does not overflow (the largest double is 1.8e308).
FARTHEST = 1e150
#: Length of the vectors that BLAS gets. For longer ones it keeps a thread spinning on every processor.
BLOCK = 8192
#: Largest number of starts at which a closed-form retraction is tried, evenly spaced among the walkers.
LOOKED_AT = 8
#: Singular value below which a direction counts as missing: J J^T contains its square, and is singular in round-off.
DEPENDENT = 1e-7
#: Largest number of coordinates for which a message shows a point.
SHOWN = 16
#: Largest distance from the surface, in units of |x| and of the size of a step.
OFF = 1e-6
#: Distance of the points at which the usual size of the Jacobian's rows is measured, over |x| and the size of a step.
ASIDE = 1e-2
#: Length of the move with which the closed-form retraction is tried, over the size of a step.
TRIED = 0.1
#: Round-off of the end point of this move, and distance that a wall of a body may move a start, both over |x|.
ROUND_OFF = 1e-12
#: Count of numbers (coordinates and results together) for which plain Python takes about 50 ms.
PLAIN = 50_000
#: How many numbers are held in memory at once.
AT_ONCE = 2**22


def all_somewhere(states: FloatArray) -> bool:
    """Whether all coordinates of states of any shape are numbers below `FARTHEST` in size.

    This is so if the sum of all squares is below the square of `FARTHEST`, which is quick to compute. Otherwise minimum
    and maximum are compared; they are NaN if a coordinate is.
    """
    if states.flags.c_contiguous:
        numbers, total = states.reshape(-1), 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            for begin in range(0, numbers.size, BLOCK):
                part = numbers[begin : begin + BLOCK]
                total += float(np.dot(part, part))
        if total < FARTHEST**2:
            return True
    return not states.size or bool(states.min() > -FARTHEST and states.max() < FARTHEST)


def nowhere(states: FloatArray) -> NDArray[np.bool_]:
    """Which of the states (..., dim) have a coordinate that is not a number below `FARTHEST` in size."""
    return np.asarray(~(np.abs(states) < FARTHEST).all(axis=-1))


def check_body_start(landscape: Landscape, states: FloatArray) -> None:
    """Refuse starts (walkers, dim) outside a body; reflections would move them to another point inside.

    Raises:
        UsageError: a start is outside the walls.
    """
    if landscape.walls is not None:
        outside = ~(values_at(landscape, "walls", states) <= 0.0)
    elif landscape.fold is not None:
        moved = np.abs(folded(landscape, states) - states).max(axis=1)
        outside = ~(moved <= ROUND_OFF * np.abs(states).max(axis=1))
    else:
        return
    if outside.any():
        raise UsageError(
            f"the start {states[outside.argmax()].tolist()} lies outside the body {landscape.name}",
            "starts must lie inside the body",
            "give a point inside",
        )


def check_surface_start(landscape: Landscape, states: FloatArray, kick: float) -> None:
    """Refuse starts (walkers, dim) where the equations of a surface depend on one another, or off the surface.

    All criteria are independent of scale: rows of the Jacobian are compared with the same rows at points nearby,
    distances with |x| and with the standard deviation `kick` of a step.

    Raises:
        UsageError: the equations are rank-deficient; a start is off the surface, outside its walls, or at a point where
            the equations are not defined; a closed-form retraction leads to another surface.
    """
    if landscape.residual is None or landscape.jacobian is None:
        return
    points = distinct(states)
    for begin, part in parts(points, 2 * landscape.codim * landscape.dim):
        _check_part(landscape, part, kick, begin)
    if landscape.retract is not None:
        few = points[np.linspace(0, len(points) - 1, min(len(points), LOOKED_AT)).astype(int)]
        _check_return(landscape, landscape.retract, few, TRIED * _reach(few, kick))


def _check_part(landscape: Landscape, points: FloatArray, kick: float, begin: int) -> None:
    """Check some of the starts as `check_surface_start` does; the first one is the start of walker `begin`."""
    r, J = values_at(landscape, "residual", points), values_at(landscape, "jacobian", points)
    defined = np.isfinite(r).all(axis=1) & np.isfinite(J).all(axis=(1, 2))
    if not defined.all():
        raise UsageError(
            f"the equations of {landscape.name} have no finite value at the start of walker "
            f"{begin + int(defined.argmin())}",
            "the equations must have values there",
            "give a point where they are defined",
        )
    rank = int(_ranks(landscape, points, J, _reach(points, kick)).min())
    if rank < landscape.codim:
        raise UsageError(
            f"the equations of {landscape.name} are rank-deficient at the start: {landscape.codim} equations, rank "
            f"{rank}",
            "the equations must be independent",
            "leave out those that follow from others or whose gradient vanishes on the surface",
        )
    away = np.linalg.norm((np.linalg.pinv(J) @ r[:, :, None])[:, :, 0], axis=1)
    off = ~(away <= OFF * (np.linalg.norm(points, axis=1) + kick))
    if off.any():
        far = int(np.where(off, away, -1.0).argmax())
        raise UsageError(
            f"the start of walker {begin + far} lies about {away[far]:.2g} off the surface r(x) = 0 of "
            f"{landscape.name}",
            "starts must lie on the surface",
            _nearby(landscape, points[far]),
        )
    if landscape.walls is not None and not (values_at(landscape, "walls", points) <= 0.0).all():
        raise UsageError(
            f"the start lies beyond the walls of {landscape.name}",
            "the start must lie between the walls",
            "give a point between them",
        )


def _nearby(landscape: Landscape, point: FloatArray) -> str:
    """The remedy for a point off the surface: a point on it, if one can be found and shown."""
    function = "langevin.manifolds.project_to(manifold, start)"
    if landscape.dim > SHOWN:
        return f"give points on it, for instance {function}"
    try:
        place = project_to(landscape, point)
    except NumericalError:
        return "give points on it"
    return f"give points on it, for instance {','.join(f'{x:.12g}' for x in place)}, by {function}"


def _reach(points: FloatArray, kick: float) -> FloatArray:
    """Lengths (points,) over which the equations are examined: those of a step, and not above |x|."""
    sizes = np.linalg.norm(points, axis=1)
    reach: FloatArray = np.where(sizes > 0.0, np.minimum(kick, sizes), kick)
    return reach


def _check_return(manifold: Landscape, retract: Kernel, points: FloatArray, lengths: FloatArray) -> None:
    """Refuse a retraction whose results are off the surface: after `dataclasses.replace` of the residual it is old.

    A move for which the retraction finds no point is not tested.
    """
    remedy = "it belongs to other equations; give retract=None with a new residual, or a retraction for it"
    ends, status = np.array(points.T, order="C"), np.zeros(len(points), np.int64)
    moves = _direction(manifold.dim)[:, None] * lengths
    try:
        retract(ends, moves, np.empty((manifold.retract_rows, len(points))), status, manifold.parameters)
    except (TypeError, ValueError, IndexError) as error:
        raise UsageError(
            f"the retraction `retract` of {manifold.name} does not take its parameters ({error})",
            "it must take (x, move, scratch, status, parameters)",
            remedy,
        ) from error
    r, J = equations_at(manifold, ends.T)
    for i in np.flatnonzero(status == 0):
        off = _distance(J[i], r[i])
        if not off <= OFF * lengths[i] + ROUND_OFF * float(np.linalg.norm(points[i])):
            raise UsageError(
                f"the retraction `retract` of {manifold.name} ends about {off:.2g} off its surface r(x) = 0 after a "
                f"move of {lengths[i]:.2g}",
                "it must end on the surface",
                remedy,
            )


def _distance(J: FloatArray, r: FloatArray) -> float:
    """Distance of a point from the surface to first order, |J^+ r|; infinite if the equations are not finite."""
    if not (np.isfinite(r).all() and np.isfinite(J).all()):
        return math.inf
    return float(np.linalg.norm(np.linalg.lstsq(J, r, rcond=None)[0]))


@cache
def _direction(dim: int) -> FloatArray:
    """A unit vector in a direction that is not special for any surface."""
    direction: FloatArray = np.random.default_rng(0).standard_normal(dim)
    return direction / np.linalg.norm(direction)


def _ranks(manifold: Landscape, points: FloatArray, J: FloatArray, reach: FloatArray) -> NDArray[np.int64]:
    """Rank of the Jacobian at each point, with rows in units of their size at this point and at a point nearby."""
    aside = points + ASIDE * reach[:, None] * _direction(manifold.dim)
    near = np.linalg.norm(values_at(manifold, "jacobian", aside), axis=2)
    usual = np.maximum(np.linalg.norm(J, axis=2), np.where(np.isfinite(near), near, 0.0))
    values = np.linalg.svd(J / np.where(usual > 0.0, usual, 1.0)[:, :, None], compute_uv=False)
    large = values > DEPENDENT * max(1.0, float(values.max(initial=0.0)))
    return np.asarray(large.sum(axis=1), np.int64)


def distinct(states: FloatArray) -> FloatArray:
    """One start if all walkers share it, all of them (walkers, dim) otherwise."""
    return states[:1] if (states == states[0]).all() else states


def parts(states: FloatArray, numbers: int) -> Iterator[tuple[int, FloatArray]]:
    """Pieces of states (walkers, dim) that fit into memory at `numbers` numbers a walker; with their first row."""
    size = max(1, AT_ONCE // numbers)
    for begin in range(0, len(states), size):
        yield begin, states[begin : begin + size]


def values_at(landscape: Landscape, kernel: str, states: FloatArray) -> FloatArray:
    """The values of a kernel, as `evaluate` gives them, at any number of states (walkers, dim)."""
    shape = SHAPES[kernel](landscape)
    if len(states) * (landscape.dim + int(np.prod(shape))) <= PLAIN:
        return evaluate(landscape, kernel, states)
    out = np.full((*shape, len(states)), np.nan)
    apply_to(getattr(landscape, kernel), np.array(states.T, order="C"), out, landscape.parameters)
    return np.moveaxis(out, -1, 0)


def folded(landscape: Landscape, states: FloatArray) -> FloatArray:
    """The states (walkers, dim) after the reflections of a body."""
    x = np.array(states.T, order="C")
    assert landscape.fold is not None
    if x.size <= PLAIN:
        landscape.fold(x, landscape.parameters)
    else:
        apply_to(landscape.fold, x, landscape.parameters)
    return x.T
