"""Reflected Brownian motion with steps whose length grows with the distance to the target.

A folded Gaussian step between mirrors has the exact law at any length (the mirror images of a box), so its length is
limited only by the detection of arrivals. At the distance D from the target the step's standard deviation is
max(sqrt(2 theta dt), D / REACH). The probability that a long step touches the target and ends outside is below
2 Phi(-REACH) = 6e-7. Near the target the steps have the length `dt`, so the overshoot correction is that of `dt`. Each
walker has a separate clock, the first row of memory, to which a step of standard deviation s adds s^2 / (2 theta).
"""

from __future__ import annotations

from langevin.errors import UsageError
from langevin.kernels.rounding import root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import fold_of, target_of
from langevin.types import Integrator, Kernel, Landscape, Rows

REACH = 5.0


def variable_step() -> Integrator:
    """Return the reflected step of variable length, for bodies with a target."""
    return Integrator(
        name="variable_step",
        dynamics="reflected",
        weak_order=1.0,
        build=_build,
        rows=_rows,
        memory=lambda landscape: Rows(clock=()),
        variable_step=True,
        reference="mirror images of a box; Siegmund 1979 for the overshoot",
    )


def _rows(landscape: Landscape) -> Rows:
    return Rows(kick=(), nearest=(), spare=())


def _build(landscape: Landscape) -> Kernel:
    views, fold, target = views_of(_rows(landscape)), fold_of(landscape), target_of(landscape)
    if landscape.gradient is not None:
        raise UsageError(
            f"variable steps are for free diffusion, and {landscape.name} has a loss",
            "the body must have no loss",
            "use reflected",
        )

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        shortest = root(2.0 * temperature * dt)
        per_time = 0.5 / temperature
        kick, nearest, spare = views(work)
        target(x, kick, nearest, spare, parameters)
        for lane in range(x.shape[1]):
            kick[lane] = max(shortest, kick[lane] / REACH)
            if status[lane] == 0:
                memory[0, lane] += per_time * kick[lane] * kick[lane]
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                x[i, lane] += kick[lane] * noise[i, lane]
        fold(x, parameters)

    return step
