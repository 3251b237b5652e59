"""Gradient descent on a squared loss whose labels have new noise at every step.

x <- x - dt J^T (r - zeta) with zeta ~ N(0, 2 theta / dt) for each residual, so the covariance of a step is
2 theta dt J^T J: no noise along the surface, noise across it that grows with its stiffness. Along the surface the
walk drifts, deterministically to leading order, by -(theta / 2) grad tr(J J^T) per unit time (Blanc et al.
2020, arXiv 1904.09080; Damian, Ma and Lee 2021, arXiv 2106.06530; Li, Wang and Arora 2022, arXiv 2110.06914, with
learning rate eta = dt and label variance sigma^2 = 2 theta / dt).
"""

from __future__ import annotations

from dataclasses import replace

from langevin.integrators.heavy_ball import heavy_ball
from langevin.types import Integrator


def label_noise() -> Integrator:
    """Return the step, for manifolds with a residual and a Jacobian: a heavy ball without momentum."""
    return replace(
        heavy_ball(momentum=0.0),
        name="label_noise",
        reference="Blanc, Gupta, Valiant and Valiant 2020; Li, Wang and Arora 2022",
    )
