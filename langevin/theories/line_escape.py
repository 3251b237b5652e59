"""Escape on a line from any well: quadrature between the edges of the targets, and Eyring-Kramers."""

from __future__ import annotations

from langevin import theory
from langevin.theory.surfaces.fine_steps import coarse_for_time
from langevin.types import Case, Theory


def _applies(case: Case) -> bool:
    landscape = case.landscape
    loss = not (landscape.is_body or landscape.is_surface) and landscape.target is not None
    return case.gibbs and case.usual and loss and landscape.dim == 1 and landscape.facts.wells is None


line_escape = Theory(
    question="first passage",
    summary="Quadrature and Eyring-Kramers for any loss on a line, computed from its value and gradient.",
    applies=_applies,
    curves=lambda setting: theory.escape.line_escape_curves(setting.case.landscape),
    coarse=coarse_for_time,
)
