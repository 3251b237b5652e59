"""Convert an unfinished run to plain arrays and back: to the same bits, or with a message about what has changed.

Nothing in a state is called or imported, and none of its arrays is read before its shape is that of the given network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.provenance import DAMAGED, check_unchanged
from langevin.sgld.kept import KIND
from langevin.sgld.law import State
from langevin.sgld.plan import flat, observers
from langevin.sgld.progress import Frame, Progress, Setup, changed_states
from langevin.sgld.records import STEPWISE
from langevin.types import Status, Trajectory

#: Arrays by name, of one to three axes, and `identity`, a text.
Snapshot = dict[str, NDArray[Any]]
#: Size in bytes up to which the end state of a run is always kept, so that the run can be extended (64 MiB).
KEPT_BYTES = 2**26
ARRAYS = ("status", "end", "changed")
#: Arrays with the step since which criteria have held, and with the memory of observables; left out if empty.
SINCE, MEMORY = "since", "memory"
#: Arrays with the steps of kept weights, as 64-bit integers, and with these weights, as 32-bit numbers.
MARKED, MARKS, KEPT = "marked", "marks", "kept weights"
#: Fields of a plan that decide no bit, and the schedule, whose values are hashed separately.
FREE = ("chunk", "unstable", "schedule", "keep_state", "device", "start")


def identity(setup: Setup, content: Mapping[str, str]) -> str:
    """Everything that decides the bits of a run, as text: its settings, and the hashes of `langevin.sgld.content`."""
    model, plan = setup.model, setup.plan
    chosen = {name: value for name, value in flat(plan).items() if name not in FREE}
    if not plan.law.leaves:  # so runs of versions without leaves can continue
        del chosen["leaves"]
    settings = chosen | {
        "frames": f"{plan.recorded.size}, SHA-256 {hashlib.sha256(plan.recorded.tobytes()).hexdigest()}",
        "model": model.name,
        "dials": dict(model.dials),
        "observe": [name for name, _ in observers(model, plan)],
    }
    return json.dumps({"settings": settings, "content": dict(content)}, sort_keys=True, default=repr)


def pack(setup: Setup, now: Progress, content: Mapping[str, str]) -> Snapshot:
    """The present state of a run as arrays: its identity, all weights, and all recorded frames."""
    frames = now.frames[: now.draws]
    snapshot = {
        "identity": np.array(identity(setup, content)),
        **_place(now),
        "states": np.array([frame.states for frame in frames]),
    }
    kept = [frame.weights for frame in frames if frame.weights.size]
    if kept:
        snapshot[KEPT] = np.array(kept)
    for name in frames[0].values:
        snapshot[f"values {name}"] = np.array([frame.values[name] for frame in frames])
    return snapshot


def end_state(setup: Setup, now: Progress, content: Mapping[str, str]) -> tuple[Snapshot, str]:
    """Arrays that an extension of a finished run needs besides its frames; none and a reason if they are too large."""
    size = sum(leaf.size * leaf.dtype.itemsize for state in now.states for leaf in jax.tree.leaves(state))
    size += now.memory.nbytes
    if size > KEPT_BYTES and not setup.plan.recording.keep_state:
        return {}, (
            f"its end state takes {size / 2**20:.0f} MiB, and above {KEPT_BYTES / 2**20:.0f} MiB it is kept only if "
            "that is requested (`langevin train --keep-state`)"
        )
    text = np.array([identity(setup, content)])
    return {"identity": text, "recorded": setup.plan.recorded, **_place(now)}, ""


def _place(now: Progress) -> Snapshot:
    """The present state of the networks: all their weights, and the step of each."""
    whole = jax.tree.map(lambda *parts: np.concatenate([np.asarray(part) for part in parts]), *now.states)
    return {
        "at": np.array([now.at]),
        **{name: getattr(now, name) for name in (*ARRAYS, MARKED)},
        **{
            name: array
            for name, array in ((SINCE, now.since), (MEMORY, now.memory), (MARKS, now.marks))
            if array.size
        },
        **{f"leaf {i}": _flat(leaf) for i, leaf in enumerate(jax.tree.leaves(whole))},
    }


def _flat(leaf: NDArray[Any]) -> NDArray[Any]:
    """The numbers of each network (chains, ...) as a row."""
    return leaf.reshape(len(leaf), leaf.size // len(leaf))


def unpack(
    setup: Setup, begun: Progress, snapshot: Mapping[str, Any], content: Mapping[str, str]
) -> Progress:
    """The progress that `pack` converted.

    Args:
        setup: the setup of the run that continues.
        begun: the progress of this run at its first step, which is recorded.
        snapshot: the result of `pack`.
        content: the hashes of the run that continues, from `langevin.sgld.content.content`.

    Raises:
        InputFileError: the snapshot is from another run, or damaged.
    """
    check_unchanged(str(snapshot.get("identity")), identity(setup, content))
    return placed(setup, begun, snapshot)


def unpack_end(setup: Setup, begun: Progress, run: Trajectory, content: Mapping[str, str]) -> Progress:
    """The progress at the end of a finished run; its recorded numbers are in its frames.

    Raises:
        InputFileError: the state is from another run, or damaged.
    """
    texts = np.asarray(run.state["identity"])
    check_unchanged(str(texts[0]), identity(setup, content))
    seen = {f"values {name}": np.asarray(values).T for name, values in run.observables.items()}
    if STEPWISE in run.weights:
        seen[KEPT] = np.moveaxis(np.asarray(run.weights[STEPWISE]), 1, 0)
    now = placed(setup, begun, {**run.state, **seen, "states": np.moveaxis(np.asarray(run.states), 1, 0)})
    for block, state in zip(setup.blocks, now.states):
        running = now.running[np.asarray(block.chains)]
        if not all(np.isfinite(np.asarray(leaf)[running]).all() for leaf in jax.tree.leaves(state.weights)):
            raise InputFileError(f"{DAMAGED}: the weights of a network on its way are no numbers")
    return now


def placed(setup: Setup, begun: Progress, snapshot: Mapping[str, Any]) -> Progress:
    """The progress that the arrays of a snapshot determine.

    Raises:
        InputFileError: the arrays are damaged.
    """
    try:
        return _unpacked(setup, begun, snapshot)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise InputFileError(
            f"{DAMAGED}: an array is missing, or has another shape or numbers that no run has"
        ) from error


def _unpacked(setup: Setup, begun: Progress, snapshot: Mapping[str, Any]) -> Progress:
    """`unpack` for a state of this run; a ValueError or KeyError if an array is missing or wrong."""
    plan, total = setup.plan, setup.plan.total
    at = int(_read(snapshot["at"], (1,), np.dtype(np.int64))[0])
    if not 0 <= at <= plan.steps:
        raise ValueError("no step of the run")
    arrays = {name: _read(snapshot[name], (total,), np.dtype(np.int64)) for name in ARRAYS}
    low, high = {"status": 0}, {"status": max(Status)}
    if any(
        ((array < low.get(name, -1)) | (array > high.get(name, at))).any() for name, array in arrays.items()
    ):
        raise ValueError("no numbers of the run")
    draws = int(np.searchsorted(plan.recorded, at, side="right"))
    # If the last networks diverge before a recorded step, that step is not recorded.
    lost = draws > 1 and (arrays["end"] >= 0).all() and snapshot["states"].shape[0] == draws - 1
    draws -= bool(lost)
    first = begun.frames[0]
    values = {
        name: _read(snapshot[f"values {name}"], (draws, total), seen.dtype)
        for name, seen in first.values.items()
    }
    sketches = _read(snapshot["states"], (draws, *first.states.shape), first.states.dtype)
    weights = _kept(setup, begun, snapshot, draws)
    frames = [
        Frame({name: seen[draw] for name, seen in values.items()}, sketches[draw], weights[draw])
        for draw in range(draws)
    ]
    marked, marks = _marks(begun, snapshot, at)
    since, memory = (_some(getattr(begun, name), snapshot, name) for name in (SINCE, MEMORY))
    if ((since < -1) | (since > at)).any():
        raise ValueError("no steps of the run")
    found = Progress(
        at, _states(setup, begun, snapshot), **arrays, since=since, memory=memory, marked=marked, marks=marks,
        frames=frames, draws=draws,
    )  # fmt: skip
    _check_states(setup, begun, found)
    return found


def _kept(
    setup: Setup, begun: Progress, snapshot: Mapping[str, Any], draws: int
) -> list[NDArray[np.float32]]:
    """The weights of the first frames; empty arrays for frames without kept weights."""
    recorded, empty = setup.plan.recorded[:draws], begun.frames[0].weights[:, :0]
    places = np.flatnonzero(np.isin(recorded, setup.plan.kept))
    found = [empty] * draws
    if places.size:
        whole = _read(snapshot[KEPT], (places.size, *begun.frames[0].weights.shape), KIND)
        for place, weights in zip(places.tolist(), whole, strict=True):
            found[place] = weights
    return found


def _marks(
    begun: Progress, snapshot: Mapping[str, Any], at: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The steps of the moments at which weights were kept, and these weights."""
    marked = _read(snapshot[MARKED], begun.marked.shape, np.dtype(np.int64))
    if ((marked < -1) | (marked > at)).any():
        raise ValueError("no steps of the run")
    return marked, _some(begun.marks, snapshot, MARKS)


def _check_states(setup: Setup, begun: Progress, found: Progress) -> None:
    """A ValueError unless every running network is at the step of the run, and each has a law of the plan."""
    laws = changed_states(setup, begun, found.changed >= 0)
    for block, state, expected in zip(setup.blocks, found.states, laws):
        step, running = np.asarray(state.step), found.running[np.asarray(block.chains)]
        sound = (step[running] == found.at).all() and np.asarray(state.finite)[running].all()
        pairs = zip(jax.tree.leaves(state.law), jax.tree.leaves(expected.law))
        if not sound or not all(np.array_equal(mine, theirs) for mine, theirs in pairs):
            raise ValueError("no state of the run")


def _states(setup: Setup, begun: Progress, snapshot: Mapping[str, Any]) -> tuple[State, ...]:
    """The states of the blocks; each leaf is cut from the array of this leaf for all networks."""
    kept = []
    for i, leaf in enumerate(jax.tree.leaves(begun.states[0])):
        shape = (setup.plan.total, leaf.size // len(leaf))
        kept.append(_read(snapshot[f"leaf {i}"], shape, leaf.dtype))
    states = []
    for block, state in zip(setup.blocks, begun.states):
        leaves, structure = jax.tree.flatten(state)
        rows = slice(block.chains.start, block.chains.stop)
        parts = [jnp.asarray(whole[rows].reshape(leaf.shape)) for whole, leaf in zip(kept, leaves)]
        states.append(jax.tree.unflatten(structure, parts))
    return tuple(states)


def _some(begun: NDArray[Any], snapshot: Mapping[str, Any], name: str) -> NDArray[Any]:
    """The array of this name from the snapshot; if it is empty at the first step, it was not kept, and stays empty."""
    return _read(snapshot[name], begun.shape, begun.dtype) if begun.size else begun


def _read(array: Any, shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
    """The numbers of an array in memory or in a file, read only if it has this shape and type; else a ValueError."""
    if array.shape != shape or array.dtype != kind:
        raise ValueError(f"{array.dtype} {array.shape} instead of {kind} {shape}")
    return np.array(array)
