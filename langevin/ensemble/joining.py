"""Runs put together along their walkers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.types import Trajectory

#: The array of a state that has no walkers: texts of what decides the bits of each ensemble.
IDENTITY = "identity"


def concatenate(parts: Sequence[Trajectory], **meta: Any) -> Trajectory:
    """Join runs with the same number of frames along the walkers; each frame has the time and step of the longest run.

    `meta` are entries that replace those of the first run. The joined run can be extended if all of them can.
    """
    first = parts[0]
    return Trajectory(
        times=np.max([part.times for part in parts], axis=0),
        steps=np.max([part.steps for part in parts], axis=0),
        states=np.concatenate([part.states for part in parts]),
        observables={
            name: np.concatenate([part.observables[name] for part in parts]) for name in first.observables
        },
        events={name: np.concatenate([part.events[name] for part in parts]) for name in first.events},
        meta={**first.meta, **meta},
        state=_state([part.state for part in parts]),
    )


def _state(states: Sequence[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """The states (walkers, ...) of runs as one, none where a run has none."""
    if not all(states):
        return {}
    joined = {
        name: np.concatenate([state[name] for state in states]) for name in states[0] if name != IDENTITY
    }
    texts = dict.fromkeys(text for state in states for text in np.asarray(state[IDENTITY]).tolist())
    return {IDENTITY: np.array(list(texts)), **joined}
