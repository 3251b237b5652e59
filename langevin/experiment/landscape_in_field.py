"""Factories of landscapes in a field, and what a run file says of the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from langevin.landscapes.in_field import FIELD_DIAL, IN_FIELD, with_field
from langevin.registry import dials as dials_of
from langevin.types import Landscape


def factory_in_field(
    make: Callable[..., Landscape], field: Callable[..., Landscape], field_dials: Mapping[str, Any]
) -> Callable[..., Landscape]:
    """The factory of a landscape in a field: its dials are those of the landscape.

    Args:
        make: factory of the surface or body.
        field: factory of the potential.
        field_dials: its arguments; if it has a dial `dim` that is not among them, it gets that of the landscape.
    """

    @wraps(make)
    def made(**dials: Any) -> Landscape:
        manifold = make(**dials)
        room = {"dim": manifold.dim} if "dim" in dials_of(field) else {}
        return with_field(manifold, field(**{**room, **field_dials}))

    made.field = field  # type: ignore[attr-defined]
    return made


def field_of(make: Callable[..., Any]) -> Callable[..., Landscape] | None:
    """The factory of the field of `factory_in_field`; None for another factory."""
    found: Callable[..., Landscape] | None = getattr(make, "field", None)
    return found


def split_name(name: str) -> tuple[str, str]:
    """The name of a landscape without its field, and that of the field; empty if there is none."""
    inner, _, field = name.partition(IN_FIELD)
    return inner, field


def split_dials(dials: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Dials of the landscape, and of its field."""
    own = {name: value for name, value in dials.items() if not name.startswith(FIELD_DIAL)}
    return own, {name[len(FIELD_DIAL) :]: value for name, value in dials.items() if name not in own}
