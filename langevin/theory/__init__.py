"""Closed forms, quadratures and small numerical solutions with which a correct simulation must agree.

Each room is one physical question: `theory.cube.entropy`, `theory.escape.eyring_kramers_time`. Every law returns a
`Prediction` (value, numerical remainder, in range or not) or, over a dial, a `Curve`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langevin.theory import (
        cube,
        drift,
        escape,
        fokker_planck,
        gibbs,
        learning,
        passage,
        scaling,
        surfaces,
    )

__all__ = ["cube", "drift", "escape", "fokker_planck", "gibbs", "learning", "passage", "scaling", "surfaces"]


def __getattr__(name: str) -> Any:
    """Import a room when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'langevin.theory' has no attribute {name!r}")
    return importlib.import_module(f"langevin.theory.{name}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
