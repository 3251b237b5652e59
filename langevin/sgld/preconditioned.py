"""Steps along a rescaled gradient: SGLD with the diagonal preconditioner of RMSprop (Li, Chen, Carlson and Carin 2016).

    V <- memory V + (1 - memory) (grad f)^2,    G = 1 / (floor + sqrt(V)),
    x <- x - lr G (grad f + wd x) + sqrt(2 lr theta G) xi,

element by element, V from 0 on. From the step `warm_up` on V stays as it is. G is then a fixed matrix, and the law is
exp(-f / theta) at any G, up to the bias of Euler-Maruyama: theta / (a (1 - lr G a / 2)) is the variance of x along an
axis of curvature a, and in a quadratic with the Hessian H the covariance C solves
M C + C M^T - lr M C M^T = 2 theta G with M = G H. What is drawn in the warm-up is of no such law.

A warm-up as long as the run is the published algorithm. A diffusion whose G depends on x samples exp(-f / theta) only
with the drift theta div G beside these terms, Gamma in the paper, which the algorithm drops. Its law is close to
exp(-f / theta) only while V is remembered for far longer than x, 1 - memory << lr G a. A smaller lr makes it worse: for
lr -> 0 V is the square of the gradient at x, and on a line the law is (floor + |f'|) exp(-f / theta), whose variance in
a quadratic is twice theta / a if the floor is small.

A user-defined fixed preconditioner, a number for each leaf, is the factor `rate` of leaves under any law.

G is large where gradients were small, up to 1 / floor, and lr is in its units: a step is stable for lr G a < 2. In
equilibrium the root of V is about sqrt(theta a), so lr should be well below 2 sqrt(theta / a).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from langevin.sgld.leaves import by_leaf
from langevin.sgld.model import Weights
from langevin.sgld.plan import noise_sd
from langevin.sgld.records import Law
from langevin.sgld.step import Thermal, dial, pull


def no_squares(law: Law, weights: Weights, key: Any) -> Weights:
    """The mean square gradient before the first step, 0."""
    return jax.tree.map(jnp.zeros_like, weights)


def preconditioned(
    law: Law, step: Any, rate: Any, gradient: Weights, squares: Weights, weights: Weights, thermal: Thermal
) -> tuple[Weights, Weights]:
    """Weights and mean squares of gradients after a step; `langevin.sgld.step.Step` says what is given."""
    memory, floor, adapts = dial(law, "memory"), dial(law, "floor"), step < dial(law, "warm_up")
    squares = jax.tree.map(
        lambda v, g: jnp.where(adapts, memory * v + (1 - memory) * g**2, v), squares, gradient
    )

    def moved(w: Any, downhill: Any, v: Any, lr: Any, xi: Any) -> Any:
        own = lr / (floor + jnp.sqrt(v))
        return w - own * downhill + noise_sd(own, law.temperature) * xi

    rates = by_leaf(rate, law.leaves, "rate", weights)
    return jax.tree.map(moved, weights, pull(law, gradient, weights), squares, rates, thermal(1.0)), squares
