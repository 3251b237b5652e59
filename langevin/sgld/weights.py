"""Read the weights of a finished training: at its end, and at recorded steps at which they were kept."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError, UsageError, unfit
from langevin.provenance import DAMAGED
from langevin.sgld.model import Model
from langevin.sgld.records import MOMENTS, STEPS, STEPWISE
from langevin.types import Trajectory

if TYPE_CHECKING:
    from langevin.sgld.model import Weights

#: Name of the end of a run.
END = "end"
#: Limits for weights that a file describes: number of leaves, length of a path or number of axes, numbers of a leaf.
MOST_LEAVES, DEEPEST, LARGEST = 100_000, 32, 2**40


def weights(
    run: Trajectory, model: Model | None = None, chain: int = 0, step: int | str | None = None
) -> Weights:
    """The weights of a network, nested as the `init` of its model nests them.

        run = langevin.load("parity.h5")
        weights = langevin.weights(run, models.parity.model(), chain=2)
        early = langevin.weights(run, chain=2, step="memorised")

    Weights at the end have the precision of the training; weights at earlier steps are float32.

    Args:
        run: a finished training, from memory or loaded from a file.
        model: the model of the run; its name, dials and data are compared with the run. Without a model the weights
            are returned in dictionaries and lists, by the names of the leaves in the run.
        chain: number of the network.
        step: a recorded step at which weights were kept (`kept_steps`), `memorised`, `generalised` or `arrived`, or
            `end`, the default.

    Raises:
        UsageError: the run is not a training, has no network of this number, or kept no weights at this step; or the
            model is not the model of the run.
        InputFileError: the run holds no weights, or damaged weights.
    """
    _check(run, chain)
    if model is not None:
        check_model(run, model)
    leaves = _leaves_of_model(run, model) if model is not None else None
    shapes = _shapes_in_meta(run) if leaves is None else [leaf.shape for leaf in leaves[0]]
    rows = _end(run, chain, shapes) if _is_end(run, step) else [_kept(run, chain, step, shapes)]
    flat = np.concatenate([row.ravel() for row in rows]) if rows else np.empty(0, np.float32)
    ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    arrays = [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes)]
    if leaves is None:
        return _nested(run, arrays)
    import jax

    return jax.tree.unflatten(leaves[1], arrays)


def kept_steps(run: Trajectory) -> NDArray[np.int64]:
    """Recorded steps at which the weights of all networks were kept; the weights at the end are kept separately.

    Raises:
        InputFileError: the run lists steps that it did not record, or lists them in a wrong order.
    """
    steps = run.weights.get(STEPS, np.empty(0, np.int64))
    if steps.dtype != np.int64 or steps.ndim != 1 or steps.size > len(run.steps):
        raise InputFileError(DAMAGED)
    found = np.array(steps)
    if (np.diff(found) <= 0).any() or not np.isin(found, run.steps).all():
        raise InputFileError(DAMAGED)
    return found


def first_weights(run: Trajectory, model: Model, chain: int) -> Weights:
    """The initial weights of a network of a run.

    Raises:
        UsageError: the weights were given to the run and not kept, so they cannot be drawn again.
    """
    if 0 in kept_steps(run):
        return weights(run, model, chain, 0)
    if "started_from" in run.meta:
        raise UsageError(
            "the networks of this run started from given weights, and those of step 0 were not kept",
            "a run trained with weights kept at frames",
            "leave out what compares with the start",
        )
    from langevin.sgld.computation import precision
    from langevin.sgld.start import initial_weights, network_keys

    dtype, seed, chains = _dtype(run), run.meta.get("seed"), run.meta.get("chains")
    if type(seed) is not int or type(chains) is not int or not 0 <= seed < 2**64 or chains < 1:
        raise InputFileError(DAMAGED)
    setting, network = divmod(chain, chains)
    with precision(dtype):
        key, _ = network_keys(seed, network, setting if run.meta.get("own_noise") is True else 0)
        return initial_weights(key, model=model, dtype=dtype)


def names_of(weights: Weights) -> list[str]:
    """The names of the leaves of weights, such as `layers/0/kernel`, in the order of `leaves_of`."""
    from langevin.sgld.kept import leaf_shapes, named

    return [named(one["path"]) for one in leaf_shapes(weights)]


def leaves_of(weights: Weights) -> list[Any]:
    """The arrays of weights, in the order of `jax.tree.leaves`."""
    import jax

    found: list[Any] = jax.tree.leaves(weights)
    return found


def check_model(run: Trajectory, model: Model) -> None:
    """Refuse a model whose name, dials or data are not those of the run.

    Raises:
        UsageError: name, dials or data are not those of the run.
        InputFileError: the run has no record of them.
    """
    from langevin.sgld.computation import data_in, precision
    from langevin.sgld.content import digest

    dials = json.loads(json.dumps(dict(model.dials)))
    if (run.meta.get("model"), run.meta.get("dials")) != (model.name, dials):
        raise UsageError(
            f"the model given is {model.name} with {dials}, and that of the run {run.meta.get('model')} with "
            f"{run.meta.get('dials')}",
            "the model of the run",
            "make it with the dials of the run",
        )
    dtype = _dtype(run)
    content = run.meta.get("content")
    if not isinstance(content, dict) or "data" not in content:
        raise InputFileError(DAMAGED)
    with precision(dtype):
        here = digest(
            (data_in(model.train, dtype), None if model.test is None else data_in(model.test, dtype))
        )
    if here != content["data"]:
        raise UsageError(
            "the data of the model given are not those of the run (SHA-256 differs)", "the data of the run",
            "make the model with the data of the run",
        )  # fmt: skip


def _check(run: Trajectory, chain: int) -> None:
    if run.meta.get("kind") != "network":
        raise UsageError("this run is of no network", "a run of `langevin train`", "load another file")
    chains = len(run.events["status"])
    if not 0 <= chain < chains:
        raise unfit("chain", f"must be from 0 to {chains - 1}", f"{chain}")
    if not run.state and not run.weights:
        why = run.meta.get("not_extendable", "it is of a version that did not keep them")
        raise InputFileError(
            f"this run holds no weights, for {why}", "a run with its end state", "train again"
        )


def _dtype(run: Trajectory) -> str:
    dtype = run.meta.get("dtype")
    if dtype not in ("float32", "float64"):
        raise InputFileError(DAMAGED)
    return str(dtype)


def _leaves_of_model(run: Trajectory, model: Model) -> tuple[list[Any], Any]:
    """Shapes of the leaves of a model's weights, and how they are nested."""
    import jax

    from langevin.sgld.computation import precision
    from langevin.sgld.start import initial_shapes

    dtype = _dtype(run)
    with precision(dtype):
        shapes = initial_shapes(model, dtype)
    leaves, structure = jax.tree.flatten(shapes)
    return leaves, structure


def _is_end(run: Trajectory, step: int | str | None) -> bool:
    """Whether a step is the end of the run, whose weights are in its state."""
    if step is None or step == END:
        if not run.state:
            raise InputFileError(
                f"this run holds no weights of its end, for {run.meta.get('not_extendable', 'it has no state')}",
                "a step at which weights were kept",
                f"name one of {_known(run)}",
            )
        return True
    return bool(run.state) and step == run.meta.get("steps") and step not in kept_steps(run)


def _end(run: Trajectory, chain: int, shapes: Sequence[tuple[int, ...]]) -> list[NDArray[Any]]:
    """The leaves of one network at its end, each read after a check of its shape and type."""
    chains, found = len(run.events["status"]), []
    for number, shape in enumerate(shapes):
        array = run.state.get(f"leaf {number}")
        if array is None or array.shape != (chains, math.prod(shape)) or array.dtype != _dtype(run):
            raise InputFileError(DAMAGED)
        found.append(np.array(array[chain]))
    return found


def _kept(
    run: Trajectory, chain: int, step: int | str | None, shapes: Sequence[tuple[int, ...]]
) -> NDArray[Any]:
    """The row of one network at a step before the end."""
    steps, chains = kept_steps(run), len(run.events["status"])
    size = sum(math.prod(shape) for shape in shapes)
    place, shape = slice(None), (chains, *([] if isinstance(step, str) else [len(steps)]), size)
    array: Any = None
    if isinstance(step, str) and step in run.weights and step in MOMENTS:
        array = run.weights[step]
    elif not isinstance(step, str) and step in steps:
        first = int(np.flatnonzero(steps == step)[0])
        place, array = slice(first, first + 1), run.weights.get(STEPWISE)
    else:
        raise unfit("step", f"must be one at which weights were kept: {_known(run)}", f"{step!r}")
    if array is None or array.shape != shape or array.dtype != np.float32:
        raise InputFileError(DAMAGED)
    row = np.asarray(array[chain : chain + 1, place]).ravel()
    if isinstance(step, str) and np.isnan(row).all():
        raise UsageError(
            f"network {chain} has no weights of the step at which it has {step}: it has not reached it, or its rank "
            "makes the arrival later",
            f"a network that has {step}",
            "choose another network or step",
        )
    return row


def _known(run: Trajectory) -> str:
    """The steps that can be requested, as text."""
    steps = kept_steps(run)
    named = [name for name in run.weights if name in MOMENTS]
    few = (
        [str(step) for step in steps[:3]]
        + (["..."] if len(steps) > 4 else [])
        + [str(s) for s in steps[3:][-1:]]
    )
    return ", ".join([*few, *named, *([END] if run.state else [])]) or "none"


def _shapes_in_meta(run: Trajectory) -> list[tuple[int, ...]]:
    """Shapes of the leaves according to the run.

    Raises:
        InputFileError: the run has no such shapes, or wrong ones.
    """
    leaves = run.meta.get("arrays")
    if not isinstance(leaves, list) or len(leaves) > MOST_LEAVES:
        raise InputFileError(f"{DAMAGED}: it does not name the leaves of its weights")
    shapes = []
    for leaf in leaves:
        shape = leaf.get("shape") if isinstance(leaf, dict) else None
        if not isinstance(shape, list) or not all(type(one) is int and 0 <= one for one in shape):
            raise InputFileError(DAMAGED)
        if len(shape) > DEEPEST or math.prod(one or 1 for one in shape) > LARGEST:
            raise InputFileError(DAMAGED)
        shapes.append(tuple(shape))
    return shapes


def _nested(run: Trajectory, arrays: list[NDArray[Any]]) -> Any:
    """Arrays in dictionaries and lists, by the paths of the leaves that the run names."""
    outside: dict[Any, Any] = {}
    for leaf, array in zip(run.meta["arrays"], arrays, strict=True):
        path = leaf.get("path")
        fits = (
            isinstance(path, list) and len(path) <= DEEPEST and all(type(one) in (str, int) for one in path)
        )
        if not fits:
            raise InputFileError(DAMAGED)
        inside = outside
        for one in ["", *path][:-1]:
            inside = inside.setdefault(one, {})
            if not isinstance(inside, dict):
                raise InputFileError(DAMAGED)
        inside[["", *path][-1]] = array
    return _listed(outside.get("", {}))


def _listed(tree: Any) -> Any:
    """The same tree with a list instead of each dictionary whose keys are 0, 1, 2 ..."""
    if not isinstance(tree, dict):
        return tree
    inner = {name: _listed(one) for name, one in tree.items()}
    return [*inner.values()] if [*inner] == list(range(len(inner))) and inner else inner
