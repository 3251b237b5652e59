"""Scratch that every step on a surface works with: its normals, and one small linear system a lane."""

from __future__ import annotations

from langevin.types import Landscape, Rows


def workspace(
    landscape: Landscape, scratch: int = 0, normals: int | None = None, **own: int | tuple[int, ...]
) -> Rows:
    """Rows normals (codim, dim), matrix (codim, codim), weights (codim), scratch, then those of the step's own.

    Args:
        landscape: a surface.
        scratch: rows of it.
        normals: how many there is room for, if not for all.
        own: rows of the step.
    """
    codim, dim = landscape.codim, landscape.dim
    return Rows(
        normals=(codim if normals is None else normals, dim),
        matrix=(codim, codim),
        weights=codim,
        scratch=scratch,
        **own,
    )
