"""Descent, weight decay and label noise of tanh networks on many data sets at once, and test losses on the set.

Weights and data have a first axis of data sets, and weights a second one of networks.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from langevin.sgld import Data
from models import tanh

#: Learning rate; weight decay; steps of descent before test losses are compared.
RATE, DECAY, REST = 0.1, 1e-3, 3_000
#: Data sets; networks of each that are compared with one another; steps of descent before that, at tanh.DESCENT_RATE.
SETS, EACH, LONG = 50, 20, 3_000
#: Networks of each data set that then have weight decay or label noise, and two numbers of steps: on some data sets the
#: test loss under weight decay falls at first, and rises later.
TRAINED, EARLY, LATE = 2, 4_000, 20_000
#: The functions of the network do not depend on its data.
NETWORK = tanh.model(descent=0)


def first_model(seed, **dials):
    """The network after its long descent on the first data set: another seed draws other data."""
    return tanh.model(data_seed=100 * seed, **dials)


def on_sets(seed, sets, **dials):
    """The network, before its descent, on each of some data sets."""
    return [tanh.model(descent=0, data_seed=100 * seed + i, **dials) for i in range(sets)]


def together(parts):
    """The data sets as one, in single precision: JAX would share arrays of a model with runs in double precision."""
    return Data(*(np.stack(part).astype(np.float32) for part in zip(*parts, strict=True)))


def begun(seed, sets, networks):
    """Initial weights (sets, networks, ...)."""
    keys = jax.random.split(jax.random.key(seed), (sets, networks))
    return jax.jit(jax.vmap(jax.vmap(NETWORK.init)))(keys)


def loss(weights, inputs, targets):
    """Half the mean square of the residuals of one network."""
    return jnp.mean((NETWORK.apply(weights, inputs) - targets) ** 2) / 2


def descended(weights, data, steps, rate=RATE, decay=0.0, noise=0.0, seed=0):
    """Weights after more steps of descent, with weight decay, and with fresh label noise of this deviation."""
    shape = jax.tree.leaves(weights)[0].shape[:2]
    keys = jax.random.split(jax.random.key(seed), shape)
    return _stepped(weights, data, keys, steps, rate, decay, noise, noise > 0)


@partial(jax.jit, static_argnames="noisy")
def _stepped(weights, data, keys, steps, rate, decay, noise, noisy):
    def one(now, data, key):
        def step(i, now):
            drawn = (
                noise * jax.random.normal(jax.random.fold_in(key, i), data.targets.shape) if noisy else 0.0
            )
            slope = jax.grad(loss)(now, data.inputs, data.targets + drawn)
            return jax.tree.map(lambda weight, part: weight - rate * (part + decay * weight), now, slope)

        return jax.lax.fori_loop(0, steps, step, now)

    return jax.vmap(jax.vmap(one, (0, None, 0)))(weights, data, keys)


_losses = jax.jit(jax.vmap(jax.vmap(loss, (0, None, None))))


def losses(weights, data):
    """Losses (sets, networks)."""
    return np.asarray(_losses(weights, *data))


def calmed(weights, train, test):
    """Test losses (sets, networks) after REST more steps of plain descent."""
    return losses(descended(weights, train, REST), test)


def stacked(networks):
    """The weights of a list of networks of one data set as one tree, (1, networks, ...)."""
    return jax.tree.map(lambda *leaves: np.stack(leaves)[None].astype(np.float32), *networks)


def traces(of, weights):
    """Traces of the Hessian (sets, networks) on the data of each of some models."""
    own = [jax.tree.map(lambda leaf, i=i: leaf[i], weights) for i in range(len(of))]
    return np.stack([jax.vmap(model.observe["trace"])(one) for model, one in zip(of, own, strict=True)])


def starts(seed):
    """Networks after LONG steps of descent: models and weights; traces and test losses (SETS, EACH) by name."""
    of = on_sets(seed, SETS)
    train, test = (together([getattr(model, part) for model in of]) for part in ("train", "test"))
    weights = descended(begun(seed, SETS, EACH), train, LONG, tanh.DESCENT_RATE)
    return of, weights, {"trace": traces(of, weights), "calm": losses(weights, test)}


def flattened(of, weights, seed, noise):
    """Traces and test losses (SETS, TRAINED, times) of some of the networks under label noise and under weight decay.

    Label noise: before, and after LATE steps. Weight decay: before, after EARLY and after LATE steps.
    """
    train, test = (together([getattr(model, part) for model in of]) for part in ("train", "test"))
    first = jax.tree.map(lambda leaf: leaf[:, :TRAINED], weights)
    early = descended(first, train, EARLY, decay=DECAY)
    late = descended(early, train, LATE - EARLY, decay=DECAY)
    noisy = descended(first, train, LATE, noise=noise, seed=seed)
    return [
        {
            "trace": np.stack([traces(of, now) for now in course], axis=-1),
            "calm": np.stack([calmed(now, train, test) for now in course], axis=-1),
        }
        for course in ((first, noisy), (first, early, late))
    ]
