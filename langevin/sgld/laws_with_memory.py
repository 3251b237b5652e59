"""Laws of motion with a memory from step to step: a velocity, mean squares of gradients, or the state of an optimiser.

Each law is a function of the step and a function of the memory before the first step. The docstring of the step states
its stationary law. An optimiser is one of optax, an optional library, or is user-defined.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import random
from jax.flatten_util import ravel_pytree

from langevin.errors import UsageError
from langevin.registry import own
from langevin.sgld.laws import OPTAX, dials
from langevin.sgld.model import Weights, by_leaf
from langevin.sgld.noise import draw
from langevin.sgld.plan import noise_sd
from langevin.sgld.records import Law

#: thermal(sd): normals of this standard deviation in the shape of the weights; 0 if no network has thermal noise.
Thermal = Callable[[Any], Weights]
#: step(law, step, rate, gradient, memory, weights, thermal): weights and memory after the step of this number, whose
#: learning rate is `rate` and whose gradient of the loss is `gradient`. Its thermal noise is drawn once.
Step = Callable[[Law, Any, Any, Weights, Any, Weights, Thermal], tuple[Weights, Any]]
#: memory(law, weights, key): the memory before the first step, with the key of the noise.
Memory = Callable[[Law, Weights, Any], Any]

#: Counter of the noise of the first velocity; no step has this counter.
BEFORE = 2**32 - 1


class Moving(NamedTuple):
    """The velocity after friction and heat (O), and the time of the kick that is still due: 0 at the start."""

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

    from the recursion of two terms for x. The bias of the step is smaller than in `sgld` by the
    factor (1 - beta) / (1 + beta), and of first order in lr. The variance of v is 2 (1 - beta) lr theta / (1 + beta),
    times the same factor as in the variance of x.

    The heavy ball of optax and PyTorch, v <- beta v + grad f, x <- x - eta v, has the learning rate
    eta = (1 - beta) lr. With the noise of a step without momentum, sqrt(2 eta theta') xi, it samples another
    temperature: to leading order theta' / (1 - beta) if the noise joins the gradient, because the momentum repeats it,
    and (1 - beta) theta' if the noise is added to x directly, because the momentum then repeats the gradient alone.

    Arguments are those of `Step`; the result is the weights and the velocity after the step.
    """
    beta = dial(law, "momentum")

    def moved(v: Any, downhill: Any, lr: Any, xi: Any) -> Any:
        return beta * v - (1 - beta) * (lr * downhill - noise_sd(lr, law.temperature) * xi)

    rates = by_leaf(rate, law.leaves, "rate", weights)
    velocity = jax.tree.map(moved, velocity, pull(law, gradient, weights), rates, thermal(1.0))
    return jax.tree.map(jnp.add, weights, velocity), velocity


@partial(jax.jit)
def in_equilibrium(law: Law, weights: Weights, key: Any) -> Moving:
    """The first velocity, drawn from N(0, theta) with the key of the noise."""
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
    theta), from which the first velocity is drawn. Another mass m gives no other motion: it is the motion of mass 1
    with the friction gamma sqrt(m) and the step h / sqrt(m). A factor r of the learning rate of a leaf gives this leaf
    the mass 1 / r, at the same gamma and h.

    A step is half a kick (B), half a flight (A), friction and heat (O), half a flight, half a kick (Leimkuhler and
    Matthews 2013). It takes one gradient: the last half kick of a step and the first of the next, at the same weights,
    are made together, with the samples of one batch. O changes v to c v + sqrt(theta (1 - c^2)) xi with
    c = (1 - gamma h / 2) / (1 + gamma h / 2): it is the step of Gronbech-Jensen and Farago (2013), of weak order 2. In
    a quadratic the covariance of x is theta H^-1 and that of v after O is theta, both exactly and at every stable step,
    h^2 a < 4 at the curvature a. Noise of batches heats the weights too.

    Arguments are those of `Step`; the result is the weights and the velocity after the step.
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

    element by element, with V = 0 at the start. From the step `warm_up` on, V is constant. G is then a fixed matrix,
    and the law is exp(-f / theta) at any G, up to the bias of Euler-Maruyama: theta / (a (1 - lr G a / 2)) is the
    variance of x along an axis of curvature a, and in a quadratic with the Hessian H the covariance C solves
    M C + C M^T - lr M C M^T = 2 theta G with M = G H. The states of the warm-up do not have this law.

    A warm-up as long as the run is the published algorithm. A diffusion whose G depends on x samples exp(-f /
    theta) only with the additional drift theta div G, Gamma in the paper, which the algorithm omits. The law of the
    algorithm is close to exp(-f / theta) only if V is correlated for a much longer time than x, 1 - memory << lr G a.
    A smaller lr gives a larger error: for lr -> 0 V is the square of the gradient at x, and on a line the law is
    (floor + |f'|) exp(-f / theta), whose variance in a quadratic is twice theta / a if the floor is small.

    A user-defined fixed preconditioner, a number for each leaf, is the factor `rate` of leaves under any law.

    G is large where gradients were small, up to 1 / floor, and lr multiplies it: a step is stable for lr G a < 2. In
    equilibrium the root of V is about sqrt(theta a), so lr should be well below 2 sqrt(theta / a).

    Arguments are those of `Step`; the result is the weights and the mean squares of gradients after the step.
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
    """A dial of a law of langevin (not of an optimiser), in compiled code."""
    return dials(law.name, law.options)[name]


def pull(law: Law, gradient: Weights, weights: Weights) -> Weights:
    """Gradient of the loss with its coupled weight decay, grad f + wd x."""
    decays = by_leaf(law.weight_decay, law.leaves, "decay", weights)
    return jax.tree.map(lambda g, wd, w: g + wd * w, gradient, decays, weights)


#: These laws by name: the function of the step, and the function of the memory before the first step.
OWN: dict[str, tuple[Memory, Step]] = {
    "heavy-ball": (at_rest, heavy_ball),
    "underdamped": (in_equilibrium, underdamped),
    "preconditioned": (no_squares, preconditioned),
}


def factory(law: Law) -> Callable[..., Any]:
    """The function of (learning_rate, **options) that makes the optimiser.

    Raises:
        UsageError: there is no such function, or it does not take a learning rate or these options.
    """
    if law.optimiser is None and law.name.startswith(OPTAX):
        return _of_optax(law)
    make = law.optimiser or own(law.name)
    if not callable(make):
        raise UsageError(
            f"the optimiser {law.name} is a {type(make).__name__}",
            "a function of (learning_rate, **options)",
            "give a function that makes it, such as lambda rate: optax.chain(filter, optax.sgd(rate))",
        )
    return make


def _of_optax(law: Law) -> Callable[..., Any]:
    """The function of optax that makes the optimiser.

    Raises:
        UsageError: optax is not installed or has no such optimiser; the optimiser draws noise with its own
            key, which would be the same for all networks; or it does not take these options.
    """
    try:
        import optax
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"the law {law.name} needs optax, which is not installed",
            "optax is to be installed",
            "pip install 'langevin-manifold[networks]'",
        ) from missing
    make = getattr(optax, law.name.removeprefix(OPTAX), None)
    known = inspect.signature(make).parameters if callable(make) else {}
    if "learning_rate" not in known:
        raise UsageError(
            f"optax has no optimiser {law.name.removeprefix(OPTAX)!r} with a learning rate",
            "an optimiser that takes a learning rate and numbers",
            "see https://optax.readthedocs.io for its names",
        )
    if {"key", "seed"} & set(known):
        raise UsageError(
            f"{law.name} draws its own noise, the same for every network",
            "optimisers without noise",
            "take the law sgld",
        )
    unknown = sorted(set(law.options) - (set(known) - {"learning_rate", "weight_decay"}))
    if unknown:
        raise UsageError(
            f"{law.name} takes no option {unknown[0]!r}",
            "a number that it takes by its name",
            f"see help({law.name})",
        )
    assert make is not None
    return make  # type: ignore[no-any-return]


def transform(law: Law, learning_rate: Any) -> Any:
    """The optimiser at these numbers, which may be traced.

    The weight decay of an optimiser of optax is off, since `Law` has a weight decay for all optimisers. A user-defined
    optimiser is used without a change.
    """
    make = factory(law)
    numbers = dict(law.options)
    if law.name.startswith(OPTAX) and "weight_decay" in inspect.signature(make).parameters:
        numbers["weight_decay"] = 0.0
    return make(learning_rate, **numbers)
