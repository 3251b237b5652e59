"""Effect of one training sample less on the cube: the slopes log T(k) - log T(k+1) of lattice law and volume law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from langevin import theory
from langevin.theory.surfaces.fine_steps import coarse_in_body
from langevin.types import Case, Curve, Setting, Theory


def _applies(case: Case) -> bool:
    return case.usual and case.landscape.facts.corner is not None


def _curves(setting: Setting) -> Sequence[Curve]:
    corner = setting.case.landscape.facts.corner
    assert corner is not None
    return [
        replace(curve, quantity="slope")
        for curve in theory.cube.cube_slope_curves(corner.dim, corner.fraction)
    ]


cube_slopes = Theory(
    question="grokking time",
    summary="Slopes of the lattice law and of the volume law.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_in_body,
)
