"""One period of a valley's floor as a closed curve."""

from __future__ import annotations

import numpy as np

from langevin.theory.surfaces.cached_curve import curve_of
from langevin.theory.surfaces.curve import SurfaceCurve
from langevin.theory.surfaces.stationary import is_even
from langevin.types import Landscape

POINTS = 2000


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
