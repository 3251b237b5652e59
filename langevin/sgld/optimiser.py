"""Optimisers as steps of a law of motion: those of optax, an optional library, and user-defined ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from langevin.errors import UsageError
from langevin.registry import own
from langevin.sgld.laws import OPTAX
from langevin.sgld.records import Law


def factory(law: Law) -> Callable[..., Any]:
    """The function of (learning_rate, **options) that makes the optimiser.

    Raises:
        UsageError: there is no such function, or it does not take a learning rate or these options.
    """
    if law.optimiser is None and law.name.startswith(OPTAX):
        return _of_optax(law)
    make = law.optimiser or own(law.name)
    if not callable(make):
        raise UsageError(
            f"the optimiser {law.name} is a {type(make).__name__}",
            "a function of (learning_rate, **options)",
            "give a function that makes it, such as lambda rate: optax.chain(filter, optax.sgd(rate))",
        )
    return make


def _of_optax(law: Law) -> Callable[..., Any]:
    """The function of optax that makes the optimiser.

    Raises:
        UsageError: optax is not installed or has no such optimiser; the optimiser draws noise with its own
            key, which would be the same for all networks; or it does not take these options.
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
            f"{law.name} draws its own noise, the same for every network",
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
    assert make is not None
    return make  # type: ignore[no-any-return]


def transform(law: Law, learning_rate: Any) -> Any:
    """The optimiser at these numbers, which may be traced.

    The weight decay of an optimiser of optax is off, since `Law` has a weight decay for all optimisers. A user-defined
    optimiser is used without a change.
    """
    make = factory(law)
    numbers = dict(law.options)
    if law.name.startswith(OPTAX) and "weight_decay" in inspect.signature(make).parameters:
        numbers["weight_decay"] = 0.0
    return make(learning_rate, **numbers)
