"""The walk that stops at its walls: a free step, and whatever lies beyond a wall is put onto it.

The naive treatment of a wall, kept for comparison and never chosen by default. It is of weak order 1/2 and leaves
atoms. With s = sqrt(2 theta dt) and delta = 0.5826 s, about s / sqrt(2) / (L + 2 delta) of the walkers in a box of
side L stand on each wall. On a half line with the drift -mu the stationary mean is theta / mu - delta to leading order
and sum_n E S_n^+ / n exactly, S_n the sum of n free steps; without drift and from the wall, the terms up to n are the
mean after n steps (Spitzer 1956; Asmussen, Glynn and Pitman 1995).
"""

from __future__ import annotations

from langevin.integrators.reflected import free_step
from langevin.kernels.compile import jitable
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import fold_of
from langevin.types import Integrator, Kernel, Landscape, Rows

#: Halvings of the distance to the wall: a kick across 2^8 bodies is clipped too.
ROUNDS = 9
#: Moves below this part of the place itself are round-off.
SETTLED = 1e-12


def clipped() -> Integrator:
    """Return the clipped step, for bodies whose walls fold: a wall is midway between a point and its mirror image.

    So it is for any wall that mirrors along its normal, if the kick is shorter than the body; after a longer one the
    midpoint is taken again, until it stays.
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
    """The place before the mirror; `free_step` has it for the gradient."""
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
