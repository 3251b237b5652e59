"""Reflected Brownian motion in a body: a Gaussian step, then the mirror image at the walls.

Where the landscape's mirror depends on the way (`bounce`), it is given the place before the step too.
Without drift the uniform law is kept exactly at every step size (Lepingle 1995), and
expectations are of weak order 1 (Bossy, Gobet and Talay 2004).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.integrators.pieces import mirror_of
from langevin.types import Integrator, Kernel, Landscape


def reflected() -> Integrator:
    """Return the mirrored Gaussian step, for bodies: manifolds with walls."""
    return Integrator(
        name="reflected",
        dynamics="reflected",
        weak_order=1.0,
        build=_build,
        work_rows=lambda landscape: landscape.dim,
        reference="Lepingle 1995; Bossy, Gobet and Talay 2004",
    )


def _build(landscape: Landscape) -> Kernel:
    mirror, needs_way = mirror_of(landscape)

    def fold_step(
        x: Any, noise: Any, previous: Any, work: Any, memory: Any, status: Any, dt: float, temperature: float,
        parameters: Any,
    ) -> None:  # fmt: skip
        kick = np.sqrt(2.0 * temperature * dt)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                x[i, lane] += kick * noise[i, lane]
        mirror(x, parameters)

    def bounce_step(
        x: Any, noise: Any, previous: Any, work: Any, memory: Any, status: Any, dt: float, temperature: float,
        parameters: Any,
    ) -> None:  # fmt: skip
        kick = np.sqrt(2.0 * temperature * dt)
        before = work[0 : x.shape[0]]
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                before[i, lane] = x[i, lane]
                x[i, lane] += kick * noise[i, lane]
        mirror(x, before, parameters)

    return bounce_step if needs_way else fold_step
