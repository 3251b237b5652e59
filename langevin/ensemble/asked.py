"""What a finished run was asked for, by the word of its state: text to be compared, which chooses nothing that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from langevin.ensemble.record import IDENTITY
from langevin.errors import InputFileError, UsageError
from langevin.provenance import DAMAGED, settings_of
from langevin.types import Trajectory

#: Entry of the settings of an identity that grows, and follows from the last step where steps are alike.
END = "end time"


@dataclass(frozen=True)
class Asked:
    """What a run was asked for, by the word of its state: `end` is its horizon or the time of its last step."""

    text: str
    seed: int
    last: int
    every: int
    end: float | None


def ensemble_of(run: Trajectory, labels: Mapping[str, int]) -> Trajectory | None:
    """The walkers of a run that have these labels, with their state, as a run of their own; None if it has none."""
    chosen = np.ones(run.states.shape[0], bool)
    for name, value in labels.items():
        if name not in run.events:
            return None
        chosen &= np.asarray(run.events[name]) == value
    if not chosen.any():
        return None
    found = [text for text in _texts(run) if _setting(text, "labels") == dict(labels)]
    if len(found) != 1:
        raise InputFileError(DAMAGED)
    if chosen.all():
        return run
    state = {name: values[chosen] for name, values in run.state.items() if name != IDENTITY}
    return replace(
        run,
        states=run.states[chosen],
        observables={name: values[chosen] for name, values in run.observables.items()},
        events={name: values[chosen] for name, values in run.events.items()},
        state={IDENTITY: np.array(found), **state},
    )


def asked_of(run: Trajectory) -> Asked:
    """What a run of one ensemble was asked for.

    Raises:
        UsageError: it holds no state, or those of several ensembles.
        InputFileError: a state that says nothing of a run.
    """
    texts = _texts(run)
    if len(texts) != 1:
        raise UsageError(
            f"this run joins {len(texts)} ensembles", "one ensemble", "extend each of them by itself"
        )
    seed, last, every = (_setting(texts[0], name) for name in ("seed", "last step", "frames"))
    end = _setting(texts[0], END)
    whole = all(type(number) is int and number >= 0 for number in (seed, last, every))
    if not whole or not (end is None or (isinstance(end, int | float) and end > 0)):
        raise InputFileError(DAMAGED)
    return Asked(texts[0], seed, last, every, end)


def can_be_extended(run: Trajectory) -> bool:
    """Whether a run holds the state from which it goes on."""
    return IDENTITY in run.state


def _texts(run: Trajectory) -> list[str]:
    if not can_be_extended(run):
        raise UsageError(
            "this run holds no state to go on from: it was not finished, or made by a version that kept none",
            "a finished run with its state",
            "run it again, with all that it is to have",
        )
    texts = np.asarray(run.state[IDENTITY])
    if texts.dtype.kind != "U" or texts.ndim != 1:
        raise InputFileError(DAMAGED)
    return [str(text) for text in texts]


def _setting(text: str, name: str) -> Any:
    """A setting of an identity.

    Raises:
        InputFileError: it is no identity, or lacks it.
    """
    settings = settings_of(text)
    if name not in settings:
        raise InputFileError(DAMAGED)
    return settings[name]
