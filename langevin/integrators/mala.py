"""Metropolis-adjusted Langevin: its law is exactly exp(-f / theta), at any step size.

An Euler-Maruyama step y = x - dt g(x) + sqrt(2 theta dt) xi, with g = grad f, is proposed, and accepted with
probability min(1, exp(-A)). The ratio of the densities at x and y, and of the two proposal densities, gives

    A = (f(y) - f(x)) / theta + dt |G|^2 / (4 theta) - sqrt(dt / (2 theta)) xi . G,    G = g(x) + g(y),

in which the squares of xi cancel (Rossky, Doll and Friedman 1978; Roberts and Tweedie 1996). Otherwise the walker does
not move, and the step is tallied as `rejected`. The uniform random number of the decision is exp(-(a^2 + b^2) / 2) for
two normals a and b.

Steps are rejected at a rate of order dt^(3/2), and the error of expectations at a fixed time is of first order in dt
(Bou-Rabee, Donev and Vanden-Eijnden 2014). A step takes two gradients and two values. There is no limit of stability:
a step that is too long is rejected, and a walk that accepts very few steps does not mix. In dimension d the accepted
fraction of steps is constant for dt of order d^(-1/3) (Roberts and Rosenthal 1998).
"""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.kernels.rounding import fused, root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import gradient_of
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw


def mala() -> Integrator:
    """Return the step of MALA, which rejects some moves, for every loss with a value and a gradient."""
    return Integrator(
        name="mala",
        dynamics="soft",
        weak_order=1.0,
        build=lambda landscape: build_mala(landscape, gradient_of(landscape)),
        rows=mala_rows,
        tallies=("rejected",),
        rejections=("rejected",),
        extra_noise=2,
        stability=math.inf,
        law=StepLaw(exact=True),
        reference="Roberts and Tweedie 1996; Bou-Rabee, Donev and Vanden-Eijnden 2014",
    )


def mala_rows(landscape: Landscape) -> Rows:
    """The scratch rows of the step."""
    dim = landscape.dim
    return Rows(slopes=dim, ahead=dim, slopes_ahead=dim, value=(), value_ahead=(), excess=())


def build_mala(landscape: Landscape, gradient: Kernel, walls: Kernel | None = None) -> Kernel:
    """Return the step kernel; if there are walls, it rejects steps that end beyond them.

    Args:
        landscape: a landscape with a value.
        gradient: the kernel of the gradient of the value, compiled into the step.
        walls: the kernel of the walls, at most 0 at allowed points.

    Raises:
        UsageError: the landscape has no value.
    """
    views, bounded, beyond = views_of(mala_rows(landscape)), walls is not None, walls or gradient
    if landscape.value is None:
        raise UsageError(
            f"{landscape.name} has no value of its loss, which mala needs",
            "the landscape must have a value",
            "use euler_maruyama",
        )
    loss = jitable(landscape.value)

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        slopes, ahead, slopes_ahead, value, value_ahead, excess = views(work)
        kick = root(2.0 * temperature * dt)
        gradient(x, slopes, parameters)
        for i in range(dim):
            for lane in range(lanes):
                ahead[i, lane] = fused(kick, noise[i, lane], fused(-dt, slopes[i, lane], x[i, lane]))
        gradient(ahead, slopes_ahead, parameters)
        loss(x, value, parameters)
        loss(ahead, value_ahead, parameters)
        for lane in range(lanes):
            excess[lane] = (value_ahead[lane] - value[lane]) / temperature
        square, cross = 0.25 * dt / temperature, 0.5 * kick / temperature
        for i in range(dim):
            for lane in range(lanes):
                both = slopes[i, lane] + slopes_ahead[i, lane]
                excess[lane] += both * fused(square, both, -cross * noise[i, lane])
        if bounded:
            beyond(ahead, value, parameters)
            for lane in range(lanes):
                excess[lane] = excess[lane] if value[lane] <= 0.0 else np.inf
        for lane in range(lanes):
            drawn = 0.5 * (np.float64(noise[dim, lane]) ** 2 + np.float64(noise[dim + 1, lane]) ** 2)
            taken = drawn >= excess[lane]  # false if the loss at the end is not a number
            memory[0, lane] += (status[lane] == 0) & (not taken)
            excess[lane] = 1.0 if taken else 0.0
        for i in range(dim):
            for lane in range(lanes):
                x[i, lane] = ahead[i, lane] if excess[lane] > 0.0 else x[i, lane]

    return step
