"""The mean time on Kozyrev's cube over the temperature, for one number of samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langevin import theory
from langevin.theory.surfaces.fine_steps import coarse_in_body
from langevin.types import Case, Curve, Prediction, Setting, Theory


def _applies(case: Case) -> bool:
    return case.usual and case.landscape.facts.corner is not None


def _curves(setting: Setting) -> Sequence[Curve]:
    corner = setting.case.landscape.facts.corner
    assert corner is not None
    # walkers that start in the target have the time 0; the mean over the others is larger by this factor
    share = 1.0 - corner.fraction ** (corner.dim - corner.samples) if setting.case.outside else 1.0

    def over_temperature(place: int) -> Callable[[float], Prediction]:
        def predict(temperature: float) -> Prediction:
            curves = theory.cube.cube_curves(corner.dim, corner.side, corner.fraction, temperature)
            at = curves[place].predict(corner.samples)
            return Prediction(at.value / share, at.remainder / share, at.in_range)

        return predict

    named = theory.cube.cube_curves(corner.dim, corner.side, corner.fraction, 1.0)
    return [
        Curve(curve.name, over_temperature(place), curve.validity, curve.reference)
        for place, curve in enumerate(named)
    ]


cube_passage = Theory(
    question="first passage",
    summary="Finite volumes, Eyring's estimate and the capacity law of the cube over the temperature.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_in_body,
)
