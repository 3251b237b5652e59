"""JAX by hand: the same network, batches and noise in one compiled scan, the weights a dictionary of arrays."""

from __future__ import annotations

from benchmarks.contenders import need


def keys(seed):
    """Keys of the initial weights, the noise and the batches, as the trainer derives them."""
    from jax import random

    from langevin.sgld.start import chain_key

    first, second = random.split(chain_key(seed, 0))
    noise, batches, _ = random.split(second, 3)
    return first, noise, batches


def training_set(model):
    from langevin.sgld.computation import data_in

    return data_in(model.train, "float32")


def parity(model, law, steps):
    """Hinge loss, minibatches of shuffled epochs whose last one is short, coupled weight decay."""
    jax, jnp = need("jax", "jax.numpy")
    inputs, targets = training_set(model)
    rate, decay, batch, samples = (
        law.learning_rate,
        law.weight_decay,
        law.batch,
        len(targets),
    )
    turns = -(-samples // batch)
    filled = (jnp.arange(turns * batch) < samples).reshape(turns, batch)

    def loss(weights, index, filled):
        losses = jnp.maximum(0, 1 - targets[index] * model.apply(weights, inputs[index]))[:, 0]
        return jnp.sum(jnp.where(filled, losses, 0)) / jnp.sum(filled)

    def step(weights, now):
        slope = jax.grad(loss)(weights, *now)
        return jax.tree.map(lambda w, g: w - rate * (g + decay * w), weights, slope), None

    def epoch(weights, key):
        order = jnp.pad(jax.random.permutation(key, samples), (0, turns * batch - samples), mode="edge")
        return jax.lax.scan(step, weights, (order.reshape(turns, batch), filled))

    @jax.jit
    def descend(weights, key):
        every = jax.vmap(lambda number: jax.random.fold_in(key, number))(jnp.arange(steps // turns))
        return jax.lax.scan(epoch, weights, every)[0]

    @jax.jit
    def final(weights):
        return jnp.mean(jnp.maximum(0, 1 - targets * model.apply(weights, inputs)))

    def run(seed):
        first, _, batches = keys(seed)
        return float(final(descend(model.init(first), batches)))

    return run


def modular(model, law, steps):
    """Half-MSE over all samples, thermal noise of the trainer's generator."""
    jax, jnp = need("jax", "jax.numpy")
    from jax.flatten_util import ravel_pytree

    from langevin.sgld.noise import draw

    inputs, targets = training_set(model)
    rate = law.learning_rate
    sd = (2 * rate * law.temperature) ** 0.5

    def loss(weights):
        return jnp.mean(jnp.sum((model.apply(weights, inputs) - targets) ** 2, axis=1)) / 2

    @jax.jit
    def descend(weights, key, hot):
        flat, unravel = ravel_pytree(weights)

        def step(weights, now):
            noise = unravel(draw(hot, key, now, sd, flat))
            slope = jax.grad(loss)(weights)
            return jax.tree.map(lambda w, g, z: w - rate * g + z, weights, slope, noise), None

        return jax.lax.scan(step, weights, jnp.arange(steps))[0]

    final = jax.jit(loss)

    def run(seed):
        first, noise, _ = keys(seed)
        return float(final(descend(model.init(first), noise, True)))

    return run
