"""Motion on a landscape: the problem, one step with the rows that it works in, its effect, and when a walker stops."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import NDArray

from langevin.errors import unfit
from langevin.types.arrays import FloatArray
from langevin.types.landscape import Kernel, Landscape

#: Factors of dt for an array of step numbers.
Factors = Callable[[NDArray[np.int64]], FloatArray]


@dataclass(frozen=True)
class Problem:
    """Landscape, temperature and law of motion: physics only, no step size and no seed.

    `dynamics` is `soft` (Langevin in the loss), `projected` (diffusion on the surface r = 0), `reflected` (diffusion in
    a body, mirrored at its walls), `label-noise` (descent on a squared loss with noisy labels) or `power-law` (descent
    with noise across the surface that is a power of its stiffness). At temperature 0, motion down a loss is its
    gradient flow. `measure` names the stationary distribution of a projected diffusion, as a density with respect to
    the surface distribution: `surface` (1) or `gibbs` (det(J J^T)^(-1/2), the limit of soft motion at low temperature).
    """

    landscape: Landscape
    temperature: float
    dynamics: str = "soft"
    measure: str | None = None


class Noise(StrEnum):
    """The random numbers of a step, with mean 0 and variance 1: standard normals, or +1 and -1."""

    NORMAL = "normal"
    TWO_POINT = "two-point"


class Diffusion(StrEnum):
    """How the diffusion D(x) of a landscape acts on a walker.

    It is the same everywhere, or it varies with the mobility (Klimontovich), or in the noise alone (Ito).
    """

    CONSTANT = "constant"
    MOBILITY = "mobility"
    NOISE = "noise"


@dataclass(frozen=True)
class Widening:
    """Mean of y^2 in the drift along a zero-loss set over its limit for small steps; a function of h = dt x stiffness.

    y is the normal coordinate. A step with one gradient evaluates it at its start, so the mean is the stationary normal
    variance. For a step with several gradients, the mean of y^2 is over all points at which the step evaluates a
    gradient.

    It is a ratio of two polynomials, whose coefficients are given in ascending order, the constant first: 1 / (1 - h /
    2) is `Widening((1.0,), (1.0, -0.5))`.
    """

    above: tuple[float, ...] = (1.0,)
    below: tuple[float, ...] = (1.0,)

    def __call__(self, h: FloatArray | float) -> FloatArray:
        """The ratio at h = dt x stiffness, an array of any shape."""
        return np.asarray(polyval(h, self.above) / polyval(h, self.below))

    @property
    def limit(self) -> float:
        """The smallest h > 0 at which the ratio is infinite: from this h on the motion across the set is unstable."""
        poles = np.roots(self.below[::-1]) if len(self.below) > 1 else np.empty(0)
        real = poles.real[(np.abs(poles.imag) < 1e-12) & (poles.real > 0.0)]
        return float(real.min(initial=math.inf))


@dataclass(frozen=True)
class StepLaw:
    """The law of a step on and near a zero-loss set, in the terms of the theories. The meta of a run contains it.

    With a_i the normal curvatures (eigenvalues of J J^T) and theta the temperature, the motion along the set is

        dx = -theta grad Phi dt + sqrt(2 theta heat) dW,    Phi = (pull/2) sum_i int^(a_i) a^(exponent - 1) w(dt a) da,

    with w the `widening`, and its noise across the set has the variance 2 theta a^exponent per unit time
    (sources: `theory.surfaces.laws`). Soft motion has exponent 0, pull 1, heat 1; label noise exponent 1, heat 0.
    Projected motion has no part `across` the set: isotropic kicks with a retraction of strength kappa have pull kappa.

    `uneven_power` is p if the diffusion coefficient D along the set is theta (tr a / m)^p, with m the number of
    equations. `uneven_weight` is the weight of log D in the potential of the stationary distribution: 1 for Ito noise,
    1/2 for Stratonovich noise, 0 for Klimontovich noise. `exact` is true if the step causes no error of the
    stationary distribution.

    `inertia` is the correlation time of the velocity; it is 0 for overdamped motion. The stationary distribution
    does not depend on it, but distributions of times do. So motion with inertia is not compared with theories of times.

    `lag` is the mean number of steps by which a kick acts late: beta / (1 - beta) for a step with momentum beta, and 0
    for a step without memory. With a lag, a drift along the set begins late (`late_drift`).

    `diffusion` states how a varying diffusion acts in a loss.

    `order` is the weak order of the step: the order in dt of the error of expectations at a fixed time.
    """

    across: bool = True
    exponent: float = 0.0
    pull: float = 1.0
    heat: float = 1.0
    widening: Widening = Widening()
    uneven_power: float = 0.0
    uneven_weight: float = 0.0
    exact: bool = False
    inertia: float = 0.0
    lag: float = 0.0
    order: float = 1.0
    diffusion: Diffusion = Diffusion.CONSTANT


@dataclass(frozen=True)
class Integrator:
    """One step of a law of motion, with the known properties of the step.

    `build(landscape)` returns the step kernel `step(x, noise, previous, work, memory, status, dt, temperature,
    parameters)`. It advances x (dim, lanes) in place. `noise` and `previous` (at least dim + extra_noise, lanes) are
    the random numbers of this step and of the step before. `work` is scratch. `memory` is kept from step to step and is
    zero at the start. `status` (lanes,) takes failure codes. The first rows of memory are the tallies.

    Attributes:
        name: of the step.
        dynamics: name of the law of motion.
        weak_order: order in dt of the error of expectations at a fixed time.
        build: landscape to the step kernel.
        rows: landscape to the declaration of the views that the step cuts from `work` (`kernels.views.views_of`).
        memory: landscape to the declaration of the views that it cuts from `memory`.
        counts_only: the memory never changes the result of a step, so a run can be extended from a Trajectory, which
            contains states and tallies.
        tallies: names of what the step counts for each running walker; the events of a trajectory use these names.
        rejections: tallies of steps that are not taken by a rule that preserves the stationary distribution, such as
            the Metropolis rule or walls.
        refusals: tallies of steps that are not taken because no path was found, which may change the distribution.
        noise: distribution of the random numbers.
        extra_noise: random numbers of a walker in addition to dim.
        uses_previous_noise: whether the step reads `previous`.
        can_fail: whether the step writes failure codes into `status`.
        variable_step: the step has no tallies and adds its length to memory[0].
        gaussian_steps: whether the kick is Gaussian.
        stability: the value of dt x curvature at which motion down a loss becomes unstable: a number, or a function of
            the curvature.
        measure: stationary distribution of a projected step.
        law: the law of the step near a zero-loss set. If it is None (not known), the run is not compared with theories
            of the motion along the set.
        reference: source of the step.
    """

    name: str
    dynamics: str
    weak_order: float
    build: Callable[[Landscape], Kernel]
    rows: Callable[[Landscape], Rows]
    memory: Callable[[Landscape], Rows] = lambda landscape: Rows()
    counts_only: bool = False
    tallies: tuple[str, ...] = ()
    rejections: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    noise: Noise = Noise.NORMAL
    extra_noise: int = 0
    uses_previous_noise: bool = False
    can_fail: bool = False
    variable_step: bool = False
    gaussian_steps: bool = True
    stability: float | Callable[[float], float] = 2.0
    measure: str | None = None
    law: StepLaw | None = None
    reference: str = ""

    def work_rows(self, landscape: Landscape) -> int:
        """Number of rows of scratch."""
        return self.rows(landscape).count

    def stability_at(self, curvature: float) -> float:
        """The value of dt x curvature at which motion down a loss with this largest curvature becomes unstable."""
        return self.stability(curvature) if callable(self.stability) else self.stability

    def memory_rows(self, landscape: Landscape) -> int:
        """Number of rows that a walker keeps from step to step in addition to its state; at least 1, for the driver."""
        return max(1, len(self.tallies), self.memory(landscape).count)


@dataclass(frozen=True)
class StepSchedule:
    """Steps of changing length: `dt` is the largest step, and step k has the length dt x alpha_k.

    `factors` turns an array of step numbers k into the alpha_k of stochastic gradient Langevin dynamics (Welling and
    Teh 2011), above 0 and at most 1. A schedule cannot be combined with a stop, because the overshoot correction of a
    stop requires a constant step.
    """

    dt: float
    factors: Factors


@dataclass(frozen=True)
class Stop:
    """Stop a walker when it reaches the landscape's target, or the first of its targets.

    `correction` corrects the overshoot that occurs because the target is tested only at the ends of steps. `shift`
    widens the target by 0.5826 sqrt(2 theta dt) (Siegmund 1979; Gobet and Menozzi 2010); for kicks along a surface this
    is multiplied by the slope of the distance along the surface. `bridge` draws at random whether the path between two
    step ends touched the target (Baldi 1995; Gobet 2000). `none` does nothing. A walker that has not arrived by the
    time `horizon` is censored at this time.
    """

    correction: str = "shift"
    horizon: float = math.inf


@dataclass(frozen=True, init=False)
class Rows:
    """The arrays that a step uses in addition to its state, in the order of the declaration.

    `Rows(kick=3, matrix=(2, 2), clock=())` declares the views kick (3, lanes), matrix (2, 2, lanes) and clock (lanes,).
    They take 3 + 4 + 1 rows; `kernels.views` cuts them.
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]

    def __init__(self, **shapes: int | tuple[int, ...]) -> None:
        """Declare rows: the number of rows of a view, or the shape of the view without its lanes.

        Raises:
            UsageError: a shape contains something other than whole numbers of at least 0.
        """
        whole = tuple(_shape(name, shape) for name, shape in shapes.items())
        object.__setattr__(self, "names", tuple(shapes))
        object.__setattr__(self, "shapes", whole)

    @property
    def count(self) -> int:
        """Total number of rows of all views."""
        return sum(math.prod(shape) for shape in self.shapes)


def _shape(name: str, given: Any) -> tuple[int, ...]:
    shape: tuple[Any, ...] = given if isinstance(given, tuple) else (given,)
    if not all(isinstance(size, int) and size >= 0 for size in shape):
        raise unfit(f"rows {name}", "must be a whole number of at least 0, or a tuple of such", f"{given!r}")
    return tuple(int(size) for size in shape)
