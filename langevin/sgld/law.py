"""The law of motion of the weights, compiled: stochastic gradient Langevin dynamics.

    x <- x - lr (grad f(x) + wd x) + sqrt(2 lr theta) xi,    xi ~ N(0, 1) afresh at every step

is Euler-Maruyama with the learning rate as time step for dX = -(grad f + wd X) dt + sqrt(2 theta) dW
(Welling and Teh 2011, in the convention of this project). The weight decay is *coupled*: it acts as
the gradient of wd |x|^2 / 2, on all weights alike.

Noise and batches are functions of (key, global step), so a run cut into chunks is bitwise the run
in one piece. Learning rate, temperature and decay are traced: changing them compiles nothing anew.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax, random
from jax.flatten_util import ravel_pytree

from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.plan import Law, noise_sd


def minibatch(key: Any, step: Any, samples: int, batch: int) -> tuple[Any, Any]:
    """Indices (batch,) of the samples of one step, and which of these places are filled.

    Every epoch is a fresh shuffle cut into batches; its last batch may be short.
    """
    per_epoch = -(-samples // batch)
    order = random.permutation(random.fold_in(key, step // per_epoch), samples)
    place = (step % per_epoch) * batch + jnp.arange(batch)
    return order[jnp.minimum(place, samples - 1)], place < samples


@partial(jax.jit, static_argnames=("model", "batch"))
def advance(
    weights: Weights,
    first: Any,
    last: Any,
    key: Any,
    data: Data,
    law: Law,
    *,
    model: Model,
    batch: int | None,
) -> tuple[Weights, Any]:
    """Weights after the steps first, ..., last - 1, and the step reached: less than `last` if diverged.

    The walk stops where the loss is not finite any more. `batch` None takes all samples at every step.
    """
    loss_of = per_sample(model.loss)
    start, unravel = ravel_pytree(weights)
    noise_key, batch_key = random.split(key)

    def loss(flat: Any, step: Any) -> Any:
        if batch is None:
            return jnp.mean(loss_of(model.apply(unravel(flat), data.inputs), data.targets))
        index, filled = minibatch(batch_key, step, len(data.targets), batch)
        losses = loss_of(model.apply(unravel(flat), data.inputs[index]), data.targets[index])
        return jnp.sum(jnp.where(filled, losses, 0)) / jnp.sum(filled)

    def kick(step: Any) -> Any:
        xi = random.normal(random.fold_in(noise_key, step), start.shape, start.dtype)
        return noise_sd(law.learning_rate, law.temperature) * xi

    def body(carry: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        step, flat, _ = carry
        value, gradient = jax.value_and_grad(loss)(flat, step)
        noise = lax.cond(law.temperature > 0, kick, lambda _: jnp.zeros_like(flat), step)
        flat = flat - law.learning_rate * (gradient + law.weight_decay * flat) + noise
        return step + 1, flat, jnp.isfinite(value)

    step, flat, _ = lax.while_loop(
        lambda carry: (carry[0] < last) & carry[2], body, (first, start, jnp.asarray(True))
    )
    return unravel(flat), step
