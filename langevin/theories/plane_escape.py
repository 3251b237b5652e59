"""Escape in the plane: finite volumes in a box, and the Eyring-Kramers law with the saddles in it.

If the box of a landscape is not known, a search outward finds one.
"""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.errors import NumericalError
from langevin.theory.surfaces.fine_steps import coarse_for_time
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    landscape = case.landscape
    loss = not (landscape.is_body or landscape.is_surface)
    return case.gibbs and case.usual and loss and landscape.dim == 2 and landscape.target is not None


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    try:
        box = landscape.facts.box or theory.escape.enclosing_box(landscape, setting.temperature)
    except NumericalError:
        return []  # walkers are not confined, or no path downhill leads to the target
    return theory.escape.plane_escape_curves(landscape, box.lower, box.upper)


plane_escape = Theory(
    question="first passage",
    summary="Finite volumes and Eyring-Kramers for a loss in the plane.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_for_time,
)
