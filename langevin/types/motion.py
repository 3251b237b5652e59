"""Motion on a landscape: the problem, one step of it, what that step does to a law, and when a walker stops."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import NDArray

from langevin.types.arrays import FloatArray
from langevin.types.landscape import Kernel, Landscape
from langevin.types.rows import Rows

#: Factors of dt for an array of step numbers.
Factors = Callable[[NDArray[np.int64]], FloatArray]


@dataclass(frozen=True)
class Problem:
    """Landscape, temperature and law of motion: physics only, no step size and no seed.

    `dynamics` is `soft` (Langevin in the loss), `projected` (diffusion on the surface r = 0), `reflected`
    (diffusion in a body, mirrored at its walls), `label-noise` (descent on a squared loss with noisy
    labels) or `power-law` (descent with noise across the surface that is a power of its stiffness).
    At temperature 0 motion down a loss is its gradient flow.
    `measure` names the invariant law that a projected diffusion targets, as a density against
    the surface measure: `surface` (1) or `gibbs` (det(J J^T)^(-1/2), the limit of soft motion at low
    temperature).
    """

    landscape: Landscape
    temperature: float
    dynamics: str = "soft"
    measure: str | None = None


class Noise(StrEnum):
    """Numbers that a step is given, of mean 0 and variance 1: standard normals, or +1 and -1."""

    NORMAL = "normal"
    TWO_POINT = "two-point"


@dataclass(frozen=True)
class Widening:
    """Mean of y^2 in the drift along a zero-loss set over its limit for small steps, a function of h = dt x stiffness.

    y is the normal coordinate. A step that takes one gradient takes it at its start, and this is its stationary normal
    variance; a step with several gradients averages y^2 over all places where it takes one.

    It is a ratio of two polynomials, whose coefficients are given from the constant on: 1 / (1 - h / 2) is
    `Widening((1.0,), (1.0, -0.5))`.
    """

    above: tuple[float, ...] = (1.0,)
    below: tuple[float, ...] = (1.0,)

    def __call__(self, h: FloatArray | float) -> FloatArray:
        """The ratio at dt x stiffness, of any shape."""
        return np.asarray(polyval(h, self.above) / polyval(h, self.below))

    @property
    def limit(self) -> float:
        """The least h > 0 where it is infinite: the motion across is unstable from there on."""
        poles = np.roots(self.below[::-1]) if len(self.below) > 1 else np.empty(0)
        real = poles.real[(np.abs(poles.imag) < 1e-12) & (poles.real > 0.0)]
        return float(real.min(initial=math.inf))


@dataclass(frozen=True)
class StepLaw:
    """What a step does on and about a zero-loss set, in the terms that theories use; kept in the meta of a run.

    With a_i the normal curvatures (eigenvalues of J J^T) and theta the temperature, the motion along the set is

        dx = -theta grad Phi dt + sqrt(2 theta heat) dW,    Phi = (pull/2) sum_i int^(a_i) a^(exponent - 1) w(dt a) da,

    with w the `widening`, and its noise across the set has the variance 2 theta a^exponent per unit time
    (`theory.surface_laws` has the sources). Soft motion has exponent 0, pull 1, heat 1; label noise exponent 1, heat 0.
    Projected motion has no part `across`: isotropic kicks that are returned with the strength kappa have pull kappa.

    `uneven_power` is p where the diffusion along the set is theta (tr a / m)^p, m the number of equations, and
    `uneven_weight` the weight of log D in the potential of its law: 1 of Ito noise, 1/2 of Stratonovich's, 0 of
    Klimontovich's. `exact` says that the stationary law has no error of the step.

    `inertia` is the time for which a velocity is remembered, 0 of overdamped motion. The stationary law does not depend
    on it; laws of times do, so no theory of them is laid beside motion with inertia.

    `lag` is the mean number of steps by which a kick acts late, beta / (1 - beta) of a step with momentum beta and 0 of
    one without memory: a drift along the set then sets in late (`theory.late_drift`).

    `order` is the weak order of the step, that of the error of expectations in dt at a fixed time.
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


@dataclass(frozen=True)
class Integrator:
    """One step of a law of motion, with what is known about it.

    `build(landscape)` returns the step kernel
    `step(x, noise, previous, work, memory, status, dt, temperature, parameters)`: x (dim, lanes) is advanced
    in place, `noise` and `previous` (at least dim + extra_noise, lanes) are this step's and the step before's
    numbers of noise, `work` is scratch, `memory` is kept from step to step, zero at the start, `status` (lanes,) takes
    failure codes. `rows(landscape)` declares what the step cuts from `work`, `memory(landscape)` what it cuts from
    `memory`, by the views of `kernels.views.views_of`.
    The first rows of memory are the `tallies`, which the step counts up for each running walker, and which the
    trajectory's events report by these names. Steps of some tallies are not taken: those of `rejections` by a rule that
    keeps the law, as Metropolis's and walls do, those of `refusals` for want of a way, which may change the law. A step
    of `variable_step` has no tallies and adds its length to memory[0]. A memory that `counts_only` never changes where
    a step goes, so a run may go on from a Trajectory, which holds states and tallies.
    `weak_order` is the order of the error of expectations in dt, at a fixed time. A step that `can_fail` writes a
    failure code into `status`. `measure` is the invariant law of a projected step. `law` says what the step does about
    a zero-loss set, None where that is not known: no theory of the motion along the set is then laid beside it.
    `stability` is the dt x curvature at which motion down a loss becomes unstable, a number or a function of the
    curvature.
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
        """Rows of scratch."""
        return self.rows(landscape).count

    def stability_at(self, curvature: float) -> float:
        """The dt x curvature at which motion down a loss of this largest curvature becomes unstable."""
        return self.stability(curvature) if callable(self.stability) else self.stability

    def memory_rows(self, landscape: Landscape) -> int:
        """Rows that a walker carries from step to step beside its state; never none, for the driver's sake."""
        return max(1, len(self.tallies), self.memory(landscape).count)


@dataclass(frozen=True)
class StepSchedule:
    """Steps of changing length: `dt` is the largest, step k takes dt x alpha_k.

    `factors` turns an array of step numbers k into the alpha_k of stochastic gradient Langevin dynamics (Welling and
    Teh 2011), above 0 and at most 1. Not with a stop, whose overshoot correction knows one step only.
    """

    dt: float
    factors: Factors


@dataclass(frozen=True)
class Stop:
    """Stop a walker when it reaches the landscape's target, or the first of its targets.

    `correction` mends the overshoot of a target watched at step ends only: `shift` widens the target
    by 0.5826 sqrt(2 theta dt) (Siegmund 1979; Gobet and Menozzi 2010), for kicks along a surface times the slope of
    the distance along it, `bridge` draws whether the path between two step ends touched it (Baldi 1995; Gobet 2000),
    `none` does nothing. A walker that has not arrived by the time `horizon` is censored there.
    """

    correction: str = "shift"
    horizon: float = math.inf
