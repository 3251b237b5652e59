"""The door for a reader's own zero-loss surface."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError, unfit
from langevin.landscapes.sharpest import stiffness_about
from langevin.landscapes.squared_loss import gradient_of, value_of
from langevin.landscapes.starts import all_at
from langevin.landscapes.trial import answers
from langevin.types import FloatArray, Kernel, Landscape
from langevin.types.landscape import OWN_MANIFOLD
from langevin.words import counted


def constraint(
    residual: Kernel,
    jacobian: Kernel,
    dim: int,
    codim: int,
    *,
    start: ArrayLike,
    parameters: tuple[Any, ...] = (),
    walls: Kernel | None = None,
    target: Kernel | tuple[Kernel, ...] | None = None,
    retract: Kernel | None = None,
    retract_rows: int = 0,
    stiffness: float | None = None,
    name: str | None = None,
) -> Landscape:
    """Make the surface {r(x) = 0} of your own residual map, with the loss |r|^2 / 2.

    `residual(x, out, parameters)` fills out (codim, lanes) and `jacobian(x, out, parameters)` out
    (codim, dim, lanes), for x of shape (dim, lanes), in explicit loops. `langevin check` finds a Jacobian that is not
    that of the residual.

    Args:
        residual: kernel of r.
        jacobian: kernel of dr/dx.
        dim: number of coordinates.
        codim: number of equations, at most dim.
        start: a point of the surface, (dim,), where all walkers start.
        parameters: floats and float64 arrays handed to the kernels.
        walls: kernel that is at most 0 where a walker may be; the surface is then the part of {r = 0} between them, and
            has no loss: soft motion would not see the walls.
        target: kernel of the signed distance to a target, negative inside, or a tuple of such kernels. The distance
            may be one in space, as to a plane: the shift correction looks at its slope along the surface.
        retract: kernel of the return along the normals at x in closed form (see `Landscape`), where you know one: the
            projected step is then several times as fast. `langevin check` tries it.
        retract_rows: rows of scratch that `retract` needs.
        stiffness: largest curvature of the loss; if absent, the largest met on a look around: on the surface as far
            from the start as 2 |start|, and across it as far as the loss is 10 theta (`stiffness_about`).
        name: for tables and files; "own manifold" if absent, and for commands the name of its factory.

    Raises:
        UsageError: a start of another shape, off the surface or beyond the walls, equations that depend on one
            another there, a stiffness or a number of rows out of range.
    """
    place = np.asarray(start, np.float64)
    if not 1 <= codim <= dim or place.shape != (dim,) or not np.isfinite(place).all():
        raise unfit(
            "constraint", f"needs 1 <= codim <= dim and a finite start of shape ({dim},)", f"{place.shape}"
        )
    if stiffness is not None and not 0.0 <= stiffness < math.inf:
        raise unfit(
            "stiffness", "must be finite and at least 0", f"{stiffness}", "leave it out to have it measured"
        )
    if retract_rows < 0:
        raise unfit("retract_rows", "must be at least 0", f"{retract_rows}")
    name = name or OWN_MANIFOLD
    _check_start(name, residual, jacobian, place, codim, parameters)
    if walls is not None:
        _check_walls(name, walls, place, parameters)
    gradient = gradient_of(residual, jacobian, codim)

    def curvature(temperature: float) -> float:
        return stiffness_about(made, place, temperature) if stiffness is None else stiffness

    made = Landscape(
        name=name,
        dim=dim,
        codim=codim,
        parameters=tuple(parameters),
        start=all_at(place),
        stiffness=curvature,
        residual=residual,
        jacobian=jacobian,
        value=None if walls else value_of(residual, codim),
        gradient=None if walls else gradient,
        walls=walls,
        retract=retract,
        retract_rows=retract_rows,
        target=target,
        samples=codim,
    )
    return made


def _check_start(
    name: str, residual: Kernel, jacobian: Kernel, place: FloatArray, codim: int, parameters: Any
) -> None:
    r = answers(name, "residual", residual, place[:, None], (codim,), parameters)
    J = answers(name, "jacobian", jacobian, place[:, None], (codim, place.size), parameters)[:, :, 0]
    rank = np.linalg.matrix_rank(J)
    if rank < codim:
        raise UsageError(
            f"{counted(codim, 'equation has', 'equations have')} rank {rank} at the start",
            "equations that do not depend on one another",
            "leave out those that follow from others",
        )
    off = float(np.linalg.norm(np.linalg.lstsq(J, r[:, 0], rcond=None)[0]))
    if off > 1e-6 * (1.0 + float(np.linalg.norm(place))):
        raise UsageError(
            f"the start is about {off:.2g} off the surface r(x) = 0",
            "a start on the surface",
            "give a point on it",
        )


def _check_walls(name: str, walls: Kernel, place: FloatArray, parameters: Any) -> None:
    beyond = answers(name, "walls", walls, place[:, None], (), parameters)
    if not beyond[0] <= 0.0:
        raise UsageError(
            f"the start is beyond the walls by {beyond[0]:.3g}",
            "a start between the walls",
            "give a point between them",
        )
