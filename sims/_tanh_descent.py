"""Plain descent and weight decay of many tanh networks at once, and their test losses on the zero-loss set."""

import jax
import jax.numpy as jnp
import numpy as np

from langevin.sgld import Data
from models import tanh

#: Learning rate; weight decay; steps of descent before test losses are compared.
RATE, DECAY, REST = 0.1, 1e-3, 3_000
#: Networks that are compared with one another; steps of descent before that.
STARTS, LONG = 1_000, 3_000
#: Networks that then have weight decay, and two numbers of its steps: the test loss falls at first, and rises later.
DECAYED, EARLY, LATE = 100, 4_000, 20_000


def single(data):
    """The data in single precision: JAX would share the arrays of the model with its runs in double precision."""
    return Data(*(np.asarray(part, np.float32) for part in data))


def descended_by(model, steps, decay=0.0):
    """A function of the stacked weights of some networks: their weights after more steps of plain descent, or decay."""
    data = single(model.train)

    def loss(weights):
        return jnp.mean((model.apply(weights, data.inputs) - data.targets) ** 2) / 2

    def descend(_, now):
        slope = jax.grad(loss)(now)
        return jax.tree.map(lambda weight, part: weight - RATE * (part + decay * weight), now, slope)

    return jax.jit(jax.vmap(lambda now: jax.lax.fori_loop(0, steps, descend, now)))


def losses(model):
    """A function of the stacked weights of some networks: their test losses."""
    data = single(model.test)
    found = jax.jit(jax.vmap(lambda now: jnp.mean((model.apply(now, data.inputs) - data.targets) ** 2) / 2))
    return lambda weights: np.asarray(found(weights))


def calmed_by(model):
    """A function of the stacked weights of some networks: their test losses after REST more steps of plain descent."""
    calm, loss = descended_by(model, REST), losses(model)
    return lambda weights: loss(calm(weights))


def stacked(networks):
    """The weights of a list of networks as one tree."""
    return jax.tree.map(lambda *leaves: np.stack(leaves).astype(np.float32), *networks)


def starts(seed):
    """Weights of STARTS networks after LONG steps of descent, their traces and test losses (STARTS,)."""
    model = tanh.model(descent=LONG)
    weights = jax.jit(jax.vmap(model.init))(jax.random.split(jax.random.key(seed), STARTS))
    return weights, np.asarray(jax.vmap(model.observe["trace"])(weights)), losses(model)(weights)


def decayed(weights):
    """Traces and test losses (DECAYED, 3) of the first DECAYED of some networks: before, EARLY and LATE in decay."""
    model = tanh.model()
    first = jax.tree.map(lambda leaf: leaf[:DECAYED], weights)
    calm, trace = calmed_by(model), jax.vmap(model.observe["trace"])
    early = descended_by(model, EARLY, DECAY)(first)
    late = descended_by(model, LATE - EARLY, DECAY)(early)
    return {
        key: np.stack([of(now) for now in (first, early, late)], axis=1)
        for key, of in (("trace", trace), ("calm", calm))
    }
