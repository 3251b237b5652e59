"""Reflected Langevin motion in a body: a free step, then the mirror image at the walls.

If the body has a loss `gradient`, the step has its drift, x <- mirror(x - dt grad f + sqrt(2 theta dt) xi); otherwise
the walk is free. If the landscape's mirror depends on the path (`bounce`), it also receives the position before the
step. Without drift the uniform law is exact at every step size (Lepingle 1995), and expectations are of weak
order 1 (Bossy, Gobet and Talay 2004). On a half line with the constant drift -mu the stationary mean is
theta / mu + mu dt / 2 at every step size: |y|^2 = y^2, so E x^2 = E (x - mu dt)^2 + 2 theta dt.
"""

from __future__ import annotations

from langevin.kernels.compile import jitable
from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import mirror_of
from langevin.types import Integrator, Kernel, Landscape, Rows


def reflected() -> Integrator:
    """Return the mirrored Gaussian step, for bodies: manifolds with walls."""
    return Integrator(
        name="reflected",
        dynamics="reflected",
        weak_order=1.0,
        build=_build,
        rows=_rows,
        reference="Lepingle 1995; Bossy, Gobet and Talay 2004",
    )


def free_step(landscape: Landscape) -> Kernel:
    """The kernel `advance(x, noise, slopes, dt, temperature, parameters)` of a step without walls, in place.

    `slopes` (dim, lanes) is scratch, which is not used if the body has no gradient.
    """

    def diffuse(x, noise, slopes, dt, temperature, parameters):
        kick = root(2.0 * temperature * dt)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                x[i, lane] = fused(kick, noise[i, lane], x[i, lane])

    if landscape.gradient is None:
        return diffuse
    gradient = jitable(landscape.gradient)

    def descend(x, noise, slopes, dt, temperature, parameters):
        gradient(x, slopes, parameters)
        kick = root(2.0 * temperature * dt)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                x[i, lane] = fused(kick, noise[i, lane], fused(-dt, slopes[i, lane], x[i, lane]))

    return descend


def _rows(landscape: Landscape) -> Rows:
    _, needs_way = mirror_of(landscape)
    return Rows(
        slopes=0 if landscape.gradient is None else landscape.dim, before=landscape.dim if needs_way else 0
    )


def _build(landscape: Landscape) -> Kernel:
    views = views_of(_rows(landscape))
    mirror, needs_way = mirror_of(landscape)
    move = jitable(free_step(landscape))

    def fold_step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        slopes, _ = views(work)
        move(x, noise, slopes, dt, temperature, parameters)
        mirror(x, parameters)

    def bounce_step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        slopes, before = views(work)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                before[i, lane] = x[i, lane]
        move(x, noise, slopes, dt, temperature, parameters)
        mirror(x, before, parameters)

    return bounce_step if needs_way else fold_step
