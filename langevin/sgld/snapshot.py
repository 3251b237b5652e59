"""A run that is not finished, as plain arrays, and back: the same bits go on."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan, flat, observers
from langevin.sgld.progress import Frame, Progress, Setup

#: Arrays by name, which one npz file holds.
Snapshot = dict[str, NDArray[Any]]
ARRAYS = ("status", "end", "since", "changed")
#: What of a plan decides no bit, or cannot be written down.
FREE = ("chunk", "unstable", "schedule")


def identity(model: Model, plan: Plan) -> str:
    """Everything that decides the bits of a run, as text."""
    fields = {name: value for name, value in flat(plan).items() if name not in FREE} | {
        "frames": plan.recorded.tolist(),
        "model": model.name,
        "dials": dict(model.dials),
        "observe": [name for name, _ in observers(model, plan)],
    }
    return json.dumps(fields, sort_keys=True, default=repr)


def pack(setup: Setup, now: Progress) -> Snapshot:
    """A run as far as it is; the weights in full, all else as it was seen."""
    whole = jax.tree.map(lambda *parts: np.concatenate([np.asarray(part) for part in parts]), *now.states)
    frames = now.frames[: now.draws]
    snapshot: Snapshot = {
        "identity": np.array(identity(setup.model, setup.plan)),
        "at": np.array(now.at),
        **{name: getattr(now, name) for name in ARRAYS},
        **{f"leaf {i}": leaf for i, leaf in enumerate(jax.tree.leaves(whole))},
        "states": np.array([frame.states for frame in frames]),
    }
    for name in frames[0].values if frames else ():
        snapshot[f"values {name}"] = np.array([frame.values[name] for frame in frames])
    return snapshot


def unpack(setup: Setup, fresh: Progress, snapshot: Snapshot) -> Progress:
    """The run that was packed, in the place of one at its first step.

    Raises:
        InputFileError: of another run, or damaged.
    """
    if str(snapshot.get("identity")) != identity(setup.model, setup.plan):
        raise InputFileError(
            "this is the state of another run: resume it with the model, dials and settings it was begun with"
        )
    states = []
    try:
        for block, state in zip(setup.blocks, fresh.states):
            leaves, structure = jax.tree.flatten(state)
            rows = slice(block.chains.start, block.chains.stop)
            kept = [jnp.asarray(snapshot[f"leaf {i}"][rows], leaf.dtype) for i, leaf in enumerate(leaves)]
            if any(new.shape != old.shape for new, old in zip(kept, leaves)):
                raise ValueError
            states.append(jax.tree.unflatten(structure, kept))
        names = [name.removeprefix("values ") for name in snapshot if name.startswith("values ")]
        frames = [
            Frame({name: snapshot[f"values {name}"][draw] for name in names}, sketches)
            for draw, sketches in enumerate(snapshot["states"])
        ]
        arrays = {name: np.asarray(snapshot[name]) for name in ARRAYS}
        return Progress(
            at=int(snapshot["at"]), states=tuple(states), **arrays, frames=frames, draws=len(frames)
        )
    except (KeyError, ValueError, IndexError) as error:
        raise InputFileError("the state of this run is damaged: begin it again") from error
