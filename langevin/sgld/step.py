"""What one step of a law is made from, and parts that laws share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from langevin.sgld.laws import dials
from langevin.sgld.leaves import by_leaf
from langevin.sgld.model import Weights
from langevin.sgld.records import Law

#: thermal(sd): normals of this standard deviation in the shape of the weights; 0 where no network is heated.
Thermal = Callable[[Any], Weights]
#: step(law, step, rate, gradient, memory, weights, thermal): weights and memory after the step of this number, whose
#: learning rate is `rate` and whose gradient of the loss is `gradient`. Its thermal noise is drawn once.
Step = Callable[[Law, Any, Any, Weights, Any, Weights, Thermal], tuple[Weights, Any]]
#: memory(law, weights, key): what is remembered before the first step, with the key of the noise.
Memory = Callable[[Law, Weights, Any], Any]


def dial(law: Law, name: str) -> Any:
    """A dial of one of langevin's own laws, in compiled code."""
    return dials(law.name, law.options)[name]


def pull(law: Law, gradient: Weights, weights: Weights) -> Weights:
    """Gradient of the loss with its coupled weight decay, grad f + wd x."""
    decays = by_leaf(law.weight_decay, law.leaves, "decay", weights)
    return jax.tree.map(lambda g, wd, w: g + wd * w, gradient, decays, weights)
