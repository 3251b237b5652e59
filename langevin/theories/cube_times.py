"""The mean time on Kozyrev's cube over the number of samples: finite volumes, Eyring's estimate, the capacity law."""

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
    curves = theory.cube.cube_curves(corner.dim, corner.side, corner.fraction, setting.temperature)
    return [replace(curve, quantity="time") for curve in curves]


cube_times = Theory(
    question="grokking time",
    summary="Finite volumes, Eyring's estimate and the capacity law of the cube.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_in_body,
)
