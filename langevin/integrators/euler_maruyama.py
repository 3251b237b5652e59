"""Euler-Maruyama for soft Langevin motion, x <- x - dt grad f + sqrt(2 theta dt) xi.

Weak order 1 at a fixed time (Talay and Tubaro 1990). On f = k x^2 / 2 its stationary variance is
theta / (k (1 - k dt / 2)), exactly.
"""

from __future__ import annotations

from langevin.errors import unfit
from langevin.kernels.loop_arrays import flat
from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import gradient_of
from langevin.types import Integrator, Kernel, Landscape, Noise, Rows, StepLaw, Widening

#: Stationary variance across a valley for an explicit step, over its limit for dt -> 0; for every kind of noise.
EULER = Widening((1.0,), (1.0, -0.5))


def euler_maruyama(noise: str = "normal") -> Integrator:
    """Return the Euler-Maruyama step, for every landscape with a gradient.

    `two-point` noise, +1 or -1, has the same weak order and takes a quarter of the time, but has other tails. Do not
    use it for times of first passage.
    """
    if noise not in tuple(Noise):
        raise unfit("noise", f"must be {' or '.join(Noise)}", f"{noise!r}")
    normal = Noise(noise) is Noise.NORMAL
    return Integrator(
        name="euler_maruyama" if normal else "euler_maruyama (two-point noise)",
        noise=Noise(noise),
        gaussian_steps=normal,
        dynamics="soft",
        weak_order=1.0,
        build=_build,
        rows=_rows,
        law=StepLaw(widening=EULER),
        reference="Kloeden and Platen 1992, section 10.2",
    )


def _rows(landscape: Landscape) -> Rows:
    return Rows(slopes=landscape.dim)


def _build(landscape: Landscape) -> Kernel:
    views, gradient = views_of(_rows(landscape)), gradient_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        (slopes,) = views(work)
        gradient(x, slopes, parameters)
        kick = root(2.0 * temperature * dt)
        state, normals, pull = flat(x), flat(noise), flat(slopes)
        for index in range(state.size):
            state[index] = fused(kick, normals[index], fused(-dt, pull[index], state[index]))

    return step
