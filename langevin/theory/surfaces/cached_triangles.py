"""A two-dimensional surface in meshes of triangles, made once for each landscape."""

from __future__ import annotations

from langevin.errors import LangevinError
from langevin.theory.surfaces.triangulation import Triangulation, triangulate
from langevin.types import Landscape

#: Largest number of cubes: a surface with more would take several seconds.
CUBES = 4000
#: Number of landscapes whose triangles, or the reason why there are none, are kept in memory.
REMEMBERED = 4
_made: list[tuple[Landscape, Triangulation | LangevinError]] = []


def triangles_of(landscape: Landscape) -> Triangulation:
    """The triangles of the piece with the usual start; raises as `triangulate`."""
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
    """Whether a surface can be covered by triangles: it has two dimensions and no walls."""
    return landscape.is_surface and landscape.dim - landscape.codim == 2 and landscape.walls is None
