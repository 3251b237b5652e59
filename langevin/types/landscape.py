"""A landscape: a loss, a zero-loss surface or a body, given by kernels and the numbers that they take.

Kernel functions are plain Python functions over blocks of walkers, compiled by Numba when
they are used. `x` has the shape (dim, lanes), one walker a lane; a kernel never assumes a lane
count, loops explicitly (coordinates outside, lanes inside), writes its answer into `out`, and
begins by unpacking `parameters`, a tuple of floats and float64 arrays:

    value(x, out, parameters)       loss of each walker            out (lanes,)
    gradient(x, out, parameters)    gradient of the loss           out (dim, lanes)
    residual(x, out, parameters)    r(x), zero on the set          out (codim, lanes)
    jacobian(x, out, parameters)    dr/dx                          out (codim, dim, lanes)
    fold(x, parameters)             mirror at the walls, in place
    bounce(x, before, parameters)   mirror the way from `before` (dim, lanes) to x at the walls, in place
    walls(x, out, parameters)       where a walker may be          out (lanes,), <= 0 there
    retract(x, move, scratch, status, parameters)   x + move, given back to the set along the normals at x
    tangent(x, move, scratch, parameters)           a move less its part along the normals at x, in place
    target(x, out, parameters)      signed distance to the target  out (lanes,), <= 0 inside

A target is finite everywhere and has a slope of 1 near its border: on a surface, in space or along it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from langevin.types.arrays import FloatArray
from langevin.types.facts import Facts

Kernel = Callable[..., None]
Parameters = tuple[Any, ...]
#: Names of landscapes of the reader's own that were given none.
OWN_POTENTIAL, OWN_MANIFOLD, OWN_CANAL = UNNAMED = ("own potential", "own manifold", "own canal")
#: start(uniforms, temperature) -> states: (walkers, dim) uniforms in (0, 1) to (walkers, dim) states.
Starter = Callable[[FloatArray, float], FloatArray]


@dataclass(frozen=True)
class Landscape:
    """What walkers move on; which kernels it has says what it is.

    A *loss* has `value` and `gradient`. A *surface* is the set {r(x) = 0} and has `residual` and `jacobian`; its loss
    is |r|^2 / 2, whose closed-form `value` and `gradient` may be given for speed. A *body* is the set between walls
    and has `fold`, the mirror reflection at them, or `bounce` where the mirror image depends on the way, or else
    `walls`: a step that would end beyond them is not taken. A surface may have `walls` too, and is then the part of
    {r = 0} between them.

    A surface may know in closed form what projected motion else finds by Newton steps, from any move (dim, lanes):
    `retract` takes x to the point y of {r = 0} for which y - x - move is normal to it at x, the one near enough that
    no normal turns by a right angle on the way. A walker for whom there is none stays, and if it was running,
    status 0, gets the status PROJECTION_FAILED. `move` is lost, as is scratch (`retract_rows`, lanes). `tangent`
    leaves of a move its part in the tangent space at x, where it is known beside `retract`, with the same scratch.

    `stiffness` is the largest curvature (eigenvalue of the Hessian) met at the given temperature, which decides the
    largest stable step. Of several targets, the first one reached stops a walker. `codim` is the number of equations
    of a surface. Every training sample adds one residual: `samples` counts those imposed. `facts` is what is
    known of it in closed form.
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

    @property
    def is_surface(self) -> bool:
        """Whether it is the zero set of a residual map."""
        return self.residual is not None

    @property
    def is_body(self) -> bool:
        """Whether it is a set between walls, not a surface."""
        walls = (self.fold, self.bounce, self.walls)
        return self.residual is None and any(wall is not None for wall in walls)
