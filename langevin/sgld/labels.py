"""Read the targets of a network: as labels, so that an output is right or wrong, or as numbers of a regression.

| targets | an output is right if |
|---|---|
| one column of two values, such as -1 and 1, or 0 and 1 | it is nearer to its label than to the other label |
| the same with a user-defined loss function | the other label would have a larger loss |
| several columns, one of which is highest in every row | the output of that column is the largest |
| several columns of two values | every output is nearer to its label |
| others: a regression | not known; there are no accuracies, unless the model defines `correct` |
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from langevin.errors import UsageError
from langevin.sgld.model import Model, PerSample
from langevin.types import FloatArray

#: Largest round-off: of targets, over the distance of two labels, and of the sum of shares minus 1.
ROUND_OFF = 1e-5


class Reading(NamedTuple):
    """A text on which outputs are right, and the function that tests it; None if the targets are not labels."""

    words: str | None
    right: PerSample | None


@lru_cache(maxsize=256)
def reading(model: Model) -> Reading:
    """How the targets of a model are read; the same for training and test set."""
    if model.correct is not None:
        return Reading("the result of `correct` of the model", model.correct)
    targets = both(model)
    if targets.ndim != 2 or not targets.size or not np.isfinite(targets).all():
        return UNKNOWN
    if model.loss == "cross-entropy":
        top = np.sort(targets, axis=1)[:, -2:]
        return LARGEST if (top[:, -1] > top[:, 0]).all() else UNKNOWN
    low, high = two_values(targets, len(model.train.targets))
    return by_label(model, targets, low, high) if low < high else UNKNOWN


def by_label(model: Model, targets: FloatArray, low: float, high: float) -> Reading:
    """How targets (samples, outputs) of two values are read."""
    several, middle = targets.shape[1] > 1, (low + high) / 2
    if several and ((targets > middle).sum(axis=1) == 1).all():
        return LARGEST
    if isinstance(model.loss, str) or middle == 0:
        return Reading(f"every output on its label's side of {middle:g}", partial(sided, middle))
    if several:
        return UNKNOWN
    return Reading("an output whose label has the smaller loss", partial(preferred, model.loss, low + high))


def both(model: Model) -> FloatArray:
    """Targets of the training set followed by the test set; an empty array if they have different shapes."""
    parts = [np.asarray(data.targets, np.float64) for _, data in model.parts]
    fitting = len({part.shape[1:] for part in parts}) == 1
    return np.concatenate(parts) if fitting and parts[0].ndim else np.empty(0)


def two_values(targets: FloatArray, samples: int) -> tuple[float, float]:
    """The lower and the higher label; two equal numbers if the targets have more than two values.

    If the only value is -1, 0 or 1, the other label is the usual one. With two samples only the usual labels count,
    since two samples may have any two numbers.
    """
    low, high = float(targets.min()), float(targets.max())
    if low == high:
        return {-1.0: (-1.0, 1.0), 0.0: (0.0, 1.0), 1.0: (-1.0, 1.0)}.get(low, (low, low))
    nearest = np.minimum(np.abs(targets - low), np.abs(targets - high))
    usual = (low, high) in ((-1.0, 1.0), (0.0, 1.0))
    return (low, high) if nearest.max() <= ROUND_OFF * (high - low) and (usual or samples > 2) else (low, low)


def sided(middle: float, outputs: Any, targets: Any) -> Any:
    """Whether every output of a sample is on its label's side of `middle`, (samples,)."""
    import jax.numpy as jnp

    return jnp.all((outputs - middle) * (targets - middle) > 0, axis=-1)


def preferred(loss: Callable[..., Any], total: float, outputs: Any, targets: Any) -> Any:
    """Whether the loss with each label is smaller than with the other label, (samples,); `total` is the labels' sum."""
    return loss(outputs, targets) < loss(outputs, total - targets)


def largest(outputs: Any, targets: Any) -> Any:
    """Whether the largest output of each sample is the output of its class, (samples,)."""
    import jax.numpy as jnp

    return jnp.argmax(outputs, axis=-1) == jnp.argmax(targets, axis=-1)


LARGEST = Reading("the largest output is that of the class", largest)
UNKNOWN = Reading(None, None)


def check_targets(model: Model) -> None:
    """Refuse targets for which the loss of the model is not defined.

    Raises:
        UsageError: hinge without labels -1 and 1, or cross-entropy without shares of two classes or more.
    """
    targets = both(model)
    if model.loss == "hinge" and not (np.abs(targets) == 1).all():
        raise UsageError(
            f"the hinge loss takes the labels -1 and 1, and {model.name} has others, from {targets.min():g} to "
            f"{targets.max():g}",
            "labels -1 and 1",
            "give 2 y - 1 for labels y = 0 and 1, or take the loss half-mse",
        )
    if model.loss != "cross-entropy" or targets.ndim != 2:
        return
    if targets.shape[1] == 1:
        raise UsageError(
            f"cross-entropy of one output is always 0, and {model.name} has one",
            "2 outputs or more",
            "give it an output for each class",
        )
    if (targets < 0).any() or not np.allclose(targets.sum(axis=1), 1, rtol=0, atol=ROUND_OFF):
        raise UsageError(
            f"the targets of cross-entropy are shares of the classes, at least 0 and 1 in sum, and {model.name} has "
            "others",
            "shares at least 0, 1 in sum",
            "give whole numbers of shape (samples,) that count the classes from 0",
        )


def class_targets(model: Model, inputs: Any, labels: Any) -> FloatArray:
    """Targets (samples, outputs) for labels (samples,) in whole numbers.

    For a network of one output they are one column. For several outputs the column of the class is 1 and the others
    are 0, or -1 for the hinge loss.

    Raises:
        UsageError: a label is not a class of the network, or a function of the model fails.
    """
    import jax

    from langevin.errors import foreign
    from langevin.sgld.computation import input_kind
    from langevin.sgld.start import initial_shapes

    numbers = np.asarray(labels).astype(np.int64)
    with foreign(f"init or apply of {model.name}"):
        weights = initial_shapes(model, "float32")
        samples = jax.ShapeDtypeStruct(np.shape(inputs), input_kind(inputs, "float32"))
        shape = jax.eval_shape(model.apply, weights, samples).shape
    if len(shape) != 2 or shape[1] == 1:
        return numbers[:, None].astype(np.float64)
    if numbers.size and not (0 <= numbers.min() and numbers.max() < shape[1]):
        raise UsageError(
            f"the labels of {model.name} go from {numbers.min()} to {numbers.max()}",
            allowed=f"with {shape[1]} outputs they must go from 0 to {shape[1] - 1} at most",
        )
    off = -1.0 if model.loss == "hinge" else 0.0
    return np.where(np.arange(shape[1]) == numbers[:, None], 1.0, off)
