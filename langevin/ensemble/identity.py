"""The identity of a run: texts for a file that state everything that decides its bits, and its requested size.

A run that continues must have the same texts. The requested size of a finished run is only compared: it does not select
code that runs.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from langevin.ensemble.advance import pieces_of
from langevin.ensemble.record import IDENTITY, Plan, meta_of
from langevin.errors import InputFileError, UsageError
from langevin.kernels.driver import build_drive
from langevin.kernels.fingerprint import Unhashable, fingerprint
from langevin.provenance import DAMAGED, settings_of
from langevin.types import FloatArray, Trajectory, Watch

#: Entries of a run's meta that decide its bits and are compared by name; the other entries follow from these.
NAMED = (
    *(
        "landscape",
        "dials",
        "dynamics",
        "integrator",
        "temperature",
        "dt",
        "seed",
        "first_step",
        "target_shift",
    ),
    *("bridge", "watched_from", "end_time"),
)
#: Steps at which two schedules are compared: this number of first steps, and later ones at this ratio of step numbers.
FIRST_STEPS, RATIO = 1024, 1.02
#: Setting of an identity that grows in an extension; it follows from the last step if all steps have one length.
END = "end time"


@dataclass(frozen=True)
class RequestedSize:
    """The requested size of a run, according to its state: `end` is its horizon or the time of its last step."""

    text: str
    seed: int
    last: int
    every: int
    end: float | None


def identity(plan: Plan, start: FloatArray, watch: Watch) -> str:
    """A JSON text with the `settings` of a run, and with hashes of its kernels, schedule and starts as `content`."""
    walkers = plan.begin.walkers
    settings = _settings(plan, watch) | {"walkers": [walkers.start, walkers.stop]}
    return _text(settings, _content(plan, watch) | {"starts": _digest(start)})


def lasting(plan: Plan, watch: Watch) -> str:
    """The part of `identity` that does not depend on the number of walkers or on their starts."""
    return _text(_settings(plan, watch), _content(plan, watch))


def _text(settings: dict[str, Any], content: dict[str, str]) -> str:
    return json.dumps({"settings": settings, "content": content}, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    """A value for JSON: NumPy's numbers and arrays as Python's numbers and lists, other objects as text."""
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else repr(value)


def _settings(plan: Plan, watch: Watch) -> dict[str, Any]:
    meta = meta_of(plan)
    return {name.replace("_", " "): meta[name] for name in NAMED} | {
        "last step": plan.last,
        "frames": plan.every,
        "labels": dict(watch.labels),
    }


def _content(plan: Plan, watch: Watch) -> dict[str, str]:
    software = meta_of(plan)["versions"]
    return {
        "kernels": _hash(*compiled(plan)),
        "observables": _hash(dict(watch.observe)),
        "schedule": schedule_hash(plan),
        "software": ", ".join(f"{name} {number}" for name, number in software.items()),
    }


def compiled(plan: Plan) -> tuple[Any, ...]:
    """All functions that are compiled for a plan, and the parameters of its landscape."""
    build: Callable[..., Any] = build_drive
    return build(*pieces_of(plan), 0), plan.problem.landscape.parameters


def _hash(*items: Any) -> str:
    """Hash of functions and numbers; a random hash, which equals no other, if one of them cannot be hashed."""
    try:
        return fingerprint(*items)[0]
    except (
        Unhashable,
        TypeError,
        ValueError,
        RecursionError,
    ):  # the closure of an observable may contain any object
        return secrets.token_hex(32)


def schedule_hash(plan: Plan) -> str:
    """Hash of the factors of the steps, up to the last one; empty without a schedule."""
    if plan.schedule is None:
        return ""
    count = int(np.log(max(plan.last, 2)) / np.log(RATIO))
    steps = np.unique(np.concatenate([np.arange(FIRST_STEPS), (RATIO ** np.arange(count)).astype(np.int64)]))
    return _digest(np.asarray(plan.schedule(steps[steps < plan.last]), np.float64))


def ensemble_of(run: Trajectory, labels: Mapping[str, int]) -> Trajectory | None:
    """The walkers of a run that have these labels, with their state, as a separate run; None if there are none."""
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


def requested_size(run: Trajectory) -> RequestedSize:
    """The requested size of a run of one ensemble.

    Raises:
        UsageError: the run holds no state, or the states of several ensembles.
        InputFileError: the state lacks the settings of a run.
    """
    texts = _texts(run)
    if len(texts) != 1:
        raise UsageError(
            f"this run joins {len(texts)} ensembles", "one ensemble", "extend each of them separately"
        )
    seed, last, every = (_setting(texts[0], name) for name in ("seed", "last step", "frames"))
    end = _setting(texts[0], END)
    whole = all(type(number) is int and number >= 0 for number in (seed, last, every))
    if not whole or not (end is None or (isinstance(end, int | float) and end > 0)):
        raise InputFileError(DAMAGED)
    return RequestedSize(texts[0], seed, last, every, end)


def can_be_extended(run: Trajectory) -> bool:
    """Whether a run holds the state from which it can continue."""
    return IDENTITY in run.state


def _digest(values: Any) -> str:
    content = np.ascontiguousarray(values)
    return hashlib.sha256(f"{content.dtype.str} {content.shape}".encode() + content.tobytes()).hexdigest()


def _texts(run: Trajectory) -> list[str]:
    if not can_be_extended(run):
        raise UsageError(
            "this run holds no state to continue from: it was not finished, or made by a version that kept none",
            "a finished run with its state",
            "run it again, with all steps and walkers that it must have",
        )
    texts = np.asarray(run.state[IDENTITY])
    if texts.dtype.kind != "U" or texts.ndim != 1:
        raise InputFileError(DAMAGED)
    return [str(text) for text in texts]


def _setting(text: str, name: str) -> Any:
    """A setting of an identity.

    Raises:
        InputFileError: the text is not an identity, or lacks this setting.
    """
    settings = settings_of(text)
    if name not in settings:
        raise InputFileError(DAMAGED)
    return settings[name]
