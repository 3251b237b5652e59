"""The clipped walk in a body: a free step, after which a walker beyond a wall is moved onto the wall.

This is the simplest treatment of a wall. It is here for comparison, and is never chosen by default. It has weak order
1/2, and its distribution has atoms on the walls. With s = sqrt(2 theta dt) and delta = 0.5826 s, a fraction of about
s / sqrt(2) / (L + 2 delta) of the walkers in a box of side L is on each wall. On a half line with the drift -mu the
stationary mean is theta / mu - delta to leading order, and sum_n E S_n^+ / n exactly, with S_n the sum of n free
steps; without drift and from the wall, the sum of the terms up to n is the mean after n steps (Spitzer 1956; Asmussen,
Glynn and Pitman 1995).
"""

from __future__ import annotations

from langevin.integrators.reflected import free_step
from langevin.kernels.compile import jitable
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import fold_of
from langevin.types import Integrator, Kernel, Landscape, Rows

#: Number of halvings of the distance to the wall: even a kick across 2^8 bodies is clipped.
ROUNDS = 9
#: Moves below this fraction of the coordinate are round-off.
SETTLED = 1e-12


def clipped() -> Integrator:
    """Return the clipped step, for bodies whose walls fold: a wall is midway between a point and its mirror image.

    This is exact for any wall that mirrors along its normal, if the kick is shorter than the body. After a longer kick
    the midpoint is taken again, until it does not move.
    """
    return Integrator(
        name="clipped",
        dynamics="reflected",
        weak_order=0.5,
        build=_build,
        rows=_rows,
        reference="Asmussen, Glynn and Pitman 1995",
    )


def _rows(landscape: Landscape) -> Rows:
    """The scratch rows: the position before the mirror; `free_step` uses them for the gradient."""
    return Rows(unfolded=landscape.dim)


def _build(landscape: Landscape) -> Kernel:
    views, fold, move = views_of(_rows(landscape)), fold_of(landscape), jitable(free_step(landscape))

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        (unfolded,) = views(work)
        move(x, noise, unfolded, dt, temperature, parameters)
        for _ in range(ROUNDS):
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    unfolded[i, lane] = x[i, lane]
            fold(x, parameters)
            moved = 0
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    image, place = x[i, lane], unfolded[i, lane]
                    x[i, lane] = 0.5 * (place + image)
                    moved += abs(image - place) > SETTLED * abs(place)
            if moved == 0:
                break

    return step
