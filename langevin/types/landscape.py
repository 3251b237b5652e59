"""A landscape: a loss, a zero-loss surface or a body, given by kernels and by the parameters of the kernels.

Kernel functions are plain Python functions over blocks of walkers. Numba compiles them when they are used. `x` has the
shape (dim, lanes): each lane is one walker. A kernel never assumes a number of lanes. It loops explicitly (coordinates
outside, lanes inside) and writes its answer into `out`. It begins by unpacking `parameters`, a tuple of floats and
float64 arrays:

    value(x, out, parameters)       loss of each walker            out (lanes,)
    gradient(x, out, parameters)    gradient of the loss           out (dim, lanes)
    residual(x, out, parameters)    r(x), zero on the set          out (codim, lanes)
    jacobian(x, out, parameters)    dr/dx                          out (codim, dim, lanes)
    fold(x, parameters)             mirror at the walls, in place
    bounce(x, before, parameters)   mirror the path from `before` (dim, lanes) to x at the walls, in place
    walls(x, out, parameters)       where a walker may be          out (lanes,), <= 0 there
    retract(x, move, scratch, status, parameters)   x + move, returned to the set along the normals at x
    tangent(x, move, scratch, parameters)           a move without its part along the normals at x, in place
    target(x, out, parameters)      signed distance to the target  out (lanes,), <= 0 inside

A target is finite everywhere. Near its border it has a slope of 1; on a surface, the slope is taken in space or along
the surface.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from langevin.types.arrays import FloatArray
from langevin.types.facts import Facts

Kernel = Callable[..., None]
Parameters = tuple[Any, ...]
#: Names of user-defined landscapes without a given name.
OWN_POTENTIAL, OWN_MANIFOLD, OWN_CANAL = UNNAMED = ("own potential", "own manifold", "own canal")
#: start(uniforms, temperature) -> states: (walkers, dim) uniforms in (0, 1) to (walkers, dim) states.
Starter = Callable[[FloatArray, float], FloatArray]


@dataclass(frozen=True)
class Landscape:
    """The loss, surface or body on which walkers move. Its kernels decide which of the three it is.

    A *loss* has `value` and `gradient`. A *surface* is the set {r(x) = 0} and has `residual` and `jacobian`; its loss
    is |r|^2 / 2. Its closed-form `value` and `gradient` may be given for speed. A *body* is the set between walls. It
    has one of three kernels: `fold` reflects at the walls; `bounce` reflects when the mirror image depends on the path;
    with `walls`, a step that would end beyond them is not taken. A surface may also have `walls`. It is then the part
    of {r = 0} between them.

    A surface may have the retraction in closed form; without it, projected motion finds it by Newton steps. `retract`
    takes x, for any move (dim, lanes), to the point y of {r = 0} for which y - x - move is normal to the surface at x.
    Of these points it takes the near one: no normal turns by a right angle between x and y. If there is no such point,
    the walker stays. If it was running (status 0), it then gets the status PROJECTION_FAILED. The call overwrites
    `move` and scratch (`retract_rows`, lanes). `tangent` keeps only the part of a move in the tangent space at x. It
    may be given in addition to `retract`, and uses the same scratch.

    `stiffness` is the largest curvature (eigenvalue of the Hessian) that a walker meets at the given temperature. It
    decides the largest stable step. If there are several targets, the first one that is reached stops the walker.
    `codim` is the number of equations of a surface. Every training sample adds one residual: `samples` is the number of
    training samples. `facts` contains what is known about the landscape in closed form.

    `field` is a potential U whose force -grad U acts on walkers of a surface or body (`landscapes.in_field`). Its
    kernels take the parameters of this landscape, and its `stiffness` is the largest curvature of U along the surface
    or in the body.

    `diffusion` is a loss whose value D(x) > 0 multiplies theta in the noise of a loss. `drive` is a loss U(x, t) of
    one coordinate more, the time, whose force acts in addition. `landscapes.varying` makes both. Their kernels take
    the parameters of this landscape.
    """

    name: str
    dim: int
    parameters: Parameters
    start: Starter
    stiffness: Callable[[float], float]
    codim: int = 0
    value: Kernel | None = None
    gradient: Kernel | None = None
    residual: Kernel | None = None
    jacobian: Kernel | None = None
    fold: Kernel | None = None
    bounce: Kernel | None = None
    walls: Kernel | None = None
    retract: Kernel | None = None
    retract_rows: int = 0
    tangent: Kernel | None = None
    target: Kernel | tuple[Kernel, ...] | None = None
    samples: int = 0
    dials: Mapping[str, Any] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    field: Landscape | None = None
    diffusion: Landscape | None = None
    drive: Landscape | None = None

    @property
    def parts(self) -> tuple[Landscape, ...]:
        """The landscapes that act in addition: field, diffusion and drive, if they exist."""
        return tuple(part for part in (self.field, self.diffusion, self.drive) if part is not None)

    @property
    def is_surface(self) -> bool:
        """Whether the landscape is the zero set of a residual map."""
        return self.residual is not None

    @property
    def is_body(self) -> bool:
        """Whether the landscape is a set between walls, and not a surface."""
        walls = (self.fold, self.bounce, self.walls)
        return self.residual is None and any(wall is not None for wall in walls)

    @property
    def is_slope(self) -> bool:
        """Whether the landscape is a loss with one gradient everywhere: it has no minimum and confines no walker."""
        return self.facts.slope is not None and not (self.is_surface or self.is_body)
