"""Optimisers of optax, an optional library, as steps of a law of motion."""

from __future__ import annotations

import inspect
from typing import Any

from langevin.errors import UsageError
from langevin.sgld.laws import OPTAX
from langevin.sgld.records import Law


def factory(law: Law) -> Any:
    """The function of optax that makes the optimiser.

    Raises:
        UsageError: optax is not installed or has no such optimiser, one that draws noise under a key of its
            own (the same for all networks), or options that it does not take.
    """
    try:
        import optax
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"the law {law.name} needs optax, which is not installed",
            "optax is to be installed",
            "pip install 'langevin-manifold[networks]'",
        ) from missing
    make = getattr(optax, law.name.removeprefix(OPTAX), None)
    known = inspect.signature(make).parameters if callable(make) else {}
    if "learning_rate" not in known:
        raise UsageError(
            f"optax has no optimiser {law.name.removeprefix(OPTAX)!r} with a learning rate",
            "an optimiser that takes a learning rate and numbers",
            "see https://optax.readthedocs.io for its names",
        )
    if {"key", "seed"} & set(known):
        raise UsageError(
            f"{law.name} draws noise of its own, the same for every network",
            "optimisers without noise",
            "take the law sgld",
        )
    unknown = sorted(set(law.options) - (set(known) - {"learning_rate", "weight_decay"}))
    if unknown:
        raise UsageError(
            f"{law.name} takes no option {unknown[0]!r}",
            "a number that it takes by its name",
            f"see help({law.name})",
        )
    return make


def transform(law: Law, learning_rate: Any) -> Any:
    """The optimiser at these numbers, which may be traced. Its own weight decay is off: `Law` has one for all."""
    make = factory(law)
    numbers = dict(law.options)
    if "weight_decay" in inspect.signature(make).parameters:
        numbers["weight_decay"] = 0.0
    return make(learning_rate, **numbers)
