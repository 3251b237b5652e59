"""Arrival in a body of at most three dimensions: finite volumes in the box that contains it."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.theory.surfaces.fine_steps import coarse_in_body
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    """Only free diffusion: a body with a loss has another law."""
    landscape = case.landscape
    free = landscape.value is None and landscape.gradient is None
    return (
        case.usual and free and landscape.is_body and landscape.facts.box is not None and landscape.dim <= 3
    )


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    box = landscape.facts.box
    assert box is not None
    return [
        theory.passage.body_passage_curve(landscape, box.lower, box.upper, box.grid, setting.case.outside)
    ]


body_volumes = Theory(
    question="first passage",
    summary="Finite volumes of a body of at most three dimensions in a known box.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_in_body,
)
