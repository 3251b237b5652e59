"""Compute the observables of a network, and name their numbers.

An observable with several parts is kept as several observables `name[part]` of one number each. So the run file,
xarray, a split sweep, a criterion and a band treat them like every other observable. `observable_parts` combines them
again.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.sgld.model import Observer
from langevin.types import FloatArray, Observable, Trajectory

#: The observables that every run has; accuracies only if targets are labels.
ACCURACIES = ("train_accuracy", "test_accuracy")
STANDARD = ("weight_norm", "displacement", "train_loss", "test_loss", *ACCURACIES)
#: Largest count of numbers of one network at one recorded step, and of all networks at all recorded steps (2 GiB).
MOST_NUMBERS, MOST_IN_ALL = 1000, 2**28
#: Names that a dataset of a run file cannot have.
RESERVED = ("chain", "draw", "time", "step")


def memory_count(extra: Iterable[tuple[str, Observer]]) -> int:
    """How many observables have memory."""
    return sum(isinstance(observer, Observable) and observer.uses_memory for _, observer in extra)


def looking(observer: Observer) -> Callable[..., Any]:
    """An observer as a function of model, weights, data and memory, which returns its values and its next memory."""
    if isinstance(observer, Observable):
        return observer.look if observer.uses_memory else _without_memory(observer.look)
    if len(needed(observer)) > 1:
        return lambda model, weights, data, memory: (observer(model, weights), memory)
    return lambda model, weights, data, memory: (observer(weights), memory)


def needed(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the positional arguments that a function requires; one name if its signature is not known."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return ("weights",)
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(one.name for one in parameters if one.kind in by_place and one.default is one.empty)


def part_names(name: str, seen: Any) -> list[str]:
    """Names of the numbers that an observable gives; `seen` has their shapes.

    Raises:
        UsageError: it gives neither a number nor an array of one axis nor a dictionary of numbers, or it is empty.
    """
    several = [*seen.values()] if isinstance(seen, Mapping) else [seen]
    for one in several:
        shape = getattr(one, "shape", None)
        fits = shape == () or (one is seen and shape is not None and len(shape) == 1)
        if not fits or one.dtype.kind not in "biuf":
            raise UsageError(
                f"the observable {name} has the shape {type(one).__name__ if shape is None else shape} and the kind "
                f"{getattr(one, 'dtype', 'of no array')}",
                "it must be one real number, an array of them of one axis, or a dictionary of them",
                "give the parts that are wanted",
            )
    if not several or several[0].shape == (0,):
        raise UsageError(
            f"the observable {name} has no parts", "at least one number", "leave it out, or correct it"
        )
    if isinstance(seen, Mapping):
        return [f"{name}[{part}]" for part in seen]
    return [f"{name}[{place}]" for place in range(seen.shape[0])] if seen.shape else [name]


def apart(name: str, seen: Any) -> dict[str, Any]:
    """The numbers of an observable by their names; the arrays have a leading axis of networks."""
    if isinstance(seen, Mapping):
        return {f"{name}[{part}]": number for part, number in seen.items()}
    if seen.ndim == 2:
        return {f"{name}[{place}]": seen[:, place] for place in range(seen.shape[1])}
    return {name: seen}


def check_names(names: Sequence[str]) -> None:
    """Refuse a name that occurs twice, or that a run file cannot hold.

    Raises:
        UsageError: there is such a name.
    """
    for name in names:
        if not name or "/" in name or "\0" in name or name.startswith(".") or name in RESERVED:
            raise UsageError(
                f"{name!r} cannot be the name of an observable or of a part",
                f"names without /, and none of {', '.join(RESERVED)}",
                "give it another name",
            )
    twice = sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ())
    if twice:
        raise UsageError(
            f"the observable {twice[0]!r} is there already", "each name once", "give yours another name"
        )


def check_count(names: Sequence[str], frames: int, networks: int) -> None:
    """Refuse more numbers than a run can keep in memory until its end.

    Raises:
        UsageError: there are too many numbers.
    """
    if len(names) > MOST_NUMBERS:
        raise UsageError(
            f"the observables have {len(names)} numbers at each recorded step",
            f"at most {MOST_NUMBERS} numbers of a network",
            "observe fewer parts, for instance sums over neighbours",
        )
    total = len(names) * frames * networks
    if len(names) > len(STANDARD) and total > MOST_IN_ALL:
        raise UsageError(
            f"{len(names)} numbers of {networks} networks at {frames} steps take {total / MOST_IN_ALL * 2:.1f} GiB",
            "at most 2 GiB of observables",
            "record fewer steps, or train fewer networks",
        )


def _without_memory(look: Callable[..., Any]) -> Callable[..., Any]:
    return lambda model, weights, data, memory: (look(model, weights, data), memory)


def observable_parts(run: Trajectory, name: str) -> tuple[list[str], FloatArray]:
    """Names of the parts of an observable, and their numbers (chains, draws, parts).

        frequencies, shares = langevin.sgld.observable_parts(run, "embedding_spectrum")

    Parts whose names are numbers are sorted by these numbers; other parts have the order of the run.

    Args:
        run: a training, from memory or loaded from a file.
        name: the name of the observable, without a part.

    Raises:
        UsageError: the run has no observable with parts of this name.
    """
    found = {
        one.removeprefix(f"{name}[").removesuffix("]"): one
        for one in run.observables
        if one.startswith(f"{name}[") and one.endswith("]")
    }
    if not found:
        several = sorted({one.partition("[")[0] for one in run.observables if one.endswith("]")})
        raise UsageError(
            f"the run has no observable {name!r} with parts",
            f"it has {', '.join(several) or 'none with parts'}",
            "name one of these, or take `run.observables` for one without parts",
        )
    names = sorted(found, key=int) if all(map(str.isdecimal, found)) else [*found]
    return names, np.stack([np.asarray(run.observables[found[one]]) for one in names], axis=2)
