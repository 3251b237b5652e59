"""A surface of one dimension as a curve, and one of two dimensions in triangles: made once for each landscape."""

from __future__ import annotations

import numpy as np

from langevin.errors import LangevinError, NumericalError, UsageError
from langevin.theory.surfaces.curve import SurfaceCurve, trace_curve
from langevin.theory.surfaces.stationary import is_even
from langevin.theory.surfaces.triangulation import Triangulation, triangulate
from langevin.types import Landscape

#: Number of landscapes whose curves are kept in memory: a trace takes a tenth of a second.
CURVES = 8
_traced: list[tuple[Landscape, SurfaceCurve | None]] = []
#: Number of points on one period of a straight floor.
POINTS = 2000
#: Largest number of cubes: a surface with more would take several seconds.
CUBES = 4000
#: Number of landscapes whose triangles, or the reason why there are none, are kept in memory.
MESHES = 4
_made: list[tuple[Landscape, Triangulation | LangevinError]] = []


def curve_of(landscape: Landscape) -> SurfaceCurve | None:
    """The surface as a curve, closed or between walls; None if it is open, not traceable or of another dimension."""
    if not landscape.is_surface or landscape.dim - landscape.codim != 1:
        return None
    for known, curve in _traced:
        if known is landscape:
            return curve
    try:
        found = trace_curve(landscape)
    except (UsageError, NumericalError):
        found = None
    _traced.append((landscape, found))
    del _traced[:-CURVES]
    return found


def closed_curve_of(landscape: Landscape) -> SurfaceCurve | None:
    """The surface as a closed curve of changing stiffness, for a valley one period of its floor; None for others."""
    profile = landscape.facts.profile
    if profile is None:
        curve = curve_of(landscape)
        return curve if curve is not None and curve.closed and not is_even(curve) else None
    if profile.period is None:
        return None
    arcs = np.linspace(0.0, profile.period, POINTS, endpoint=False)
    ways = np.eye(landscape.dim)[:1].repeat(POINTS, axis=0)
    across = profile.stiffness(arcs)[:, None].repeat(landscape.codim, axis=1)
    floor = SurfaceCurve(
        landscape.name, arcs, arcs[:, None] * ways, ways, across, np.zeros(POINTS), profile.period, True
    )
    return None if is_even(floor) else floor


def triangles_of(landscape: Landscape) -> Triangulation:
    """The triangles of the piece with the usual start; raises as `triangulate`."""
    found = next((one for known, one in _made if known is landscape), None)
    if found is None:
        try:
            found = triangulate(landscape, most_cubes=CUBES, levels=2)
        except LangevinError as reason:
            found = reason
        _made.append((landscape, found))
        del _made[:-MESHES]
    if isinstance(found, LangevinError):
        raise found
    return found


def has_triangles(landscape: Landscape) -> bool:
    """Whether a surface can be covered by triangles: it has two dimensions and no walls."""
    return landscape.is_surface and landscape.dim - landscape.codim == 2 and landscape.walls is None
