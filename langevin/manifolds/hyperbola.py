"""Two-layer linear network of one weight each, w_1 w_2 = y: the smallest zero-loss set that is not compact."""

from __future__ import annotations

import math

from langevin.errors import unfit
from langevin.landscapes.composed import value_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, Landscape, Moment


def hyperbola(stiffness: float = 100.0, product: float = 1.0, tilt: float = 0.5) -> Landscape:
    """Branch w_1, w_2 > 0 of the zero set of sqrt(k) (w_1 w_2 - y); walkers start at sqrt(y) (e^s, e^-s), s = `tilt`.

    J J^T = k (w_1^2 + w_2^2) grows along the arms. Walks have no equilibrium: their distribution spreads without end;
    the Gibbs distribution is uniform in s. For Gibbs motion q = w_1^2 - w_2^2 is a martingale, E q(t) = q(0); this is
    also true for soft motion (w_1 f_1 = w_2 f_2). For surface motion the Laplace-Beltrami operator gives d(E
    q) / dt = 2 theta E tanh(2 s); the rate at the start is known.

    Args:
        stiffness: k; the curvature of the loss at the start is k y (e^2s + e^-2s), and soft steps are chosen for it.
        product: y, above 0.
        tilt: s, the point of the branch where walkers start; 0 is the flattest point.
    """
    if not (0.0 < stiffness < math.inf and 0.0 < product < math.inf and abs(tilt) < 100.0):
        raise unfit(
            "hyperbola",
            "needs stiffness > 0, product > 0, |tilt| < 100",
            f"stiffness={stiffness}, product={product}, tilt={tilt}",
        )
    side = math.sqrt(product)
    return Landscape(
        name="hyperbola",
        dim=2,
        codim=1,
        parameters=(math.sqrt(stiffness), float(product)),
        start=all_at([side * math.exp(tilt), side * math.exp(-tilt)]),
        stiffness=lambda temperature: (
            2.0 * stiffness * product * math.cosh(2.0 * tilt) + math.sqrt(20.0 * temperature * stiffness)
        ),
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, 1),
        gradient=gradient,
        samples=1,
        dials={"stiffness": stiffness, "product": product, "tilt": tilt},
        facts=Facts(
            moments=(
                Moment(
                    "w_1^2 - w_2^2",
                    lambda states: states[:, 0] ** 2 - states[:, 1] ** 2,
                    surface_rate=2.0 * math.tanh(2.0 * tilt),
                    gibbs_rate=0.0,
                ),
            )
        ),
    )


def residual(x, out, parameters):
    """r = sqrt(k) (w_1 w_2 - y)."""
    root, product = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = root * (x[0, lane] * x[1, lane] - product)


def jacobian(x, out, parameters):
    """dr/dw = sqrt(k) (w_2, w_1)."""
    root, product = parameters
    for lane in range(x.shape[1]):
        out[0, 0, lane] = root * x[1, lane]
        out[0, 1, lane] = root * x[0, lane]


def gradient(x, out, parameters):
    """k (w_1 w_2 - y) (w_2, w_1)."""
    root, product = parameters
    for lane in range(x.shape[1]):
        pull = root * root * (x[0, lane] * x[1, lane] - product)
        out[0, lane] = pull * x[1, lane]
        out[1, lane] = pull * x[0, lane]
