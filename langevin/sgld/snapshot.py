"""A run that is not finished, as plain arrays, and back: the same bits go on, or a sentence says what has changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.sgld.plan import flat, observers
from langevin.sgld.progress import Frame, Progress, Setup

#: Arrays by name, which one npz file holds.
Snapshot = dict[str, NDArray[Any]]
ARRAYS = ("status", "end", "since", "changed")
#: What of a plan decides no bit; and the schedule, whose values are hashed.
FREE = ("chunk", "unstable", "schedule")
DAMAGED = "the state of this run is damaged, so begin it again"


def identity(setup: Setup, content: Mapping[str, str]) -> str:
    """Everything that decides the bits of a run, as text: its settings, and the hashes of `langevin.sgld.content`."""
    model, plan = setup.model, setup.plan
    settings = {name: value for name, value in flat(plan).items() if name not in FREE} | {
        "frames": plan.recorded.tolist(),
        "model": model.name,
        "dials": dict(model.dials),
        "observe": [name for name, _ in observers(model, plan)],
    }
    return json.dumps({"settings": settings, "content": dict(content)}, sort_keys=True, default=repr)


def changes(kept: str, here: str) -> list[str]:
    """What differs between two identities, in words; empty if nothing does.

    Raises:
        InputFileError: the one that was kept is none.
    """
    try:
        before, now = json.loads(kept), json.loads(here)
        parts = [(before[part], now[part]) for part in ("settings", "content")]
        names = [[name for name in new if old.get(name) != new[name]] for old, new in parts]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputFileError(f"{DAMAGED}: the file does not say which run it is of") from error
    found = [f"the setting {name} (it was {before['settings'].get(name)!r})" for name in names[0]]
    found += [
        f"the {name}" + (f" (it was {before['content'].get(name)})" if name == "software" else "")
        for name in names[1]
    ]
    return found


def pack(setup: Setup, now: Progress, content: Mapping[str, str]) -> Snapshot:
    """A run as far as it is: what it is a run of, the weights in full, all else as it was seen."""
    whole = jax.tree.map(lambda *parts: np.concatenate([np.asarray(part) for part in parts]), *now.states)
    frames = now.frames[: now.draws]
    snapshot: Snapshot = {
        "identity": np.array(identity(setup, content)),
        "at": np.array(now.at),
        **{name: getattr(now, name) for name in ARRAYS},
        **{f"leaf {i}": leaf for i, leaf in enumerate(jax.tree.leaves(whole))},
        "states": np.array([frame.states for frame in frames]),
    }
    for name in frames[0].values if frames else ():
        snapshot[f"values {name}"] = np.array([frame.values[name] for frame in frames])
    return snapshot


def unpack(setup: Setup, fresh: Progress, snapshot: Snapshot, content: Mapping[str, str]) -> Progress:
    """The run that was packed, in the place of one at its first step.

    Args:
        setup: of the run that is to go on.
        fresh: it, at its first step.
        snapshot: what `pack` gave.
        content: of the run that is to go on, as `langevin.sgld.content.content` hashes it.

    Raises:
        InputFileError: of another run, or damaged.
    """
    differing = changes(str(snapshot.get("identity")), identity(setup, content))
    if differing:
        raise InputFileError(
            f"this is the state of another run, for since then have changed {' and '.join(differing)}: resume it with "
            "what it was begun with, or begin it again"
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
        raise InputFileError(f"{DAMAGED}: an array is missing or has another shape") from error
