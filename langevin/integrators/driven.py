"""Heun's step for motion in a loss with a force that varies in time, dX = -grad f dt - grad U(x, t) dt + noise.

ahead = x - dt F(x, t) + sqrt(2 theta dt) xi,   x <- x - dt (F(x, t) + F(ahead, t + dt)) / 2 + sqrt(2 theta dt) xi, with
F = grad f + grad U. Weak order 2 for noise of constant strength (Kloeden and Platen 1992, section 15.1). The time is
the walker's memory; it is 0 at the first step of a run.
"""

from __future__ import annotations

from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import drive_of, gradient_of
from langevin.types import Integrator, Kernel, Landscape, Rows


def driven() -> Integrator:
    """Return the step of Heun, for losses with a force that varies in time."""
    return Integrator(
        name="driven",
        dynamics="driven",
        weak_order=2.0,
        build=_build,
        rows=_rows,
        memory=_memory,
        reference="Kloeden and Platen 1992, section 15.1",
    )


def _rows(landscape: Landscape) -> Rows:
    dim = landscape.dim
    return Rows(before=dim, after=dim, ahead=dim, place=dim + 1, slope=dim + 1)


def _memory(landscape: Landscape) -> Rows:
    return Rows(time=1)


def _build(landscape: Landscape) -> Kernel:
    views, kept = views_of(_rows(landscape)), views_of(_memory(landscape))
    gradient, push = gradient_of(landscape), drive_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        (before, after, ahead, place, slope), (time,) = views(work), kept(memory)
        kick = root(2.0 * temperature * dt)
        gradient(x, before, parameters)
        for lane in range(lanes):
            for i in range(dim):
                place[i, lane] = x[i, lane]
            place[dim, lane] = time[0, lane]
        push(place, slope, parameters)
        for i in range(dim):
            for lane in range(lanes):
                before[i, lane] += slope[i, lane]
                ahead[i, lane] = fused(kick, noise[i, lane], fused(-dt, before[i, lane], x[i, lane]))
                place[i, lane] = ahead[i, lane]
        for lane in range(lanes):
            time[0, lane] += dt
            place[dim, lane] = time[0, lane]
        gradient(ahead, after, parameters)
        push(place, slope, parameters)
        for i in range(dim):
            for lane in range(lanes):
                pushed = fused(-0.5 * dt, before[i, lane] + after[i, lane] + slope[i, lane], x[i, lane])
                x[i, lane] = fused(kick, noise[i, lane], pushed)

    return step
