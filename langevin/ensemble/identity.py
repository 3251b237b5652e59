"""What decides the bits of a run, in texts that a file can keep: a run that goes on must have the same."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

import numpy as np

from langevin.ensemble.advance import pieces_of
from langevin.ensemble.plan import Plan
from langevin.ensemble.record import meta_of
from langevin.kernels.driver import build_drive
from langevin.kernels.fingerprint import Unhashable, fingerprint
from langevin.types import FloatArray, Watch

#: Entries of a run's meta that decide bits and are known by name; what the others say follows from these.
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
#: Steps of a schedule that are looked at: the first ones, and others at this ratio.
FIRST_STEPS, RATIO = 1024, 1.02


def identity(plan: Plan, start: FloatArray, watch: Watch) -> str:
    """A JSON text of the `settings`, and as `content` hashes of kernels, numbers, schedule and starts."""
    walkers = plan.begin.walkers
    settings = _settings(plan, watch) | {"walkers": [walkers.start, walkers.stop]}
    return _text(settings, _content(plan, watch) | {"starts": _digest(start)})


def lasting(plan: Plan, watch: Watch) -> str:
    """The part of `identity` that says nothing of single walkers: more of them do not change it."""
    return _text(_settings(plan, watch), _content(plan, watch))


def _text(settings: dict[str, Any], content: dict[str, str]) -> str:
    return json.dumps({"settings": settings, "content": content}, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's, and whatever else dials are as text."""
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
    """All that is compiled, and its numbers."""
    build: Callable[..., Any] = build_drive
    return build(*pieces_of(plan), 0), plan.problem.landscape.parameters


def _hash(*items: Any) -> str:
    """Hash of functions and numbers; one that never comes again of what cannot be hashed."""
    try:
        return fingerprint(*items)[0]
    except (
        Unhashable,
        TypeError,
        ValueError,
        RecursionError,
    ):  # what an observable closes over may be anything
        return secrets.token_hex(32)


def schedule_hash(plan: Plan) -> str:
    """Hash of the factors of the steps, up to the last one; empty without a schedule."""
    if plan.schedule is None:
        return ""
    count = int(np.log(max(plan.last, 2)) / np.log(RATIO))
    steps = np.unique(np.concatenate([np.arange(FIRST_STEPS), (RATIO ** np.arange(count)).astype(np.int64)]))
    return _digest(np.asarray(plan.schedule(steps[steps < plan.last]), np.float64))


def _digest(values: Any) -> str:
    content = np.ascontiguousarray(values)
    return hashlib.sha256(f"{content.dtype.str} {content.shape}".encode() + content.tobytes()).hexdigest()
