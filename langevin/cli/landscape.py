"""The landscape that --manifold or --potential, -p and --dim name together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langevin.cli.options import parse_dials
from langevin.errors import UsageError
from langevin.registry import factory


def chosen_landscape(
    manifold: str | None, potential: str | None, pairs: tuple[str, ...], dim: int | None
) -> tuple[Callable[..., Any], dict[str, Any], str]:
    """(factory, dials, name for files) of the one landscape that was named.

    Raises:
        UsageError: none or two were named, or a dial it does not have.
    """
    if (manifold is None) == (potential is None):
        raise UsageError(
            "give one landscape, --manifold NAME or --potential NAME; `langevin list` shows them"
        )
    package, name = ("manifolds", manifold) if manifold is not None else ("potentials", potential or "")
    make = factory(package, name)
    dials = parse_dials(pairs, make)
    if dim is not None:
        dials |= parse_dials((f"dim={dim}",), make)
    return make, dials, name.replace(":", "_")
