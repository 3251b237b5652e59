"""Laws of motion along any surface r(x) = 0: down which potential of its normal curvatures they drift, with what heat.

With a_i the eigenvalues of J J^T, which on the surface are those of the Hessian of |r|^2 / 2 across it,

    dx = -theta grad Phi dt + sqrt(2 theta heat) dW along the surface,    Phi = sum_i phi(a_i),

and Brownian motion of the surface, whose mean curvature is no part of the drift. Where heat > 0 the density in the long
run is exp(-Phi / heat) against the surface measure.

Descent by steps dt down |r|^2 / 2 with noise of covariance 2 theta a^gamma per unit time across the surface has

    phi'(a) = a^(gamma - 1) / (2 (1 - dt a / 2)).

gamma = 0 is the law of log det, Phi = (1/2) log det J J^T, that of soft Langevin motion (I. Fatkullin, G. Kovacic and
E. Vanden-Eijnden, Commun. Math. Sci. 8 (2010) 439); gamma = 1 that of the trace, Phi = (1/2) tr J J^T, of label noise
(A. Damian, T. Ma and J. Lee, arXiv 2106.06530); both in Z. Li, T. Wang and S. Arora, arXiv 2110.06914, as dt -> 0. The
finite step: the limit map P of x -> F(x) = x - dt grad f obeys P(F(x)) = P(x); differentiated twice on the surface, for
a normal eigenvector n, d^2 P[n, n] = -grad_along(n . Hess f . n) / (2 a (1 - dt a / 2)), and the drift is half the
noise contracted with d^2 P (G. Katzenberger, Ann. Probab. 19 (1991) 1587). It holds to first order in theta, on any
surface, for every dt a < 2.

Isotropic kicks that are given back slide by kappa times the half of that (`projected`): phi = (kappa / 2) log a.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from langevin.errors import UsageError
from langevin.types import FloatArray

DESCENT = (
    "Fatkullin, Kovacic and Vanden-Eijnden, Commun. Math. Sci. 8 (2010) 439; Li, Wang and Arora, arXiv 2110.06914; "
    "Katzenberger, Ann. Probab. 19 (1991) 1587"
)
RETURN = "Ciccotti, Lelievre and Vanden-Eijnden, Comm. Pure Appl. Math. 61 (2008) 371; Katzenberger 1991"


@dataclass(frozen=True)
class SurfaceLaw:
    """A law of motion along a surface (formulas: module docstring).

    `potential` turns normal curvatures (points, codim) into Phi (points,), up to a constant; `heat` is the diffusion
    along the surface over theta, 0 for none.
    """

    name: str
    potential: Callable[[FloatArray], FloatArray]
    heat: float
    reference: str


def projection_law(kappa: float, name: str | None = None) -> SurfaceLaw:
    """Isotropic kicks given back to the surface: density det(J J^T)^(-kappa/2) against its measure.

    The drift is -kappa theta grad (1/2) log det J J^T. kappa is 0 for the nearest point and along the normals at the
    start, and for any noise along the surface; 1 for the gradient flow; 2 for a full Gauss-Newton step.

    Raises:
        UsageError: a kappa that is not finite.
    """
    if not math.isfinite(kappa):
        raise UsageError(f"kappa must be finite, got {kappa}: 0, 1 and 2 are the ways back that are known")
    return SurfaceLaw(
        name or f"det^-{kappa / 2:g}", lambda a: kappa / 2 * np.log(a).sum(axis=-1), 1.0, RETURN
    )


def noise_law(
    exponent: float = 0.0, heat: float = 1.0, dt: float = 0.0, name: str | None = None
) -> SurfaceLaw:
    """Descent with noise of covariance 2 theta a^gamma across the surface and 2 theta heat along it, by steps dt.

    Soft motion (Euler-Maruyama) is gamma = 0, heat = 1; label noise gamma = 1, heat = 0, theta = eta sigma^2 / 2; for
    `integrators.power_law` theta is D and heat its `tangential`.

    Args:
        exponent: gamma.
        heat: at least 0.
        dt: step; 0 for the limit of small steps, and for steps whose error of the stationary law is of order dt^2.
        name: of the law.

    Raises:
        UsageError: a number out of range; on evaluation, dt a >= 2, where the motion across is unstable.
    """
    if not (math.isfinite(exponent) and 0 <= heat < math.inf and 0 <= dt < math.inf):
        raise UsageError(
            f"noise_law needs a finite exponent, heat >= 0, dt >= 0, got {exponent}, {heat}, {dt}"
        )

    def potential(curvatures: FloatArray) -> FloatArray:
        top = dt * float(np.max(curvatures))
        if top >= 2:
            raise UsageError(f"dt x stiffness must stay below 2, got {top:.3g}: take a smaller dt")
        total: FloatArray = _integral(curvatures, exponent, dt).sum(axis=-1) / 2
        return total

    return SurfaceLaw(name or f"noise a^{exponent:g}", potential, heat, DESCENT)


def _integral(a: FloatArray, exponent: float, dt: float) -> FloatArray:
    """Integral of a^(exponent - 1) / (1 - dt a / 2) over a, up to a constant."""
    from scipy.special import hyp2f1

    if exponent == 0:
        return np.log(a) - np.log1p(-dt * a / 2)
    power: FloatArray = a**exponent / exponent
    if dt == 0:
        return power
    if exponent < 0:
        return power + dt / 2 * _integral(a, exponent + 1, dt)
    return np.asarray(power * hyp2f1(1.0, exponent, exponent + 1.0, dt * a / 2))
