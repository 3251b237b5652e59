"""A one-dimensional surface as a curve, traced once for each landscape."""

from __future__ import annotations

from langevin.errors import NumericalError, UsageError
from langevin.theory.surfaces.curve import SurfaceCurve, trace_curve
from langevin.types import Landscape

#: Number of landscapes whose curves are kept in memory: a trace takes a tenth of a second.
REMEMBERED = 8
_traced: list[tuple[Landscape, SurfaceCurve | None]] = []


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
    del _traced[:-REMEMBERED]
    return found
