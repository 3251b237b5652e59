"""Makes user-defined landscapes: a potential, a zero-loss surface, and a canal with a profile of its stiffness."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError, unfit
from langevin.kernels.compile import jitable
from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.curvature import curvature_met, stiffness_about
from langevin.landscapes.starts import all_at
from langevin.landscapes.trial import result_of
from langevin.types import Facts, FloatArray, Kernel, Landscape, Profile
from langevin.types.landscape import OWN_CANAL, OWN_MANIFOLD, OWN_POTENTIAL
from langevin.words import counted

#: function(x, parameters): a function of a number that returns a number; it is compiled into the kernels.
Number = Callable[[float, Any], float]


def potential(
    value: Kernel,
    gradient: Kernel,
    dim: int,
    *,
    parameters: tuple[Any, ...] = (),
    start: ArrayLike | None = None,
    stiffness: float | None = None,
    target: Kernel | tuple[Kernel, ...] | None = None,
    name: str | None = None,
) -> Landscape:
    """Make a landscape of user-defined value and gradient kernels.

    `value(x, out, parameters)` and `gradient(x, out, parameters)` get x of shape (dim, lanes), one walker in each lane.
    They fill out, (lanes,) or (dim, lanes), in explicit loops. `langevin.lanewise` makes such a kernel from a function
    for one walker. `langevin check` tests whether `gradient` is the gradient of `value`.

    Args:
        value: loss kernel.
        gradient: its gradient kernel.
        dim: number of coordinates.
        parameters: floats and float64 arrays that the kernels receive.
        start: where all walkers start, (dim,); the origin if absent.
        stiffness: largest curvature of the loss. If absent, it is the largest curvature at the start and on rays from
            there, up to points where the loss has changed by 10 theta (`curvature_met`).
        target: kernel of the signed distance to a target, negative inside, or a tuple of such kernels.
        name: for tables and files. If absent, it is "own potential"; commands use the name of the factory.

    Raises:
        UsageError: the start has another shape, or the dimension is below 1.
    """
    place = np.zeros(dim) if start is None else np.asarray(start, np.float64)
    if dim < 1 or place.shape != (dim,) or not np.isfinite(place).all():
        raise unfit(
            "a potential", "needs dim >= 1 and a finite start of shape (dim,)", f"{dim}, {place.shape}"
        )
    if stiffness is not None and not 0.0 <= stiffness < math.inf:
        raise unfit(
            "stiffness", "must be finite and at least 0", f"{stiffness}", "leave it out to have it measured"
        )

    def states(uniforms: FloatArray, temperature: float) -> FloatArray:
        return np.broadcast_to(place, uniforms.shape).copy()

    def curvature(temperature: float) -> float:
        if stiffness is not None:
            return stiffness
        return curvature_met(value, gradient, place, parameters, temperature)

    return Landscape(
        name=name or OWN_POTENTIAL,
        dim=dim,
        parameters=tuple(parameters),
        start=states,
        stiffness=curvature,
        value=value,
        gradient=gradient,
        target=target,
    )


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
        walls: kernel that is at most 0 at allowed points. The surface is then the part of {r = 0} between the
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
    r = result_of(name, "residual", residual, place[:, None], (codim,), parameters)
    J = result_of(name, "jacobian", jacobian, place[:, None], (codim, place.size), parameters)[:, :, 0]
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
    beyond = result_of(name, "walls", walls, place[:, None], (), parameters)
    if not beyond[0] <= 0.0:
        raise UsageError(
            f"the start is beyond the walls by {beyond[0]:.3g}",
            "a start between the walls",
            "give a point between them",
        )


def canal_with(
    profile: Number,
    slope: Number,
    transverse: int = 4,
    *,
    start: float = 0.0,
    parameters: tuple[Any, ...] = (),
    period: float | None = None,
    stiffness: float | None = None,
    name: str | None = None,
) -> Landscape:
    """Valley floor y = 0 in R^(1+m) with the residual r = sqrt(a(x)) y, for any profile a(x) > 0.

    Like `canal`, with a user-defined a: soft motion has the stationary distribution a^(-m/2) and the drift -(m
    theta / 2) a'/a. Walkers start at x = `start` with y from the local Gibbs distribution. `langevin check` tests
    whether `slope` is the derivative of `profile`.

    Args:
        profile: a(x, parameters), a function of a number that returns a number.
        slope: a'(x, parameters).
        transverse: number m of directions across the valley.
        start: the x at which walkers start.
        parameters: floats and float64 arrays that both functions receive.
        period: of the profile, if it has one.
        stiffness: the largest a(x) that walkers will meet; by default the largest over a period, or the value at the
            start.
        name: for tables and files. If absent, it is "own canal"; commands use the name of the factory.

    Raises:
        UsageError: there is no transverse direction, or the profile is not positive at a tested point.
    """

    def along(function: Number) -> Callable[[FloatArray], FloatArray]:
        return np.vectorize(lambda x: function(float(x), parameters), otypes=[np.float64])

    seen = along(profile)(start + (0.0 if period is None else period) * np.linspace(0.0, 1.0, 257))
    largest = float(seen.max()) if stiffness is None else stiffness
    if transverse < 1 or not (np.isfinite(seen) & (seen > 0.0)).all() or not 0.0 < largest < math.inf:
        raise unfit(
            "canal_with",
            "needs transverse >= 1, a finite profile and stiffness above 0",
            f"transverse={transverse}, "
            f"a profile from {seen.min():.3g} to {seen.max():.3g}, stiffness={largest:.3g}",
        )
    residual, jacobian = _kernels(profile, slope)
    return Landscape(
        name=name or OWN_CANAL,
        dim=1 + transverse,
        codim=transverse,
        parameters=parameters,
        start=_start(start, float(seen[0])),
        stiffness=lambda temperature: largest,
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, transverse),
        gradient=gradient_of(residual, jacobian, transverse),
        samples=transverse,
        dials={"transverse": transverse, "start": start},
        facts=Facts(profile=Profile(along(profile), along(slope), period)),
    )


def _start(x: float, stiffness: float) -> Any:
    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        from scipy.special import ndtri

        states: FloatArray = math.sqrt(temperature / stiffness) * ndtri(uniforms)
        states[:, 0] = x
        return states

    return start


def _kernels(profile: Number, slope: Number) -> tuple[Kernel, Kernel]:
    height, steepness = jitable(profile), jitable(slope)

    def residual(x, out, parameters):
        """r_j = sqrt(a(x)) y_j."""
        for lane in range(x.shape[1]):
            root = np.sqrt(height(x[0, lane], parameters))
            for j in range(1, x.shape[0]):
                out[j - 1, lane] = root * x[j, lane]

    def jacobian(x, out, parameters):
        """dr_j/dx = a'(x) y_j / (2 sqrt(a)) and dr_j/dy_i = sqrt(a) delta_ij."""
        for lane in range(x.shape[1]):
            root = np.sqrt(height(x[0, lane], parameters))
            pull = 0.5 * steepness(x[0, lane], parameters) / root
            for j in range(1, x.shape[0]):
                for i in range(1, x.shape[0]):
                    out[j - 1, i, lane] = 0.0
                out[j - 1, j, lane] = root
                out[j - 1, 0, lane] = pull * x[j, lane]

    return residual, jacobian
