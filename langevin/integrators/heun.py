"""Stochastic Heun for additive noise: an Euler-Maruyama step, then a step with the mean of the gradients at both ends.

It has weak order 2 at a fixed time and an invariant law with an error of order dt^2, and takes two gradients (Kloeden
and Platen 1992, section 15.1).

On f = a y^2 / 2, with h = dt a, its stationary variance is (theta / a) (2 - h) / (2 - h + h^2 / 2). If a changes
along a valley, the drift contains the mean of y^2 over the points of both gradients, y and (1 - h) y + sqrt(2 theta
dt) xi, which is (theta / a) (2 - h + h^2) / (2 - h + h^2 / 2).
"""

from __future__ import annotations

from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import gradient_of
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw, Widening


def heun() -> Integrator:
    """Return the step of Heun, for every landscape with a gradient."""
    return Integrator(
        name="heun",
        dynamics="soft",
        weak_order=2.0,
        build=_build,
        rows=_rows,
        law=StepLaw(widening=Widening((2.0, -1.0, 1.0), (2.0, -1.0, 0.5)), order=2.0),
        reference="Kloeden and Platen 1992, section 15.1",
    )


def _rows(landscape: Landscape) -> Rows:
    return Rows(before=landscape.dim, after=landscape.dim, ahead=landscape.dim)


def _build(landscape: Landscape) -> Kernel:
    views, gradient = views_of(_rows(landscape)), gradient_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        before, after, ahead = views(work)
        gradient(x, before, parameters)
        kick = root(2.0 * temperature * dt)
        for i in range(dim):
            for lane in range(lanes):
                ahead[i, lane] = fused(kick, noise[i, lane], fused(-dt, before[i, lane], x[i, lane]))
        gradient(ahead, after, parameters)
        for i in range(dim):
            for lane in range(lanes):
                pushed = fused(-0.5 * dt, before[i, lane] + after[i, lane], x[i, lane])
                x[i, lane] = fused(kick, noise[i, lane], pushed)

    return step
