"""Euler-Maruyama with noise that varies in space and constant mobility: Ito noise, as in SGD.

x <- x - dt grad f + sqrt(2 theta D dt) xi, with D at the start of the step. Weak order 1 (Kloeden and Platen 1992,
section 14.1). If D is not positive at a walker, its next coordinates are not numbers: the walker has diverged.
"""

from __future__ import annotations

from langevin.integrators.euler_maruyama import EULER
from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import diffusion_of, gradient_of
from langevin.types import Diffusion, Integrator, Kernel, Landscape, Rows, StepLaw


def ito_noise() -> Integrator:
    """Return the step, for losses with a diffusion that varies."""
    return Integrator(
        name="ito_noise",
        dynamics="ito-noise",
        weak_order=1.0,
        build=_build,
        rows=_rows,
        law=StepLaw(widening=EULER, diffusion=Diffusion.NOISE),
        reference="Kloeden and Platen 1992, section 14.1",
    )


def _rows(landscape: Landscape) -> Rows:
    return Rows(slopes=landscape.dim, factor=1)


def _build(landscape: Landscape) -> Kernel:
    views, gradient = views_of(_rows(landscape)), gradient_of(landscape)
    diffusion, _ = diffusion_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        slopes, factor = views(work)
        gradient(x, slopes, parameters)
        diffusion(x, factor[0], parameters)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                kick = root(2.0 * temperature * dt * factor[0, lane])
                x[i, lane] = fused(kick, noise[i, lane], fused(-dt, slopes[i, lane], x[i, lane]))

    return step
