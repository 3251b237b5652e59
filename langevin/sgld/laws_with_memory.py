"""Laws of motion with a memory from step to step: a velocity, or the mean squares of the gradients.

Each is a step and its memory before the first one, and the docstring of the step derives what it samples.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import random
from jax.flatten_util import ravel_pytree

from langevin.sgld.laws import dials
from langevin.sgld.leaves import by_leaf
from langevin.sgld.model import Weights
from langevin.sgld.noise import draw
from langevin.sgld.plan import noise_sd
from langevin.sgld.records import Law

#: thermal(sd): normals of this standard deviation in the shape of the weights; 0 where no network is heated.
Thermal = Callable[[Any], Weights]
#: step(law, step, rate, gradient, memory, weights, thermal): weights and memory after the step of this number, whose
#: learning rate is `rate` and whose gradient of the loss is `gradient`. Its thermal noise is drawn once.
Step = Callable[[Law, Any, Any, Weights, Any, Weights, Thermal], tuple[Weights, Any]]
#: memory(law, weights, key): the memory before the first step, with the key of the noise.
Memory = Callable[[Law, Weights, Any], Any]

#: Counter of the noise of the first velocity, which is that of no step.
BEFORE = 2**32 - 1


class Moving(NamedTuple):
    """The velocity behind friction and heat, and the time for which it has yet to be kicked: 0 at the start."""

    velocity: Weights
    owed: Any


def at_rest(law: Law, weights: Weights, key: Any) -> Weights:
    """The velocity before the first step, 0."""
    return jax.tree.map(jnp.zeros_like, weights)


def heavy_ball(
    law: Law, step: Any, rate: Any, gradient: Weights, velocity: Weights, weights: Weights, thermal: Thermal
) -> tuple[Weights, Weights]:
    """Noise with momentum: a heavy ball in a bath, which is stochastic gradient Hamiltonian Monte Carlo.

        v <- beta v - (1 - beta) (lr (grad f + wd x) - sqrt(2 lr theta) xi),    x <- x + v

    with the momentum beta. This is the step of Chen, Fox and Guestrin (2014, equation 15) with their learning rate
    eta = (1 - beta) lr and their friction alpha = 1 - beta. On the clock of this project lr is the time of one step
    at any beta: descent and free diffusion, 2 theta per unit of time, are those of overdamped motion after
    a long time. Beta = 0 is `sgld`.

    The temperature that is sampled is theta: in a quadratic of curvature a the variance of x is

        theta / a x 1 / (1 - lr a (1 - beta) / (2 (1 + beta))),

    that of the recursion of two terms which x follows; the bias of the step is smaller than that of `sgld` by the
    factor (1 - beta) / (1 + beta), and of first order in lr. That of v is 2 (1 - beta) lr theta / (1 + beta), times
    the same.

    The heavy ball of optax and PyTorch, v <- beta v + grad f, x <- x - eta v, has the learning rate
    eta = (1 - beta) lr. With the noise of a step without momentum, sqrt(2 eta theta') xi, it samples another
    temperature: to leading order theta' / (1 - beta) if the noise joins the gradient, because the momentum repeats it,
    and (1 - beta) theta' if the noise is added to x directly, because the momentum then repeats the gradient alone.

    It gives weights and velocity after a step; `Step` says what is given.
    """
    beta = dial(law, "momentum")

    def moved(v: Any, downhill: Any, lr: Any, xi: Any) -> Any:
        return beta * v - (1 - beta) * (lr * downhill - noise_sd(lr, law.temperature) * xi)

    rates = by_leaf(rate, law.leaves, "rate", weights)
    velocity = jax.tree.map(moved, velocity, pull(law, gradient, weights), rates, thermal(1.0))
    return jax.tree.map(jnp.add, weights, velocity), velocity


@partial(jax.jit)
def in_equilibrium(law: Law, weights: Weights, key: Any) -> Moving:
    """The first velocity, drawn from N(0, theta) under the key of the noise."""
    flat, unravel = ravel_pytree(weights)
    drawn = draw(True, random.fold_in(key, BEFORE), 0, law.temperature**0.5, flat)
    return Moving(unravel(drawn), jnp.zeros((), flat.dtype))


def underdamped(
    law: Law, step: Any, rate: Any, gradient: Weights, moving: Moving, weights: Weights, thermal: Thermal
) -> tuple[Weights, Moving]:
    """Motion with inertia: kinetic Langevin dynamics, split as BAOAB, on the clock of its overdamped limit.

    It is the step of walkers on a toy landscape (`langevin.integrators.underdamped`). A body of mass 1 and velocity
    v moves with the friction gamma in the kinetic time s,

        dx = v ds,    dv = -(grad f + wd x) ds - gamma v ds + sqrt(2 gamma theta) dW,

    and the clock of a run is s / gamma, so that lr is the time of a step, h = gamma lr its kinetic time, and free
    motion spreads as 2 theta per unit of time at any friction. The law of x is exp(-f / theta), that of v is N(0,
    theta), from which the first velocity is drawn. Another mass m is no other motion: it is that of mass 1 with the
    friction gamma sqrt(m) and the step h / sqrt(m). A factor r of the learning rate of a leaf gives this leaf the
    mass 1 / r, at the same gamma and h.

    A step is half a kick (B), half a flight (A), friction and heat (O), half a flight, half a kick, with one
    gradient: the two halves of a kick at one place are made at once, with the samples of one batch (Leimkuhler and
    Matthews 2013). O takes v to c v + sqrt(theta (1 - c^2)) xi with c = (1 - gamma h / 2) / (1 + gamma h / 2): it
    is the step of Gronbech-Jensen and Farago (2013), of weak order 2. In a quadratic the covariance of x is theta
    H^-1 and that of v behind O is theta, both exactly and at every stable step, h^2 a < 4 at the curvature a. Noise
    of batches heats the weights too.

    It gives weights and velocity after a step; `Step` says what is given.
    """
    half = 0.5 * dial(law, "friction") * rate
    drag = dial(law, "friction") * half
    keep, heat = (1 - drag) / (1 + drag), 2 * (law.temperature * drag) ** 0.5 / (1 + drag)
    roots = jax.tree.map(lambda factor: factor**0.5, by_leaf(1.0, law.leaves, "rate", weights))
    kicked = jax.tree.map(
        lambda v, downhill, root: v - (moving.owed + half) * root * downhill,
        moving.velocity, pull(law, gradient, weights), roots,
    )  # fmt: skip
    velocity = jax.tree.map(lambda v, xi: keep * v + heat * xi, kicked, thermal(1.0))
    moved = jax.tree.map(
        lambda w, before, after, root: w + half * root * (before + after), weights, kicked, velocity, roots
    )
    return moved, Moving(velocity, half)


def no_squares(law: Law, weights: Weights, key: Any) -> Weights:
    """The mean square gradient before the first step, 0."""
    return jax.tree.map(jnp.zeros_like, weights)


def preconditioned(
    law: Law, step: Any, rate: Any, gradient: Weights, squares: Weights, weights: Weights, thermal: Thermal
) -> tuple[Weights, Weights]:
    """Steps along a rescaled gradient: SGLD with the diagonal preconditioner of RMSprop (Li et al. 2016).

        V <- memory V + (1 - memory) (grad f)^2,    G = 1 / (floor + sqrt(V)),
        x <- x - lr G (grad f + wd x) + sqrt(2 lr theta G) xi,

    element by element, V from 0 on. From the step `warm_up` on V stays as it is. G is then a fixed matrix, and the law
    is exp(-f / theta) at any G, up to the bias of Euler-Maruyama: theta / (a (1 - lr G a / 2)) is the variance of x
    along an axis of curvature a, and in a quadratic with the Hessian H the covariance C solves
    M C + C M^T - lr M C M^T = 2 theta G with M = G H. The states of the warm-up do not have this law.

    A warm-up as long as the run is the published algorithm. A diffusion whose G depends on x samples exp(-f /
    theta) only with the additional drift theta div G, Gamma in the paper, which the algorithm drops. Its
    law is close to exp(-f / theta) only if V is correlated for a much longer time than x, 1 - memory << lr G a. A
    smaller lr makes it worse: for lr -> 0 V is the square of the gradient at x, and on a line the law is (floor +
    |f'|) exp(-f / theta), whose variance in a quadratic is twice theta / a if the floor is small.

    A user-defined fixed preconditioner, a number for each leaf, is the factor `rate` of leaves under any law.

    G is large where gradients were small, up to 1 / floor, and lr is in its units: a step is stable for lr G a < 2. In
    equilibrium the root of V is about sqrt(theta a), so lr should be well below 2 sqrt(theta / a).

    It gives weights and mean squares of gradients after a step; `Step` says what is given.
    """
    memory, floor, adapts = dial(law, "memory"), dial(law, "floor"), step < dial(law, "warm_up")
    squares = jax.tree.map(
        lambda v, g: jnp.where(adapts, memory * v + (1 - memory) * g**2, v), squares, gradient
    )

    def moved(w: Any, downhill: Any, v: Any, lr: Any, xi: Any) -> Any:
        own = lr / (floor + jnp.sqrt(v))
        return w - own * downhill + noise_sd(own, law.temperature) * xi

    rates = by_leaf(rate, law.leaves, "rate", weights)
    return jax.tree.map(moved, weights, pull(law, gradient, weights), squares, rates, thermal(1.0)), squares


def dial(law: Law, name: str) -> Any:
    """A dial of one of langevin's own laws, in compiled code."""
    return dials(law.name, law.options)[name]


def pull(law: Law, gradient: Weights, weights: Weights) -> Weights:
    """Gradient of the loss with its coupled weight decay, grad f + wd x."""
    decays = by_leaf(law.weight_decay, law.leaves, "decay", weights)
    return jax.tree.map(lambda g, wd, w: g + wd * w, gradient, decays, weights)


#: These laws by name: what they do, and their memory before the first step.
OWN: dict[str, tuple[Memory, Step]] = {
    "heavy-ball": (at_rest, heavy_ball),
    "underdamped": (in_equilibrium, underdamped),
    "preconditioned": (no_squares, preconditioned),
}
