"""The records that the floors hand to one another: values, not hierarchies.

Units throughout: `temperature` is theta in dX = -grad f dt + sqrt(2 theta) dW,
and time is t = dt x steps. A *walker* (a *chain* in files) is one trajectory.

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
    target(x, out, parameters)      signed distance to the target  out (lanes,), <= 0 inside
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Kernel = Callable[..., None]
Parameters = tuple[Any, ...]
#: start(uniforms, temperature) -> states: (walkers, dim) uniforms in (0, 1) to (walkers, dim) states.
Start = Callable[[FloatArray, float], FloatArray]


class Status(IntEnum):
    """How a walker ended. The codes are part of the file schema."""

    FINISHED = 0
    HIT = 1
    CENSORED = 2
    DIVERGED = 3
    PROJECTION_FAILED = 4


@dataclass(frozen=True)
class Potential:
    """A loss f(x) on R^dim, given by kernels (module docstring) and the numbers they take.

    `stiffness` is the largest curvature (eigenvalue of the Hessian) met at the given
    temperature, which decides the largest stable step. Of several targets, the first one reached stops a
    walker. `facts` are closed-form numbers of the landscape (positions of minima, barrier height ...) that
    theories may use.
    """

    name: str
    dim: int
    parameters: Parameters
    value: Kernel
    gradient: Kernel
    start: Start
    stiffness: Callable[[float], float]
    target: Kernel | tuple[Kernel, ...] | None = None
    dials: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifold:
    """A zero-loss set: the surface {r(x) = 0}, or the body {r(x) <= 0} between walls.

    A surface has `residual` and `jacobian`; its loss is |r|^2 / 2, whose closed-form `value` and
    `gradient` may be given for speed. A body has `fold`, the mirror reflection at its walls, or `bounce` where
    the mirror image depends on the way, or else `walls`: a step that would end beyond them is not taken. A
    surface may have `walls` too, and is then the part of {r = 0} between them.
    A surface may know in closed form what projected motion else finds by Newton steps, from any move (dim, lanes):
    `retract` takes x to the point y of {r = 0} for which y - x - move is normal to it at x, the one near enough that
    no normal turns by a right angle on the way. A walker for whom there is none stays, and if it was running,
    status 0, gets the status PROJECTION_FAILED. `move` is lost, as is scratch (`retract_rows`, lanes).
    Every training sample adds one residual: `samples` counts those imposed.
    """

    name: str
    dim: int
    codim: int
    parameters: Parameters
    start: Start
    stiffness: Callable[[float], float]
    residual: Kernel | None = None
    jacobian: Kernel | None = None
    value: Kernel | None = None
    gradient: Kernel | None = None
    fold: Kernel | None = None
    bounce: Kernel | None = None
    walls: Kernel | None = None
    retract: Kernel | None = None
    retract_rows: int = 0
    target: Kernel | tuple[Kernel, ...] | None = None
    samples: int = 0
    dials: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


Landscape = Potential | Manifold


@dataclass(frozen=True)
class Problem:
    """Landscape, temperature and law of motion: physics only, no step size and no seed.

    `dynamics` is `soft` (Langevin in the loss), `projected` (diffusion on the surface r = 0), `reflected`
    (diffusion in a body, mirrored at its walls), `label-noise` (descent on a squared loss with noisy
    labels) or `power-law` (descent with noise across the surface that is a power of its stiffness).
    `measure` names the invariant law that a projected diffusion targets, as a density against
    the surface measure: `surface` (1) or `gibbs` (det(J J^T)^(-1/2), the limit of soft motion at low
    temperature).
    """

    landscape: Landscape
    temperature: float
    dynamics: str = "soft"
    measure: str | None = None


@dataclass(frozen=True)
class Integrator:
    """One step of a law of motion, with what is known about it.

    `build(landscape)` returns the step kernel
    `step(x, noise, previous, work, memory, status, dt, temperature, parameters)`: x (dim, lanes) is advanced
    in place, `noise` and `previous` (at least dim + extra_noise, lanes) are this step's and the step before's
    standard normals, `work` (work_rows, lanes) is scratch, `memory` (at least memory_rows, lanes) is kept from
    step to step, zero at the start, `status` (lanes,) takes failure codes.
    The first rows of memory are the `tallies`, which the step counts up for each running walker, and which the
    trajectory's events report by these names. A step of `variable_step` has no tallies and adds its length to
    memory[0].
    `noise` is `normal` or `two-point` (+1 or -1). `weak_order` is the order of the error of expectations in
    dt, at a fixed time. A step that `can_fail` writes a failure code into `status`. `measure` is the invariant
    law of a projected step. `stability` is the dt x curvature at which motion down a loss becomes unstable.
    """

    name: str
    dynamics: str
    weak_order: float
    build: Callable[[Landscape], Kernel]
    work_rows: Callable[[Landscape], int]
    memory_rows: Callable[[Landscape], int] = lambda landscape: 1
    tallies: tuple[str, ...] = ()
    noise: str = "normal"
    extra_noise: int = 0
    uses_previous_noise: bool = False
    can_fail: bool = False
    variable_step: bool = False
    gaussian_steps: bool = True
    stability: float = 2.0
    measure: str | None = None
    reference: str = ""


@dataclass(frozen=True)
class Stop:
    """Stop a walker when it reaches the landscape's target, or the first of its targets.

    `correction` mends the overshoot of a target watched at step ends only: `shift` widens the target
    by 0.5826 sqrt(2 theta dt) (Siegmund 1979; Gobet and Menozzi 2010), `bridge` draws whether the way between two
    step ends touched it (Baldi 1995; Gobet 2000), `none` does nothing. A walker that has not arrived by the time
    `horizon` is censored there.
    """

    correction: str = "shift"
    horizon: float = math.inf


@dataclass(frozen=True)
class Trajectory:
    """What a run leaves, toy or network: the one record that measures, files and figures know.

    times, steps    (draws,)             of the recorded frames; time = dt x step
    states          (chains, draws, dim) positions, or for a network a fixed sketch of its weights;
                                         a walker that stopped keeps the state it stopped in
    observables     (chains, draws)      each a function of the state
    events          (chains,)            `status` (codes of Status), `step` and `time` of the
                                         walker's end, `target` reached (-1: none), the integrator's
                                         tallies, and labels such as `samples`
    meta            plain values that JSON can hold: configuration, seed, versions
    """

    times: FloatArray
    steps: NDArray[np.int64]
    states: FloatArray
    observables: Mapping[str, FloatArray]
    events: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]

    @property
    def counts(self) -> dict[str, int]:
        """Number of walkers by how they ended, all causes named."""
        status = np.asarray(self.events["status"])
        return {cause.name.lower(): int((status == cause).sum()) for cause in Status}

    @property
    def tallies(self) -> dict[str, int]:
        """What the integrator counted, summed over walkers: rejected steps, failed checks ..., by cause."""
        return {name: int(np.asarray(self.events[name]).sum()) for name in self.meta.get("tallies", ())}


@dataclass(frozen=True)
class Measurement:
    """A measured number: value +- one standard error, from n independent walkers or seeds.

    `mixed` is False when the data say that the estimator's assumptions do not hold (not
    equilibrated, everything censored ...); `note` then says why.
    """

    value: float
    error: float
    n: int
    estimator: str
    mixed: bool = True
    note: str = ""


@dataclass(frozen=True)
class Prediction:
    """A theory's number at one point: value, bound on its own numerical remainder, in range or not."""

    value: float
    remainder: float = 0.0
    in_range: bool = True


@dataclass(frozen=True)
class Curve:
    """A theory as a function of one dial: prediction, range of validity in words, source."""

    name: str
    predict: Callable[[float], Prediction]
    validity: str
    reference: str


@dataclass(frozen=True)
class Comparison:
    """One measured number beside one predicted number.

    `z` is the difference over the combined error, `ratio` measured / predicted. `verdict` is
    `agrees`, `excluded`, `inconclusive`, `out of range` or `not mixed`.
    """

    theory: str
    point: float
    measured: Measurement
    predicted: Prediction
    z: float
    ratio: float
    verdict: str
