"""Euler-Maruyama with a gradient that is averaged over two points near the walker."""

import numpy as np

from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import gradient_of
from langevin.types import Integrator, Rows


def averaged_gradient(reach: float = 1e-3):
    """Step along the mean of the gradients at x + reach and x - reach, in every coordinate at once.

    Args:
        reach: distance of the two points from the walker, in each coordinate.
    """
    return Integrator(
        name=f"averaged_gradient (reach {reach:g})",
        dynamics="soft",
        weak_order=1.0,
        build=lambda landscape: _build(landscape, float(reach)),
        rows=_rows,
    )


def _rows(landscape):
    return Rows(beside=landscape.dim, one=landscape.dim, other=landscape.dim)


def _build(landscape, reach):
    views, gradient = views_of(_rows(landscape)), gradient_of(landscape)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        beside, one, other = views(work)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                beside[i, lane] = x[i, lane] + reach
        gradient(beside, one, parameters)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                beside[i, lane] = x[i, lane] - reach
        gradient(beside, other, parameters)
        kick = np.sqrt(2.0 * temperature * dt)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                x[i, lane] += kick * noise[i, lane] - 0.5 * dt * (one[i, lane] + other[i, lane])

    return step
