"""Gradient descent on a squared loss whose labels carry fresh noise at every step.

x <- x - dt J^T (r - zeta) with zeta ~ N(0, 2 theta / dt) for each residual, so the covariance of a step is
2 theta dt J^T J: no noise along the surface, noise across it that grows with its stiffness. Along the surface the
walk drifts, deterministically to leading order, by -(theta / 2) grad tr(J J^T) per unit time (Blanc et al.
2020, arXiv 1904.09080; Damian, Ma and Lee 2021, arXiv 2106.06530; Li, Wang and Arora 2022, arXiv 2110.06914, with
learning rate eta = dt and label variance sigma^2 = 2 theta / dt).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.steps.pieces import open_constraint_of
from langevin.types import Integrator, Kernel, Landscape, StepLaw, Widening


def label_noise() -> Integrator:
    """Return the step, for manifolds with a residual and a Jacobian."""
    return Integrator(
        name="label_noise",
        dynamics="label-noise",
        weak_order=1.0,
        build=_build,
        work_rows=_work_rows,
        gaussian_steps=False,
        law=StepLaw(exponent=1.0, heat=0.0, widening=Widening((1.0,), (1.0, -0.5))),
        reference="Blanc, Gupta, Valiant and Valiant 2020; Li, Wang and Arora 2022",
    )


def _work_rows(landscape: Landscape) -> int:
    return landscape.codim * (1 + landscape.dim)


def _build(landscape: Landscape) -> Kernel:
    residual, jacobian = open_constraint_of(landscape)
    size = landscape.codim

    def step(
        x: Any, noise: Any, previous: Any, work: Any, memory: Any, status: Any, dt: float, temperature: float,
        parameters: Any,
    ) -> None:  # fmt: skip
        dim, lanes = x.shape
        errors, slopes = work[0:size], work[size : size * (1 + dim)].reshape((size, dim, lanes))
        residual(x, errors, parameters)
        jacobian(x, slopes, parameters)
        spread = np.sqrt(2.0 * temperature / dt)
        for a in range(size):
            for lane in range(lanes):
                errors[a, lane] -= spread * noise[a, lane]
        for a in range(size):
            for i in range(dim):
                for lane in range(lanes):
                    x[i, lane] -= dt * slopes[a, i, lane] * errors[a, lane]

    return step
