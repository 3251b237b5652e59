"""A number that is recorded from a network at each frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Observable:
    """A function that is evaluated on a network at every recorded step, written in jax.numpy.

    summary    one line that describes the observable
    look       look(model, weights, data) gives one number, an array of one axis (its parts are named by their indices),
               or a dictionary of numbers by the names of the parts. `data` are the training and the test set as arrays
               of JAX, in the precision of the weights
    remembers  look(model, weights, data, memory) gives the same and the memory for the next recorded step. A memory has
               one number for each weight, of the weights' precision, zeros at first; it is kept with the run
    """

    summary: str
    look: Callable[..., Any]
    remembers: bool = False
