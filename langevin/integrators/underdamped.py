"""Motion with inertia: kinetic Langevin dynamics, split as BAOAB, on the clock of its overdamped limit.

A body of mass 1 and velocity v moves in the loss with the friction gamma, in the kinetic time s:

    dx = v ds,    dv = -grad f ds - gamma v ds + sqrt(2 gamma theta) dW.

The clock of a run is t = s / gamma: a run to the time t is a run to the kinetic time t gamma. On this clock free motion
spreads as 2 theta t after a long time at any gamma, as overdamped motion does, and the correlation time of the velocity
is 1 / gamma^2, the `inertia` of the step. As gamma grows, the motion tends to dX = -grad f dt + sqrt(2 theta) dW. The
law of x is exp(-f / theta) at any friction, and the law of v is N(0, theta), from which the first velocity is drawn.

Times are not those of overdamped motion: a body oscillates in a well, and crosses a barrier of curvature -a more
slowly on this clock, by the factor 1/2 + sqrt(1/4 + a / gamma^2) if friction is not weak (Kramers 1940), else by a
factor of order 1 / gamma^2. So they are not compared with theories of overdamped times, of first passage or of
diffusion over barriers.

A step of length dt, h = gamma dt, is half a kick (B), half a flight (A), friction and heat (O), half a flight, half a
kick (Leimkuhler and Matthews 2013). It takes one gradient: the last half kick of a step and the first of the next, at
the same position, are made together. O changes v to c v + sqrt(theta (1 - c^2)) xi with
c = (1 - gamma h / 2) / (1 + gamma h / 2): so the step is that of Gronbech-Jensen and Farago (2013). Its law of x in a
quadratic well and its free diffusion after many steps are exact at every stable step. Its weak order is 2, and steps
with h^2 a < 4 are stable at the curvature a.
"""

from __future__ import annotations

import math

from langevin.errors import unfit
from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import gradient_of
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw


def underdamped(friction: float = 1.0) -> Integrator:
    """Return the step with inertia, for losses with a gradient; each friction is compiled separately.

    Args:
        friction: gamma, above 0, in units of the square root of a curvature (the mass is 1).

    Raises:
        UsageError: a friction out of range.
    """
    if not 1e-6 <= friction <= 1e6:
        raise unfit("friction", "must be from 1e-6 to 1e6", f"{friction!r}")
    return Integrator(
        name=f"underdamped (friction {friction:g})",
        dynamics="soft",
        weak_order=2.0,
        build=lambda landscape: _build(landscape, float(friction)),
        rows=_rows,
        memory=_memory,
        uses_previous_noise=True,
        gaussian_steps=False,
        stability=lambda curvature: 2.0 * math.sqrt(curvature) / friction,
        law=StepLaw(inertia=float(friction) ** -2),
        reference="Leimkuhler and Matthews 2013; Gronbech-Jensen and Farago 2013",
    )


def _rows(landscape: Landscape) -> Rows:
    return Rows(slopes=landscape.dim)


def _memory(landscape: Landscape) -> Rows:
    """Rows of memory: the velocity after friction and heat (O), and the time of the kick that is still due, first 0."""
    return Rows(velocity=landscape.dim, owed=())


def _build(landscape: Landscape, friction: float) -> Kernel:
    views, kept = views_of(_rows(landscape)), views_of(_memory(landscape))
    gradient = gradient_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        (slopes,), (velocity, owed) = views(work), kept(memory)
        gradient(x, slopes, parameters)
        half, speed = 0.5 * friction * dt, root(temperature)
        drag = friction * half
        keep, heat = (1.0 - drag) / (1.0 + drag), 2.0 * root(temperature * drag) / (1.0 + drag)
        for i in range(dim):
            for lane in range(lanes):
                first = (
                    speed * previous[i, lane]
                )  # the noise before the first step, which is not used elsewhere
                before = velocity[i, lane] if owed[lane] > 0.0 else first
                kicked = fused(-(owed[lane] + half), slopes[i, lane], before)
                velocity[i, lane] = fused(keep, kicked, heat * noise[i, lane])
                x[i, lane] = fused(half, kicked + velocity[i, lane], x[i, lane])
        for lane in range(lanes):
            owed[lane] = half

    return step
