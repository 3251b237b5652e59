"""A network to train, as one frozen record of plain functions and arrays, and the leaves of its weights.

Fixed leaves are leaves that no gradient moves, for instance the moving statistics of batch normalisation.

A factor of rate and decay names a leaf by its keys, joined by points: `output`, `layers.0.weight`. A factor of a
branch, such as `layers.0`, applies to all leaves below it. If several names fit a leaf, the longest name counts. A dash
means the same as an underscore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError, unfit
from langevin.types import Observable

if TYPE_CHECKING:
    from langevin.sgld.records import Leaf

#: A nested container (dict, list, tuple) of arrays: the result of `init` and the first argument of `apply`.
Weights = Any
#: per_sample(outputs, targets): of arrays (samples, outputs), gives a number or a boolean for each sample (samples,).
PerSample = Callable[[Any, Any], Any]
#: An observable of a network at recorded steps: a function of the weights, or of the model and the weights, or a
#: record `langevin.types.Observable` of such a function, which describes its result. It is written in jax.numpy.
Observer = Callable[..., Any] | Observable


class Data(NamedTuple):
    """Inputs (samples, ...) and targets (samples, outputs). Inputs of integers, such as tokens, stay integers.

    Targets may be classes, integers (samples,) from 0 on: `Model` then makes columns of them.
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
    train, test             the data; if `test` is None there is no test set, and nothing of it is recorded
    dials                   the arguments of the factory that made the model, kept in the record of the run
    observe                 observables of this network, by name, of kind `Observer`; every run keeps them
    correct                 a function of kind `PerSample`: which samples are right, for the accuracies; by default
                            the rule of `langevin.sgld.labels`, by which a regression has no accuracies
    embedding(weights)      the table (tokens, width) of the embeddings of tokens, if the network has one
    fit(weights, inputs, key)  the network in training, if it differs from `apply`: with dropout by the random key, or
                            with statistics of the batch. It returns (outputs, weights), with the new values of the
                            fixed leaves. All records and measurements use `apply`
    fixed(weights)          a tree of booleans like the weights: which leaves are not moved by gradient, decay or noise,
                            such as moving statistics. They do not count as weights, in derivatives, in norms or in
                            displacements
    fresh(key, count)       Data of `count` new samples, for example from a stream: each step then takes `batch` of them
                            instead of samples of `train`, from which everything else is computed

    A record equals only itself, so that compiled code can be kept for each model. If one of these functions captures
    a NumPy array, and a process computes in single and in double precision, the function must cast the array at its
    use, by jnp.asarray(array, weights.dtype) (`langevin.sgld.computation`).
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
        """Pairs of name and data: training set and test set, or the training set alone."""
        return [("training", self.train), *([] if self.test is None else [("test", self.test)])]

    def __post_init__(self) -> None:
        """Make columns of targets that are classes, and set derivatives along fixed leaves to 0.

        Raises:
            UsageError: the data are not a pair of arrays of numbers, or a label is not a class of the network.
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


@dataclass(frozen=True)
class Held:
    """A function of weights and inputs whose derivative along fixed leaves is 0 by definition.

    So Hessians, Jacobians, ranks and tangent kernels are computed in the other leaves only.
    """

    apply: Callable[..., Any]
    fixed: Callable[[Any], Any]

    def __call__(self, weights: Weights, inputs: Any) -> Any:
        """The outputs of the function, with derivative 0 along the fixed leaves."""
        return self.apply(still(self.fixed, weights), inputs)


def still(fixed: Callable[[Any], Any] | None, weights: Weights) -> Weights:
    """The same weights, but every derivative along their fixed leaves is 0."""
    import jax

    if fixed is None:
        return weights
    stop = jax.lax.stop_gradient
    return jax.tree.map(lambda leaf, is_fixed: stop(leaf) if is_fixed else leaf, weights, fixed(weights))


def as_trained(model: Model) -> Model:
    """The model with the outputs of the network in training, for one random key."""
    fit = model.fit
    if fit is None:
        return model
    import jax

    return replace(model, apply=lambda weights, inputs: fit(weights, inputs, jax.random.key(0))[0])


def stays(model: Model, weights: Weights) -> Any:
    """A tree of booleans: which leaves are fixed."""
    import jax

    return jax.tree.map(lambda leaf: False, weights) if model.fixed is None else model.fixed(weights)


def trained(model: Model, weights: Weights) -> list[Any]:
    """The leaves that a training moves, in the order of `jax.tree.leaves`."""
    import jax

    pairs = zip(jax.tree.leaves(weights), jax.tree.leaves(stays(model, weights)), strict=True)
    return [leaf for leaf, is_fixed in pairs if not is_fixed]


def restored(model: Model, stepped: Weights, refreshed: Weights) -> Weights:
    """The weights after a step, with fixed leaves as the network in training has them."""
    import jax

    if model.fixed is None:
        return stepped
    return jax.tree.map(
        lambda after, fresh, is_fixed: fresh if is_fixed else after, stepped, refreshed, model.fixed(stepped)
    )


def by_leaf(number: Any, leaves: Mapping[str, Leaf], factor: str, weights: Weights) -> Any:
    """The number for each leaf of the weights, times the factor of this leaf, `rate` or `decay`, if it has one."""
    import jax

    def of_leaf(path: Any, leaf: Any) -> Any:
        fitting = _fitting(_name(path), leaves)
        return number * getattr(leaves[fitting], factor) if fitting else number

    return jax.tree_util.tree_map_with_path(of_leaf, weights)


def check_leaves(leaves: Mapping[str, Leaf], weights: Weights) -> None:
    """Refuse factors of a leaf that the weights do not have.

    Raises:
        UsageError: there is no such leaf; the message lists the leaves.
    """
    import jax

    names = [_name(path) for path, _ in jax.tree_util.tree_leaves_with_path(weights)]
    for wanted in leaves:
        if not any(_fitting(name, [wanted]) for name in names):
            raise UsageError(
                f"the weights have no leaf {wanted!r}",
                f"leaves by their names: {', '.join(filter(None, names)) or 'there is one, without a name'}",
                "name one of these, or a branch that contains several",
            )


def _fitting(name: str, keys: Iterable[str]) -> str:
    """The longest of the keys that names this leaf or a branch that contains it; empty if there is none."""
    fits = [key for key in keys if f"{name}.".replace("-", "_").startswith(f"{key}.".replace("-", "_"))]
    return max(fits, key=len, default="")


def _name(path: Any) -> str:
    """The keys that lead to a leaf, joined by points."""
    return ".".join(str(getattr(key, "key", getattr(key, "idx", getattr(key, "name", key)))) for key in path)
