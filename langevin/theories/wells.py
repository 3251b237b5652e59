"""Escape from a double well on a line: exact quadrature, and the Eyring-Kramers law."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.landscapes.evaluate import scalar_value
from langevin.theory.surfaces.fine_steps import coarse_for_time
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    return case.gibbs and case.usual and case.landscape.facts.wells is not None


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    assert landscape.facts.wells is not None
    return theory.escape.escape_curves(landscape.facts.wells, scalar_value(landscape))


wells = Theory(
    question="first passage",
    summary="Exact quadrature and Eyring-Kramers for a double well on a line.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_for_time,
)
