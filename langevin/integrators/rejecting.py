"""Free diffusion in a body whose walls have no mirror in closed form: a step that would leave the body is rejected.

It is a Metropolis step with a symmetric proposal: the uniform law on the body is exact at every step size. So
a flat wall has the correct position, and expectations are of weak order 1 there: near the wall, rejected steps and
accepted steps change E x^2 by equal amounts of opposite signs.
"""

from __future__ import annotations

from langevin.errors import UsageError
from langevin.kernels.rounding import root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import body_walls_of
from langevin.types import Integrator, Kernel, Landscape, Rows


def rejecting() -> Integrator:
    """Return the step that rejects moves beyond `walls`; they are counted as `rejected`."""
    return Integrator(
        name="rejecting",
        dynamics="reflected",
        weak_order=1.0,
        build=_build,
        rows=_rows,
        tallies=("rejected",),
        rejections=("rejected",),
        reference="Metropolis et al. 1953, with a uniform law",
    )


def _rows(landscape: Landscape) -> Rows:
    return Rows(outside=(), moved=landscape.dim)


def _build(landscape: Landscape) -> Kernel:
    views, walls = views_of(_rows(landscape)), body_walls_of(landscape)
    if landscape.gradient is not None:
        raise UsageError(
            f"rejecting is for free diffusion, and {landscape.name} has a loss",
            "the body must have no loss and no field",
            "use mala-in-body",
        )

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        kick = root(2.0 * temperature * dt)
        outside, moved = views(work)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                moved[i, lane] = x[i, lane] + kick * noise[i, lane]
        walls(moved, outside, parameters)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                x[i, lane] = moved[i, lane] if outside[lane] <= 0.0 else x[i, lane]
        for lane in range(x.shape[1]):
            memory[0, lane] += (status[lane] == 0) & (outside[lane] > 0.0)

    return step
