"""Makes a user-defined zero-loss surface."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError, unfit
from langevin.landscapes.curvature import stiffness_about
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
    """Make the surface {r(x) = 0} of a user-defined residual map, with the loss |r|^2 / 2.

    `residual(x, out, parameters)` fills out (codim, lanes) and `jacobian(x, out, parameters)` out (codim, dim, lanes),
    for x of shape (dim, lanes), in explicit loops. `langevin check` tests whether `jacobian` is the Jacobian of
    `residual`.

    Args:
        residual: kernel of r.
        jacobian: kernel of dr/dx.
        dim: number of coordinates.
        codim: number of equations, at most dim.
        start: a point of the surface, (dim,), where all walkers start.
        parameters: floats and float64 arrays that the kernels receive.
        walls: kernel that is at most 0 where a walker may be. The surface is then the part of {r = 0} between the
            walls. It has no loss, because walls do not act on soft motion.
        target: kernel of the signed distance to a target, negative inside, or a tuple of such kernels. The distance may
            be a distance in space, such as the distance to a plane: the shift correction uses its slope along the
            surface.
        retract: kernel of the retraction along the normals at x in closed form (see `Landscape`), if you know one. The
            projected step is then several times as fast. `langevin check` tests it.
        retract_rows: rows of scratch that `retract` needs.
        stiffness: largest curvature of the loss. If absent, it is the largest curvature found in a search: on the
            surface up to the distance 2 |start| from the start, and across the surface up to a loss of 10 theta
            (`stiffness_about`).
        name: for tables and files. If absent, it is "own manifold"; commands use the name of the factory.

    Raises:
        UsageError: the start has another shape, is not on the surface or is beyond the walls; the equations depend on
            one another there; the stiffness or the number of rows is out of range.
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
