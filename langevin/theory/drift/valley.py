"""Laws of the drift toward flat regions, along a valley whose floor is a line x with stiffness a(x).

The loss is a(x) |y|^2 / 2 with y in R^m. A law gives dx = drift(x) dt + sqrt(2 theta) dW. `mean_displacement` computes
the mean that a law predicts after a finite time.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import NumericalError, unfit
from langevin.theory.fokker_planck.generators import evolve, generator
from langevin.theory.quadrature import panel_nodes
from langevin.types import FloatArray, Prediction

Profile = Callable[[FloatArray], FloatArray]
#: Width of the window on each side of the start, in standard deviations of free diffusion, in addition to one period.
WINDOW = 7.0
COARSE_CELLS = 200
COARSE_STEPS = 50
#: The mesh is halved until the mean moves by less than this, relative to it (or to 1e-3 rms displacements).
GOAL = 1e-4
MOST_HALVINGS = 6


def log_det_drift(
    profile: Profile, slope: Profile, transverse: int, temperature: float, dt: float = 0.0
) -> Profile:
    """Drift -(m theta / 2) a' / a of soft Langevin motion, and of projected motion with the Gibbs distribution.

    It is minus theta times the gradient of (1/2) log det H (Fatkullin, Kovacic and Vanden-Eijnden, Commun. Math. Sci. 8
    (2010) 439), in the stiff limit: relaxation rate a >> theta (a'/a)^2. With dt > 0 it is -(m theta / 2) a' / (a (1 -
    dt a / 2)), the drift of soft Euler-Maruyama steps, whose normal variance is theta / (a (1 - dt a / 2)). So coarse
    steps strengthen the drift, most at stiff parts of the valley.

    Args:
        profile: stiffness a(x), array to array.
        slope: its derivative a'(x).
        transverse: number m of directions across the valley.
        temperature: theta.
        dt: step; 0 for the limit of small steps.

    Raises:
        UsageError: on evaluation, dt a >= 2, at which the normal motion is unstable.
    """

    def drift(x: FloatArray) -> FloatArray:
        stiffness = profile(x)
        if np.max(dt * stiffness) >= 2:
            raise unfit(
                "dt x stiffness", "must stay below 2", f"{np.max(dt * stiffness):.3g}", "take a smaller dt"
            )
        return -(transverse * temperature / 2) * slope(x) / (stiffness * (1 - dt * stiffness / 2))

    return drift


def double_drift(profile: Profile, slope: Profile, transverse: int, temperature: float) -> Profile:
    """Drift -m theta a' / a of isotropic kicks, each with a retraction by one full Gauss-Newton step.

    Args:
        profile: stiffness a(x), array to array.
        slope: its derivative a'(x).
        transverse: number m of directions across the valley.
        temperature: theta.
    """
    return lambda x: -transverse * temperature * slope(x) / profile(x)


def trace_drift(
    profile: Profile, slope: Profile, transverse: int, diffusion: float, dt: float = 0.0
) -> Profile:
    """Drift -(m D / 2) a' of normal noise 2 D a per coordinate and unit time: the trace law of label noise.

    With dt > 0 it is -(m D / 2) a' / (1 - dt a / 2), which is exact to leading order in D at this step.

    Label noise of variance sigma^2 and learning rate eta kicks each y with variance eta^2 sigma^2 a in each step, so
    D = eta sigma^2 / 2 and the drift is -(eta sigma^2 / 4) grad tr H (Damian, Ma and Lee 2021, arXiv 2106.06530; Li,
    Wang and Arora 2022, arXiv 2110.06914). The normal variance is D for every a; for soft motion it is theta / a. With
    D = theta both agree at a = 1.

    Args:
        profile: stiffness a(x), array to array.
        slope: its derivative a'(x).
        transverse: number m of directions across the valley.
        diffusion: D.
        dt: step; 0 for the limit of small steps.
    """
    return lambda x: -(transverse * diffusion / 2) * slope(x) / (1 - dt * profile(x) / 2)


def flow_displacement(drift: Profile, time: float, start: float) -> Prediction:
    """Displacement x(t) - start of the deterministic motion dx/dt = drift(x).

    Args:
        drift: array to array of the same shape.
        time: t.
        start: x(0).

    Raises:
        NumericalError: the integration failed.
    """
    from scipy.integrate import solve_ivp

    ends = [
        solve_ivp(lambda _, x: drift(x), (0.0, time), [start], rtol=rtol, atol=1e-12, method="DOP853")
        for rtol in (1e-6, 1e-9)
    ]
    if not all(end.success for end in ends):
        raise NumericalError(
            f"the motion by drift alone could not be followed to time {time}", remedy="take a shorter time"
        )
    rough, fine = (float(end.y[0, -1]) for end in ends)
    return Prediction(fine - start, abs(fine - rough))


def mean_displacement(
    drift: Profile, temperature: float, time: float, start: float, period: float = 2 * math.pi
) -> Prediction:
    """Mean of x(t) - start for dx = drift(x) dt + sqrt(2 theta) dW, x unwrapped, drift of the given period.

    Solves the backward equation for x on a window. The window has one period and seven free standard deviations on each
    side. It is so wide that its mirror walls have no effect if the drift has no mean over a period. Mesh and time step
    are halved until the mean converges; the remainder is the last change, about three times the remaining error.

    Args:
        drift: array to array of the same shape.
        temperature: theta > 0.
        time: t >= 0.
        start: x(0).
        period: of the drift.

    Raises:
        UsageError: temperature or period not positive, or a negative time.
        NumericalError: the mean did not converge in six halvings.
    """
    if not (temperature > 0 and period > 0 and time >= 0):
        raise unfit(
            "mean_displacement",
            "needs temperature > 0, period > 0 and time >= 0",
            f"{temperature}, {period} and {time}",
        )
    if time == 0:
        return Prediction(0.0)
    spread = math.sqrt(2 * temperature * time)
    width = period + WINDOW * spread
    previous = _displacement(drift, temperature, time, start, width, COARSE_CELLS, COARSE_STEPS)
    for halving in range(1, MOST_HALVINGS + 1):
        cells, steps = COARSE_CELLS * 2**halving, COARSE_STEPS * 2**halving
        current = _displacement(drift, temperature, time, start, width, cells, steps)
        change = abs(current - previous)
        if change <= GOAL * max(abs(current), 1e-3 * spread):
            return Prediction(current, change)
        previous = current
    raise NumericalError(
        f"the mean displacement at time {time} still moved by {change:.1g} on the finest mesh",
        remedy="take a shorter time",
    )


def _displacement(
    drift: Profile, temperature: float, time: float, start: float, width: float, cells: int, steps: int
) -> float:
    """Mean displacement on one mesh: `cells` on each side of the cell that is centred on the start."""
    spacing = width / (cells + 0.5)
    nodes, weights = panel_nodes(start - cells * spacing, start + cells * spacing, 2 * cells)
    rises = -(drift(nodes) * weights).sum(axis=1)
    offsets = spacing * np.arange(-cells, cells + 1, dtype=np.float64)
    # Expectations follow the transposed equation; x is then a smooth initial value, not a point mass.
    return float(evolve(generator(rises, spacing, temperature).T, offsets, time, steps)[cells])
