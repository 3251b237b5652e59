"""A network to train, as one frozen record of plain functions and arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import unfit
from langevin.sgld.leaves import Held
from langevin.types import Observable

#: A nested container (dict, list, tuple) of arrays: what `init` returns and `apply` takes.
Weights = Any
#: per_sample(outputs, targets): arrays (samples, outputs) each, to one number or truth a sample (samples,).
PerSample = Callable[[Any, Any], Any]
#: What is seen of a network at recorded steps: a function of the weights, or of the model and the weights, or a
#: record of one. It gives what `langevin.types.Observable` says, and is written in jax.numpy.
Observer = Callable[..., Any] | Observable


class Data(NamedTuple):
    """Inputs (samples, ...), where whole numbers such as tokens stay whole, and targets (samples, outputs).

    Targets may be classes in whole numbers, (samples,), from 0 on: `Model` makes columns of them.
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Model:
    """A network, its loss and its data.

    init(key)               weights drawn from a JAX random key
    apply(weights, inputs)  outputs, of shape (samples, outputs), written in jax.numpy
    loss                    `half-mse`, `hinge`, `cross-entropy`, or a function of kind `PerSample`; the loss of
                            the network is its mean over the samples
    train, test             the data; `test` None for no test set, of which then nothing is recorded
    dials                   what the factory was called with, kept in the record of the run
    observe                 observables of this network, by name, of kind `Observer`; every run keeps them
    correct                 which samples are right, of kind `PerSample`, which decides the accuracies; by
                            default as `langevin.sgld.labels` reads the targets; a regression then has none
    embedding(weights)      the table (tokens, width) in which a network of tokens keeps them, if it has one
    fit(weights, inputs, key)  the network in training, where it is another one: dropout under the random key, or
                            statistics of the batch. It gives (outputs, weights), the weights with their fixed leaves as
                            they are after this pass. All that is recorded and measured is of `apply`
    fixed(weights)          a tree like the weights of truths: which leaves no gradient, decay or noise moves, such as
                            moving statistics. They count neither among the weights nor in derivatives, and have no
                            share in norms and displacements
    fresh(key, count)       Data of `count` new samples, for example from a stream: each step then takes `batch` of them
                            instead of samples of `train`, from which all else is computed

    A record equals only itself, so that compiled code can be kept per model. A NumPy array that one of these functions
    captures is to be cast where it is used, jnp.asarray(array, weights.dtype), if a process computes in single and
    in double precision (`langevin.sgld.computation`).
    """

    name: str
    init: Callable[[Any], Weights]
    apply: Callable[[Weights, Any], Any]
    loss: str | PerSample
    train: Data
    test: Data | None
    dials: Mapping[str, Any] = field(default_factory=dict)
    correct: PerSample | None = None
    observe: Mapping[str, Observer] = field(default_factory=dict)
    embedding: Callable[[Weights], Any] | None = None
    fit: Callable[[Weights, Any, Any], tuple[Any, Weights]] | None = None
    fixed: Callable[[Weights], Any] | None = None
    fresh: Callable[[Any, int], Data] | None = None

    @property
    def parts(self) -> list[tuple[str, Data]]:
        """Training and test set with the words for them; without the test set where there is none."""
        return [("training", self.train), *([] if self.test is None else [("test", self.test)])]

    def __post_init__(self) -> None:
        """Make columns of targets that count classes, and hold what is fixed.

        Raises:
            UsageError: data that are no pair of arrays of numbers, or as `langevin.sgld.labels.class_targets`.
        """
        if self.fixed is not None and not isinstance(self.apply, Held):
            object.__setattr__(self, "apply", Held(self.apply, self.fixed))
        for part in ("train", "test") if self.test is not None else ("train",):
            if not isinstance(getattr(self, part), tuple) or len(getattr(self, part)) != 2:
                raise unfit(
                    f"{part} of a Model", "must be Data(inputs, targets)", type(getattr(self, part)).__name__
                )
            inputs, targets = getattr(self, part)
            _check_numbers(f"{part} inputs of {self.name}", inputs)
            _check_numbers(f"{part} targets of {self.name}", targets)
            kind = getattr(targets, "dtype", None)
            if kind is not None and np.ndim(targets) == 1 and np.dtype(kind).kind in "iub":
                from langevin.sgld.labels import class_targets

                object.__setattr__(self, part, Data(inputs, class_targets(self, inputs, targets)))


def _check_numbers(what: str, values: Any) -> None:
    kind = getattr(values, "dtype", None)
    if kind is None:
        raise unfit(what, "must be an array", type(values).__name__, "numpy.asarray makes one")
    if np.dtype(kind).kind in "USO":
        raise unfit(
            what,
            "must be numbers",
            f"an array of {kind}",
            "numpy.unique(labels, return_inverse=True)[1] numbers them",
        )
