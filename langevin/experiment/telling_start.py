"""Where walkers without heat along a zero-loss set start: where the law of their step expects a drift.

Label noise causes a drift down the slope of tr H. At the usual start of many sets this slope is 0 by symmetry, for
example at the end of an ellipsoid's axis. A walk from there cannot distinguish the laws.
"""

from __future__ import annotations

import numpy as np

from langevin import theory
from langevin.landscapes.cloud import place_text
from langevin.landscapes.starts import usual_point
from langevin.theory.surfaces.laws import SurfaceLaw
from langevin.types import FloatArray, Landscape, Trajectory

#: Drift at the usual start over the fastest that was found, above which walkers start there.
TELLING = 0.1
#: Points that are tried, and how far they lie from the usual start in lengths on which the set changes.
TRIED, REACH = 16, 0.5
#: Change of the law's potential over its size that is round-off.
EVEN = 1e-9


def telling_arc(curve: theory.surfaces.SurfaceCurve, law: SurfaceLaw, usual: FloatArray) -> FloatArray | None:
    """The point (dim,) of a closed curve where the drift is fastest; None if it is fast enough at the usual one.

    Args:
        curve: traced.
        law: of the step.
        usual: the usual start, (dim,).
    """
    drift = theory.surfaces.curve_drift(curve, law, 1.0)
    speeds, here = np.abs(drift(curve.arcs)), np.abs(drift(theory.surfaces.arc_positions(curve, usual[None])))
    if _is_even(law, curve.curvatures) or here[0] >= TELLING * speeds.max():
        return None
    place: FloatArray = curve.points[speeds.argmax()]
    return place


def telling_point(manifold: Landscape, law: SurfaceLaw) -> FloatArray | None:
    """The point (dim,) about the usual start where the drift is fastest; None if it is fast enough at the usual one.

    Args:
        manifold: the zero-loss set.
        law: of the step.
    """
    usual = usual_point(manifold)
    reach = REACH * theory.surfaces.surface_shape(manifold, usual).length
    moves = np.random.default_rng(0).standard_normal((TRIED, manifold.dim))
    moves *= reach / np.linalg.norm(moves, axis=1, keepdims=True)
    places = np.vstack([usual[None], theory.surfaces.on_surface(manifold, usual + moves)])
    shapes = [theory.surfaces.surface_shape(manifold, place) for place in places]
    speeds = [float(np.linalg.norm(shape.gradient(law))) for shape in shapes]
    if _is_even(law, np.array([shape.curvatures for shape in shapes])) or speeds[0] >= TELLING * max(speeds):
        return None
    place: FloatArray = places[int(np.argmax(speeds))]
    return place


def _is_even(law: SurfaceLaw, curvatures: FloatArray) -> bool:
    """Whether the potential of a law is the same at all points, of curvatures (points, codim)."""
    levels = law.potential(curvatures)
    return bool(np.ptp(levels) <= EVEN * np.abs(levels).max())


def start_notes(trajectory: Trajectory) -> list[str]:
    """Where the walkers of a run started together, if it is not where the landscape starts them."""
    if trajectory.meta.get("usual_start") is not False:
        return []
    return [f"walkers started at {place_text(trajectory.states[0, 0])}, not where the landscape starts them"]
