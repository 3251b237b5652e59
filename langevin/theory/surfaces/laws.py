"""Laws of motion along any surface r(x) = 0: their drift down a potential of the normal curvatures, and their heat.

Let a_i be the eigenvalues of J J^T; on the surface these are the eigenvalues of the Hessian of |r|^2 / 2 across it.
Then

    dx = -theta grad Phi dt + sqrt(2 theta heat) dW along the surface,    Phi = sum_i phi(a_i),

with W Brownian motion on the surface; the mean curvature of the surface is not a part of the drift. If heat > 0 the
stationary density is exp(-Phi / heat) with respect to the surface measure.

Descent by steps dt down |r|^2 / 2 with noise of covariance 2 theta a^gamma per unit time across the surface has

    phi'(a) = a^(gamma - 1) / (2 (1 - dt a / 2)).

gamma = 0 is the log-det law, Phi = (1/2) log det J J^T, for soft Langevin motion (I. Fatkullin, G. Kovacic and E.
Vanden-Eijnden, Commun. Math. Sci. 8 (2010) 439). gamma = 1 is the trace law, Phi = (1/2) tr J J^T, for label noise (A.
Damian, T. Ma and J. Lee, arXiv 2106.06530). Both are in Z. Li, T. Wang and S. Arora, arXiv 2110.06914, for dt -> 0. For
a finite step: the limit map P of x -> F(x) = x - dt grad f obeys P(F(x)) = P(x); differentiated twice on the surface,
for a normal eigenvector n, d^2 P[n, n] = -grad_along(n . Hess f . n) / (2 a (1 - dt a / 2)), and the drift is half the
noise contracted with d^2 P (G. Katzenberger, Ann. Probab. 19 (1991) 1587). This is valid to first order in theta, on
any surface, for every dt a < 2.

Isotropic kicks with a retraction slide by kappa times half of this (`projected`): phi = (kappa / 2) log a.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from langevin.errors import unfit
from langevin.types import FloatArray, StepLaw, Widening

DESCENT = (
    "Fatkullin, Kovacic and Vanden-Eijnden, Commun. Math. Sci. 8 (2010) 439; Li, Wang and Arora, arXiv 2110.06914; "
    "Katzenberger, Ann. Probab. 19 (1991) 1587"
)
RETURN = "Ciccotti, Lelievre and Vanden-Eijnden, Comm. Pure Appl. Math. 61 (2008) 371; Katzenberger 1991"
#: Nodes of the quadrature of a widening that has no closed form.
NODES = 40
#: Increase of the looseness of a law with heat for each power of the stiffness in the noise across.
HEATED = 6.0


@dataclass(frozen=True)
class SurfaceLaw:
    """A law of motion along a surface (formulas: module docstring).

    `potential` turns normal curvatures (points, codim) into Phi (points,), up to a constant; `heat` is the diffusion
    coefficient along the surface over theta, 0 for none. `loose` is the largest error of the law in units of the
    looseness: noise that grows with the stiffness moves a walker with a width off the surface, where its heat acts at
    another radius (on a sphere about 6 times the looseness at exponent 1).
    """

    name: str
    potential: Callable[[FloatArray], FloatArray]
    heat: float
    reference: str
    loose: float = 1.0


def projection_law(kappa: float, name: str | None = None) -> SurfaceLaw:
    """Isotropic kicks with a retraction: density det(J J^T)^(-kappa/2) with respect to the surface measure.

    The drift is -kappa theta grad (1/2) log det J J^T. kappa is 0 for the retraction to the nearest point or along the
    normals at the start, and for any noise along the surface; 1 for the gradient flow; 2 for a full Gauss-Newton step.

    Args:
        kappa: strength of the retraction.
        name: name of the law; by default made of kappa.

    Raises:
        UsageError: kappa is not finite.
    """
    if not math.isfinite(kappa):
        raise unfit("kappa", "must be finite", f"{kappa}", "0, 1 and 2 are those of known retractions")
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
        dt: step; 0 for the limit of small steps, and for steps whose error of the stationary distribution is of order
            dt^2.
        name: of the law.

    Raises:
        UsageError: a number is out of range; on evaluation, dt a >= 2, at which the motion across is unstable.
    """
    if not (math.isfinite(exponent) and 0 <= heat < math.inf and 0 <= dt < math.inf):
        raise unfit("noise_law", "needs a finite exponent, heat >= 0, dt >= 0", f"{exponent}, {heat}, {dt}")

    return law_of(StepLaw(exponent=exponent, heat=heat, widening=EULER), dt, name or f"noise a^{exponent:g}")


def law_of(step: StepLaw, dt: float = 0.0, name: str | None = None) -> SurfaceLaw:
    """The law of motion along a surface for steps dt with the law `step`.

    Args:
        step: what a step does. Its uneven diffusion along the set, D = (tr a / m)^power, adds weight x log D to Phi.
        dt: step; 0 for the limit of small steps.
        name: of the law; by default its name in `RIVALS`, or a text of its numbers.

    Raises:
        UsageError: on evaluation, the motion across is unstable for a stiffness at this step.
    """

    def potential(curvatures: FloatArray) -> FloatArray:
        top = dt * float(np.max(curvatures))
        if step.across and top >= step.widening.limit:
            raise unfit(
                "dt x stiffness",
                f"must stay below {step.widening.limit:.4g}",
                f"{top:.3g}",
                "take a smaller dt",
            )
        total: FloatArray = np.zeros(curvatures.shape[:-1])
        if step.pull:
            total = step.pull / 2 * _integral(curvatures, step, dt).sum(axis=-1)
        if step.uneven_power and step.uneven_weight:
            total = total + step.uneven_weight * step.uneven_power * np.log(curvatures.mean(axis=-1))
        return total

    known = next((rival for rival, law in RIVALS.items() if same_pull(law, step)), None)
    numbers = f"pull {step.pull:g}, noise a^{step.exponent:g}"
    loose = 1.0 + HEATED * abs(step.exponent) * bool(step.heat) if step.across else 1.0
    source = DESCENT if step.across else RETURN
    return SurfaceLaw(name or known or numbers, potential, step.heat, source, loose)


#: Normal variance of an Euler-Maruyama step over its limit, 1 / (1 - h / 2).
EULER = Widening((1.0,), (1.0, -0.5))
#: Laws of motion along a set that are compared; each is named by its stationary distribution or by its potential.
RIVALS = {
    "gibbs": StepLaw(widening=EULER),
    "surface": StepLaw(across=False, pull=0.0),
    "det^-1": StepLaw(across=False, pull=2.0),
    "trace": StepLaw(exponent=1.0, heat=0.0, widening=EULER),
}


def same_pull(first: StepLaw, second: StepLaw) -> bool:
    """Whether two steps have the same potential along a set in the limit of small steps.

    Args:
        first: law of one step.
        second: law of the other step.
    """
    even = not (first.uneven_power * first.uneven_weight or second.uneven_power * second.uneven_weight)
    pulls = first.pull == second.pull and (first.exponent == second.exponent or not first.pull)
    return even and pulls


def rivals_of(step: StepLaw) -> dict[str, StepLaw]:
    """The law of a step under its name in `RIVALS`, or as "this step", followed by the other rivals.

    Rivals with a part across the set get the widening of the step, so they are other laws at the same step.

    Args:
        step: law of the step.
    """
    widened = {
        name: replace(law, widening=step.widening if step.across else Widening()) if law.across else law
        for name, law in RIVALS.items()
    }
    own = next((name for name, law in RIVALS.items() if same_pull(law, step)), "this step")
    return {own: step} | {name: law for name, law in widened.items() if name != own}


def _integral(a: FloatArray, step: StepLaw, dt: float) -> FloatArray:
    """Integral of a^(exponent - 1) w(dt a) over a, up to a constant."""
    widening, exponent = step.widening, step.exponent
    if not step.across or dt == 0 or widening == Widening():
        return _power(a, exponent)
    if widening.above == (1.0,) and len(widening.below) == 2 and widening.below[0] == 1.0:
        return _simple_pole(a, exponent, -widening.below[1] * dt)
    # The lower end is above 0, because from 0 on the integral diverges at exponents of -1 and below.
    begin, end = min(1.0, widening.limit / 2) / dt, a[..., None]
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    share = (nodes + 1) / 2
    below = begin * (end / begin) ** share
    parts = np.where(end > begin, begin + (end - begin) * share, below)
    widths = np.where(end > begin, end - begin, below * np.log(end / begin))
    excess = parts ** (exponent - 1) * (widening(dt * parts) - 1)
    rest: FloatArray = (excess * widths * weights).sum(axis=-1) / 2
    return _power(a, exponent) + rest


def _power(a: FloatArray, exponent: float) -> FloatArray:
    """Integral of a^(exponent - 1)."""
    power: FloatArray = np.log(a) if exponent == 0 else a**exponent / exponent
    return power


def _simple_pole(a: FloatArray, exponent: float, rate: float) -> FloatArray:
    """Integral of a^(exponent - 1) / (1 - rate a) over a, up to a constant."""
    from scipy.special import hyp2f1

    if exponent == 0:
        return np.log(a) - np.log1p(-rate * a)
    power: FloatArray = a**exponent / exponent
    if exponent < 0:
        return power + rate * _simple_pole(a, exponent + 1, rate)
    return np.asarray(power * hyp2f1(1.0, exponent, exponent + 1.0, rate * a))
