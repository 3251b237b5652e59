"""Arrival in a body of at most three dimensions: finite volumes in the box that holds it."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    landscape = case.landscape
    return case.usual and landscape.is_body and landscape.facts.box is not None and landscape.dim <= 3


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    box = landscape.facts.box
    assert box is not None
    return [theory.body_passage_curve(landscape, box.lower, box.upper, box.grid)]


body_volumes = Theory(
    question="first passage",
    summary="Finite volumes of a body of at most three dimensions in a known box.",
    applies=_applies,
    curves=_curves,
)
