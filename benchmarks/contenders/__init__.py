"""One library a file, each at its expert best: `make(workload) -> run(seed) -> final states (walkers, dim)`.

A contender raises `Absent` where its library is not installed and `NotExpressible` where the library has no means
to say the workload (walls, projection). `share` is the part of (walkers, steps) that a slow contender runs; costs are
per walker-step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Absent(Exception):
    """The library is not installed."""


class NotExpressible(Exception):
    """The library has no means to say this workload."""


class Contender(NamedTuple):
    """A name for the table, how to build a run, and the share of walkers and of steps it is given."""

    name: str
    make: Callable[[Any], Callable[[int], Any]]
    share: tuple[float, float]


def need(*modules: str) -> list[Any]:
    """Import modules, or say that they are absent."""
    from importlib import import_module

    try:
        return [import_module(module) for module in modules]
    except ImportError as error:
        raise Absent(f"{error.name} is not installed") from error
