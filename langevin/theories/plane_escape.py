"""Escape in the plane: finite volumes in a box that is known, and Eyring-Kramers over the saddles found in it."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.theory.fine_steps import coarse_for_time
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    landscape = case.landscape
    loss = not (landscape.is_body or landscape.is_surface)
    return case.gibbs and case.usual and loss and landscape.dim == 2 and landscape.facts.box is not None


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    assert landscape.facts.box is not None
    return theory.plane_escape_curves(landscape, landscape.facts.box.lower, landscape.facts.box.upper)


plane_escape = Theory(
    question="first passage",
    summary="Finite volumes and Eyring-Kramers for a loss in the plane with a known box.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_for_time,
)
