"""Euler-Maruyama with a mobility that varies in space, in Ito form.

x <- x - dt (D grad f - theta grad D) + sqrt(2 theta D dt) xi, with D at the start of the step. The stationary
distribution of the continuous motion is exp(-f / theta) for every D. Weak order 1 (Kloeden and Platen 1992, section
14.1). If D is not positive at a walker, its next coordinates are not numbers: the walker has diverged.
"""

from __future__ import annotations

from langevin.integrators.euler_maruyama import EULER
from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import diffusion_of, gradient_of
from langevin.types import Diffusion, Integrator, Kernel, Landscape, Rows, StepLaw


def mobility() -> Integrator:
    """Return the step, for losses with a diffusion that varies."""
    return Integrator(
        name="mobility",
        dynamics="mobility",
        weak_order=1.0,
        build=_build,
        rows=_rows,
        law=StepLaw(widening=EULER, diffusion=Diffusion.MOBILITY),
        reference="Kloeden and Platen 1992, section 14.1",
    )


def _rows(landscape: Landscape) -> Rows:
    return Rows(slopes=landscape.dim, rises=landscape.dim, factor=1)


def _build(landscape: Landscape) -> Kernel:
    views, gradient = views_of(_rows(landscape)), gradient_of(landscape)
    diffusion, rise = diffusion_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        slopes, rises, factor = views(work)
        gradient(x, slopes, parameters)
        diffusion(x, factor[0], parameters)
        rise(x, rises, parameters)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                pull = factor[0, lane] * slopes[i, lane] - temperature * rises[i, lane]
                kick = root(2.0 * temperature * dt * factor[0, lane])
                x[i, lane] = fused(kick, noise[i, lane], fused(-dt, pull, x[i, lane]))

    return step
