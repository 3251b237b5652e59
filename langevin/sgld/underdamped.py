"""Motion with inertia: kinetic Langevin dynamics, split as BAOAB, on the clock of its overdamped limit.

It is the step of walkers on a toy landscape (`langevin.integrators.underdamped`). A body of mass 1 and velocity v moves
with the friction gamma in the kinetic time s,

    dx = v ds,    dv = -(grad f + wd x) ds - gamma v ds + sqrt(2 gamma theta) dW,

and the clock of a run is s / gamma, so that lr is the time of a step, h = gamma lr its kinetic time, and free motion
spreads as 2 theta per unit of time at any friction. The law of x is exp(-f / theta), that of v is N(0, theta), from
which the first velocity is drawn. Another mass m is no other motion: it is that of mass 1 with the friction
gamma sqrt(m) and the step h / sqrt(m). A factor r of the learning rate of a leaf gives this leaf the mass 1 / r, at the
same gamma and h.

A step is half a kick (B), half a flight (A), friction and heat (O), half a flight, half a kick, with one gradient: the
two halves of a kick at one place are made at once, with the samples of one batch (Leimkuhler and Matthews 2013). O
takes v to c v + sqrt(theta (1 - c^2)) xi with c = (1 - gamma h / 2) / (1 + gamma h / 2): it is the step of
Gronbech-Jensen and Farago (2013), of weak order 2. In a quadratic the covariance of x is theta H^-1 and that of v
behind O is theta, both exactly and at every stable step, h^2 a < 4 at the curvature a. Noise of batches heats the
weights too.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import random
from jax.flatten_util import ravel_pytree

from langevin.sgld.leaves import by_leaf
from langevin.sgld.model import Weights
from langevin.sgld.noise import draw
from langevin.sgld.records import Law
from langevin.sgld.step import Thermal, dial, pull

#: Counter of the noise of the first velocity, which is that of no step.
BEFORE = 2**32 - 1


class Moving(NamedTuple):
    """The velocity behind friction and heat, and the time for which it has yet to be kicked: 0 at the start."""

    velocity: Weights
    owed: Any


@partial(jax.jit)
def in_equilibrium(law: Law, weights: Weights, key: Any) -> Moving:
    """The first velocity, drawn from N(0, theta) under the key of the noise."""
    flat, unravel = ravel_pytree(weights)
    drawn = draw(True, random.fold_in(key, BEFORE), 0, law.temperature**0.5, flat)
    return Moving(unravel(drawn), jnp.zeros((), flat.dtype))


def underdamped(
    law: Law, step: Any, rate: Any, gradient: Weights, moving: Moving, weights: Weights, thermal: Thermal
) -> tuple[Weights, Moving]:
    """Weights and velocity after a step; `langevin.sgld.step.Step` says what is given."""
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
