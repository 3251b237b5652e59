"""Optimisers of optax, an optional library, as steps of a law of motion."""

from __future__ import annotations

import inspect
from typing import Any

from langevin.errors import UsageError
from langevin.sgld.laws import OPTAX
from langevin.sgld.plan import Rule


def factory(rule: Rule) -> Any:
    """The function of optax that makes the optimiser.

    Raises:
        UsageError: optax is not installed or has no such optimiser, one that draws noise under a key of its
            own (the same for all networks), or options that it does not take.
    """
    try:
        import optax
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"the law {rule.name} needs optax, which is not installed: pip install 'langevin-manifold[networks]'"
        ) from missing
    make = getattr(optax, rule.name.removeprefix(OPTAX), None)
    known = inspect.signature(make).parameters if callable(make) else {}
    if "learning_rate" not in known:
        raise UsageError(f"optax has no optimiser {rule.name.removeprefix(OPTAX)!r} with a learning rate")
    if {"key", "seed"} & set(known):
        raise UsageError(f"{rule.name} draws noise of its own, the same for every network: take the law sgld")
    unknown = sorted(set(rule.options) - (set(known) - {"learning_rate", "weight_decay"}))
    if unknown:
        raise UsageError(f"{rule.name} takes no option {unknown[0]!r}; see help({rule.name})")
    return make


def transform(rule: Rule, learning_rate: Any, options: tuple[Any, ...]) -> Any:
    """The optimiser at these numbers, which may be traced. Its own weight decay is off: `Rule` has one for all."""
    make = factory(rule)
    numbers = dict(zip(rule.options, options, strict=True))
    if "weight_decay" in inspect.signature(make).parameters:
        numbers["weight_decay"] = 0.0
    return make(learning_rate, **numbers)
