"""Given initial weights of a training: from another run, or from arrays by name, as other libraries save them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError

if TYPE_CHECKING:
    from langevin.sgld.model import Model, Weights

#: Largest number of leaves whose names a message lists.
FEW = 12


@dataclass(frozen=True, eq=False)
class Start:
    """Initial weights of networks, instead of those that `init` draws.

    Network c of each setting starts from `weights[c]`, or all from the same weights if there is only one item. A text
    names their source, for the meta of the run. An optimiser starts with an empty memory. Noise and batches depend on
    the seed of the new run: with the seed of the run of these weights, they would be repeated.
    """

    weights: tuple[Weights, ...]
    source: str = "given weights"

    def of(self, chain: int) -> Weights:
        """The weights of network `chain` of a setting."""
        return self.weights[chain if len(self.weights) > 1 else 0]


def started(weights: Weights | Start | None) -> Start | None:
    """A `Start` from the argument `start`: weights of one network for all, or a record with the weights of each."""
    return weights if weights is None or isinstance(weights, Start) else Start((weights,))


def check_start(model: Model, start: Start, chains: int, dtype: str) -> None:
    """Refuse weights of another number of networks, or of other shapes than those of the model.

    Weights that are not numbers, or not finite in the precision `dtype` of the training, are refused, too.

    Raises:
        UsageError: the weights are refused; the message gives the reason.
    """
    if len(start.weights) not in (1, chains):
        raise UsageError(
            f"there are weights of {len(start.weights)} networks to start from, and {chains} are to be trained",
            "weights of one network, or of as many as are trained",
            "train as many, or name one of them",
        )
    wanted = _shapes(_template(model))
    for number, weights in enumerate(start.weights):
        found = _shapes(weights)
        if found != wanted:
            name = next((n for n in [*wanted, *found] if wanted.get(n) != found.get(n)), "")
            raise UsageError(
                f"the weights of network {number} to start from have {name or 'the whole'} of shape "
                f"{found.get(name, 'none')}, and those of {model.name} {wanted.get(name, 'none')}",
                "weights as init of the model nests them",
                "make the model with the dials that they are of",
            )
        largest = float(np.finfo(dtype).max)
        if not all((np.abs(np.asarray(leaf, np.float64)) <= largest).all() for leaf in _leaves(weights)):
            raise UsageError(
                f"the weights of network {number} to start from are not all finite in {dtype}",
                f"finite numbers up to {largest:.2g}",
                "take a network that has not diverged",
            )


def arranged(model: Model, start: Start) -> Start:
    """The same weights in the containers of the model; they may come in other containers with the same names.

    Containers determine the order of leaves, and all arrays of a run have the order of the model.
    """
    import jax

    template = _template(model)
    structure, names = jax.tree.structure(template), [*_shapes(template)]

    def in_order(weights: Weights) -> Weights:
        if jax.tree.structure(weights) == structure:
            return weights
        named_leaves = dict(zip(_shapes(weights), _leaves(weights), strict=True))
        return jax.tree.unflatten(structure, [named_leaves[name] for name in names])

    return Start(tuple(in_order(weights) for weights in start.weights), start.source)


def from_arrays(model: Model, arrays: Mapping[str, NDArray[Any]]) -> Weights:
    """Arrays by name as the weights of a model.

    If all names are names of leaves, such as `layers/0/kernel` or `layers.0.kernel`, arrays are assigned by name.
    Otherwise they are assigned by shape, if each array fits one leaf only and each leaf one array. A `weight` of two
    axes may be transposed, (outputs, inputs), as in PyTorch; either all such weights are transposed or none.

    Raises:
        UsageError: arrays are missing or left over, or shapes are ambiguous; the message names the leaves.
    """
    import jax

    template = _template(model)
    wanted = _shapes(template)
    by_name = {name.replace(".", "/"): array for name, array in arrays.items()}
    plain = {name: name.replace(".", "/") for name in wanted}
    if set(by_name) == {*plain.values()} and len(by_name) == len(arrays) == len(wanted):
        chosen = {name: (by_name[plain[name]], False) for name in wanted}
    else:
        chosen = _by_shape(model, wanted, arrays)
    leaves = []
    for name, shape in wanted.items():
        array, turned = chosen[name]
        array = np.asarray(array).T if turned else np.asarray(array)
        if array.shape != shape or array.dtype.kind not in "biuf":
            raise UsageError(
                f"the array for {name} of {model.name} is {array.dtype} {array.shape}",
                f"numbers of shape {shape}",
                "correct it in the file",
            )
        leaves.append(array)
    return jax.tree.unflatten(jax.tree.structure(template), leaves)


def in_containers(model: Model, nested: Weights) -> Weights:
    """Weights in the containers of a model, leaf by leaf by their names, or else by their shapes.

    Raises:
        UsageError: as `from_arrays`.
    """
    from langevin.sgld.kept import leaf_shapes, named

    names = [named(one["path"]) for one in leaf_shapes(nested)]
    return from_arrays(model, dict(zip(names, _leaves(nested))))


def _by_shape(
    model: Model, wanted: Mapping[str, tuple[int, ...]], arrays: Mapping[str, NDArray[Any]]
) -> dict[str, tuple[NDArray[Any], bool]]:
    """For each leaf the one array that fits it, and whether it is transposed."""
    fits = []
    for turned in (False, True):
        shapes = {
            name: np.shape(array)[::-1] if turned and _may_turn(name, array) else np.shape(array)
            for name, array in arrays.items()
        }
        if sorted(shapes.values()) == sorted(wanted.values()) and len(set(shapes.values())) == len(shapes):
            place = {shape: name for name, shape in shapes.items()}
            fits.append(
                {
                    leaf: (arrays[place[shape]], turned and _may_turn(place[shape], arrays[place[shape]]))
                    for leaf, shape in wanted.items()
                }
            )
    one_way = len(fits) == 1 or (len(fits) == 2 and not any(_may_turn(*one) for one in arrays.items()))
    if not one_way:
        given = _listed({name: np.shape(array) for name, array in arrays.items()})
        ways = "more than one" if fits else "no"
        raise UsageError(
            f"{len(arrays)} arrays ({given}) fit the weights of {model.name} in {ways} way",
            f"arrays by the names of its leaves: {_listed(wanted)}",
            "save them under these names, transposed if the model takes (inputs, outputs)",
        )
    return fits[0]


def _may_turn(name: str, array: NDArray[Any]) -> bool:
    """Whether an array may be one that PyTorch keeps as (outputs, inputs)."""
    return np.ndim(array) == 2 and name.rpartition(".")[2] == "weight"


def _listed(shapes: Mapping[str, tuple[int, ...]]) -> str:
    few = [f"{name or 'the whole'} {shape}" for name, shape in [*shapes.items()][:FEW]]
    return ", ".join([*few, *(["..."] if len(shapes) > FEW else [])])


def _template(model: Model) -> Any:
    """The weights of a model as shapes."""
    import jax

    from langevin.sgld.start import key_shape

    return jax.eval_shape(model.init, key_shape())


def _leaves(weights: Any) -> list[Any]:
    import jax

    found: list[Any] = jax.tree.leaves(weights)
    return found


def _shapes(weights: Any) -> dict[str, tuple[int, ...]]:
    """Shapes of the leaves by their names."""
    from langevin.sgld.kept import leaf_shapes, named

    return {named(one["path"]): tuple(one["shape"]) for one in leaf_shapes(weights)}
