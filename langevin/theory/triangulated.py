"""A surface of two dimensions in two meshes of triangles, made once for each landscape."""

from __future__ import annotations

from langevin.errors import LangevinError
from langevin.theory.triangulation import Triangulation, triangulate
from langevin.types import Landscape

#: Cubes at most: a surface that takes more would cost an answer several seconds.
CUBES = 4000
#: Landscapes that are remembered with their triangles, or with why they have none.
REMEMBERED = 4
_made: list[tuple[Landscape, Triangulation | LangevinError]] = []


def triangles_of(landscape: Landscape) -> Triangulation:
    """The triangles about the usual start; raises as `triangulate`."""
    found = next((one for known, one in _made if known is landscape), None)
    if found is None:
        try:
            found = triangulate(landscape, most_cubes=CUBES, levels=2)
        except LangevinError as reason:
            found = reason
        _made.append((landscape, found))
        del _made[:-REMEMBERED]
    if isinstance(found, LangevinError):
        raise found
    return found


def has_triangles(landscape: Landscape) -> bool:
    """Whether a surface is of the kind that triangles cover: of two dimensions, and without walls."""
    return landscape.is_surface and landscape.dim - landscape.codim == 2 and landscape.walls is None
