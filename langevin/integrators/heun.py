"""Stochastic Heun for additive noise: an Euler-Maruyama step, then the mean of the gradients at both ends.

Weak order 2 at a fixed time and an invariant law with an error of order dt^2, at two gradients a step (Kloeden
and Platen 1992, section 15.1).

On f = a y^2 / 2, with h = dt a, its stationary variance is (theta / a) (2 - h) / (2 - h + h^2 / 2). Where a changes
along a valley, the drift averages y^2 over the places of both gradients, y and (1 - h) y + sqrt(2 theta dt) xi, which
gives (theta / a) (2 - h + h^2) / (2 - h + h^2 / 2).
"""

from __future__ import annotations

from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import gradient_of
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw, Widening


def heun() -> Integrator:
    """Return the step, which serves every landscape that has a gradient."""
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
