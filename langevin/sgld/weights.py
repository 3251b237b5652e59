"""The weights of a finished training, from the state that its run holds."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from langevin.errors import InputFileError, UsageError, unfit
from langevin.provenance import DAMAGED
from langevin.sgld.model import Model
from langevin.types import Trajectory

if TYPE_CHECKING:
    from langevin.sgld.model import Weights


def weights(run: Trajectory, model: Model, chain: int = 0) -> Weights:
    """The weights of a network at its end, nested as the `init` of its model nests them, float32 or float64 as trained.

        run = langevin.load("parity.h5")
        weights = langevin.weights(run, models.parity.model(), chain=2)

    Args:
        run: a finished training, live or loaded.
        model: of the run; a run holds numbers and no functions.
        chain: number of the network.

    Raises:
        UsageError: no training, no network of this number, or another model than that of the run.
        InputFileError: the run holds no weights, or damaged ones.
    """
    _check(run, model, chain)
    import jax

    from langevin.sgld.precision import precision
    from langevin.sgld.start import chain_key, initial_weights

    said = _settings(run)
    with precision(said["dtype"]):
        shapes = jax.eval_shape(partial(initial_weights, model=model, dtype=said["dtype"]), chain_key(0, 0))
    leaves, structure = jax.tree.flatten(shapes)
    found = [_row(run, f"leaf {number}", chain, leaf) for number, leaf in enumerate(leaves)]
    return jax.tree.unflatten(structure, found)


def leaves_of(weights: Weights) -> list[Any]:
    """The arrays of weights, in the order of `jax.tree.leaves`."""
    import jax

    found: list[Any] = jax.tree.leaves(weights)
    return found


def _check(run: Trajectory, model: Model, chain: int) -> None:
    meta, chains = run.meta, len(run.events["status"])
    if meta.get("kind") != "network":
        raise UsageError("this run is of no network", "a run of `langevin train`", "load another file")
    if not run.state:
        why = meta.get("not_extendable", "it is of a version that did not keep them")
        raise InputFileError(
            f"this run holds no weights, for {why}", "a run with its end state", "train again"
        )
    if not 0 <= chain < chains:
        raise unfit("chain", f"must be from 0 to {chains - 1}", f"{chain}")
    dials = json.loads(json.dumps(dict(model.dials)))
    if (meta.get("model"), meta.get("dials")) != (model.name, dials):
        raise UsageError(
            f"the model given is {model.name} with {dials}, and that of the run {meta.get('model')} with "
            f"{meta.get('dials')}",
            "the model of the run",
            "make it with the dials of the run",
        )
    _check_data(run, model)


def _check_data(run: Trajectory, model: Model) -> None:
    """Refuse a model on other data than the run was on."""
    from langevin.sgld.content import digest
    from langevin.sgld.precision import data_in, precision

    said = _settings(run)
    with precision(said["dtype"]):
        here = digest((data_in(model.train, said["dtype"]), data_in(model.test, said["dtype"])))
    if here != said["data"]:
        raise UsageError(
            "the data of the model given are not those of the run (SHA-256 differs)", "the data of the run",
            "make the model as it was",
        )  # fmt: skip


def _settings(run: Trajectory) -> dict[str, Any]:
    """Precision of the run and hash of its data, from the identity in its state.

    Raises:
        InputFileError: it has none.
    """
    try:
        identity = json.loads(str(np.asarray(run.state["identity"])[0]))
        found = {"dtype": identity["settings"]["dtype"], "data": identity["content"]["data"]}
    except (KeyError, ValueError, IndexError, TypeError, RecursionError) as error:
        raise InputFileError(DAMAGED) from error
    if found["dtype"] not in {"float32", "float64"}:
        raise InputFileError(DAMAGED)
    return found


def _row(run: Trajectory, name: str, chain: int, leaf: Any) -> Any:
    """The numbers of one network in an array of the state, read after a look at its shape and type."""
    array = run.state.get(name)
    shape = (len(run.events["status"]), leaf.size)
    if array is None or array.shape != shape or array.dtype != np.dtype(leaf.dtype):
        raise InputFileError(DAMAGED)
    return np.array(array[chain]).reshape(leaf.shape)
