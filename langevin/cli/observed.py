"""Observables of a network by name: built in, of a plugin, or one of yours as module:name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langevin.errors import UsageError, foreign

if TYPE_CHECKING:
    from langevin.sgld import Model
    from langevin.sgld.model import Observer

#: The one argument by whose name a function is told to make an observable, and not to be one.
OF_MODEL = ("model",)


def observers_named(names: Sequence[str], model: Model) -> dict[str, Observer]:
    """Observables by the names that they get in a run: that of the file, or what stands behind the colon.

    What a reader gives is a function of (weights) or of (model, weights), a `langevin.types.Observable`, or a function
    of (model) that makes one of these.

    Raises:
        UsageError: there is none of a name, it fails, or it is none of these; or two have one name.
    """
    found: dict[str, Observer] = {}
    for name in names:
        short = name.rpartition(":")[2].replace("-", "_")
        if short in found:
            raise UsageError(
                f"the observable {short!r} is named twice",
                "each name once",
                "name it once, or give one another name",
            )
        found[short] = _observer(name, model)
    return found


def _observer(name: str, model: Model) -> Observer:
    from langevin.registry import entry
    from langevin.sgld.observers import needed
    from langevin.types import Observable

    one: Any = entry("observables", name)
    if callable(one) and needed(one) == OF_MODEL:
        with foreign(name):
            one = one(model)
    if not isinstance(one, Observable) and not (callable(one) and 1 <= len(needed(one)) <= 2):
        taken = f" of {', '.join(needed(one))}" if callable(one) else ""
        raise UsageError(
            f"{name} is no observable, but something of type {type(one).__name__}{taken}",
            "a function of (weights) or (model, weights), a langevin.types.Observable, or a function of (model) that "
            "makes one",
            "give one of these, or a name of `langevin list observables`",
        )
    return one  # type: ignore[no-any-return]
