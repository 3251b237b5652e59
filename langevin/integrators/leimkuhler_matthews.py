"""Leimkuhler-Matthews: x <- x - dt grad f + sqrt(2 theta dt) (xi_n + xi_(n+1)) / 2.

It takes one gradient a step, as Euler-Maruyama does, but its invariant law has an error of order dt^2, and no error for
quadratic f (Leimkuhler and Matthews 2013; Leimkuhler, Matthews and Tretyakov 2014). At a fixed time it has
only weak order 1: the first-order part of the error decays with the dependence on the start. Successive steps share
noise, so overshoot corrections for independent Gaussian steps do not apply.
"""

from __future__ import annotations

from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import gradient_of
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw


def leimkuhler_matthews() -> Integrator:
    """Return the step of Leimkuhler and Matthews, for every landscape with a gradient.

    The driver computes the noise of the step before again, so restarts do not change the result.
    """
    return Integrator(
        name="leimkuhler_matthews",
        dynamics="soft",
        weak_order=1.0,
        build=_build,
        rows=_rows,
        law=StepLaw(),
        uses_previous_noise=True,
        gaussian_steps=False,
        reference="Leimkuhler and Matthews 2013; Leimkuhler, Matthews and Tretyakov 2014",
    )


def _rows(landscape: Landscape) -> Rows:
    return Rows(slopes=landscape.dim)


def _build(landscape: Landscape) -> Kernel:
    views, gradient = views_of(_rows(landscape)), gradient_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        (slopes,) = views(work)
        gradient(x, slopes, parameters)
        half_kick = 0.5 * root(2.0 * temperature * dt)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                pushed = fused(-dt, slopes[i, lane], x[i, lane])
                x[i, lane] = fused(half_kick, previous[i, lane] + noise[i, lane], pushed)

    return step
