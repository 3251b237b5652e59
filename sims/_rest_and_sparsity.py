"""The sparsity of parity networks when they memorise and when they generalise, and networks that are at rest."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from langevin.measure.occupancy import share_of
from langevin.measure.seeds import factor_over

#: Smallest divisor, for a network whose weights are all 0.
TINY = 1e-30


def effective_share(weights):
    """Effective share of the hidden weights: 1 if all have one size, 1 / n if only one of n is not zero.

    The effective number is the participation ratio, (sum v^2)^2 / sum v^4 over the weights v.
    """
    sizes = jnp.abs(weights["hidden"])
    squares = (sizes / jnp.maximum(sizes.max(), TINY)) ** 2  # squares of weights near 0 would underflow
    return squares.sum() ** 2 / jnp.maximum((squares**2).sum(), TINY) / squares.size


def both_ends(run, name):
    """An observable of each network when it has memorised, and when it generalises or at the end of the run."""
    done = run.events["generalised_step"]
    steps = run.events["changed_step"], np.where(done < 0, run.steps[-1], done)
    frames = (np.searchsorted(run.steps, at)[:, None] for at in steps)
    return [np.take_along_axis(run.observables[name], at, axis=1)[:, 0] for at in frames]


def thinning(run):
    """Factor by which the effective share of the hidden weights falls."""
    before, after = both_ends(run, "effective share")
    return factor_over(before / after, "fall of the effective share of weights")


def resting(run):
    """The share of networks that generalise, known if all others have a training loss of exactly zero; and when.

    Without decay the gradient of such a network is exactly zero, so that it does not move any more.
    """
    arrived, still = run.events["generalised_step"] >= 0, run.observables["train_loss"] == 0
    known = bool((arrived | still[:, -1]).all())
    share = replace(share_of(arrived, "share of networks that ever generalise without decay"), mixed=known)
    return share, int(run.steps[still.argmax(axis=1)[still[:, -1]]].max(initial=0))
