"""Noise with momentum: a heavy ball in a bath, which is stochastic gradient Hamiltonian Monte Carlo.

    v <- beta v - (1 - beta) (lr (grad f + wd x) - sqrt(2 lr theta) xi),    x <- x + v

with the momentum beta. This is the step of Chen, Fox and Guestrin (2014, equation 15) with their learning rate
eta = (1 - beta) lr and their friction alpha = 1 - beta. On the clock of this project lr is the time of one step at any
beta: descent and free diffusion, 2 theta per unit of time, are those of overdamped motion in the long run. Beta = 0 is
`sgld`.

The temperature that is sampled is theta: in a quadratic of curvature a the variance of x is

    theta / a x 1 / (1 - lr a (1 - beta) / (2 (1 + beta))),

that of the recursion of two terms which x follows; the bias of the step is smaller than that of `sgld` by the factor
(1 - beta) / (1 + beta), and of first order in lr. That of v is 2 (1 - beta) lr theta / (1 + beta), times the same.

The heavy ball of optax and PyTorch, v <- beta v + grad f, x <- x - eta v, has the learning rate eta = (1 - beta) lr.
To give it the noise of a step without momentum, sqrt(2 eta theta') xi, is another temperature: to leading order
theta' / (1 - beta) if the noise joins the gradient, for the momentum repeats it, and (1 - beta) theta' if it joins x
beside the momentum, for that repeats the gradient alone.
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


def at_rest(law: Law, weights: Weights, key: Any) -> Weights:
    """The velocity before the first step, 0."""
    return jax.tree.map(jnp.zeros_like, weights)


def heavy_ball(
    law: Law, step: Any, rate: Any, gradient: Weights, velocity: Weights, weights: Weights, thermal: Thermal
) -> tuple[Weights, Weights]:
    """Weights and velocity after a step; `langevin.sgld.step.Step` says what is given."""
    beta = dial(law, "momentum")

    def moved(v: Any, downhill: Any, lr: Any, xi: Any) -> Any:
        return beta * v - (1 - beta) * (lr * downhill - noise_sd(lr, law.temperature) * xi)

    rates = by_leaf(rate, law.leaves, "rate", weights)
    velocity = jax.tree.map(moved, velocity, pull(law, gradient, weights), rates, thermal(1.0))
    return jax.tree.map(jnp.add, weights, velocity), velocity
