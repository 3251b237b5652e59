"""The theories of the delay by name: those of the package, of plugins, and of a reader's own file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from langevin.errors import UsageError
from langevin.registry import entries, entry
from langevin.registry.own import module_here
from langevin.types import DelayTheory, WhetherTheory


def named_theories(own: Iterable[str] = ()) -> tuple[dict[str, DelayTheory], dict[str, WhetherTheory]]:
    """Theories of when, and theories of whether, by name.

    Args:
        own: What else is scored: a file `NAME.py` with one or more theories in this folder, or `module:name`.

    Raises:
        UsageError: there is no such file or name, it fails, or it holds no theory.
    """
    found: dict[str, Any] = entries("delays")
    for name in own:
        found |= _own(name)
    return (
        {name: one for name, one in found.items() if isinstance(one, DelayTheory)},
        {name: one for name, one in found.items() if isinstance(one, WhetherTheory)},
    )


def _own(name: str) -> dict[str, Any]:
    if not name.endswith(".py"):
        return {name: entry("delays", name)}
    module = module_here(name.removesuffix(".py"), "name a file in this folder, as mine.py")
    theories = {
        key.replace("_", "-"): value
        for key, value in vars(module).items()
        if isinstance(value, DelayTheory | WhetherTheory)
    }
    if not theories:
        raise UsageError(
            f"{name} holds no theory", "a DelayTheory or a WhetherTheory", "docs/delays.md shows one"
        )
    return theories
