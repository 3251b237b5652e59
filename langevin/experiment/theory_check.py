"""The contracts of a theory, tried: its question, the cases to which it applies, and its predictions at some points."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from langevin.errors import LangevinError
from langevin.experiment.choice import question_named
from langevin.experiment.examples import cases
from langevin.landscapes.contracts import Finding
from langevin.types import Case, Curve, Landscape, Prediction, Setting, Theory

#: Points at which predictions are tried: times, temperatures or numbers of samples.
POINTS = (0.5, 1.0, 3.0)
TEMPERATURE = 0.1
#: Step, over the largest that stiffness allows.
STEP = 0.01


def check_theory(theory: Theory, landscape: Landscape | None = None) -> list[Finding]:
    """Try a theory in the first case to which it applies, of the landscape or else of all landscapes that are known.

    Args:
        theory: the record.
        landscape: where it is tried; None for the first landscape found by name.
    """
    known = question_named(theory.question) is not None
    found = [
        Finding("question", known, f"{theory.question!r} is {'known' if known else 'none that there is'}")
    ]
    tried, case = 0, None
    try:
        for tried, one in enumerate(_all_cases(landscape), 1):  # noqa: B007 - the last count is told
            if theory.applies(one):
                case = one
                break
    except Exception as error:
        return [*found, Finding("applies", False, _said(error))]
    if case is None:
        return [
            *found,
            Finding("applies", False, f"to none of {tried} cases that were tried: give its landscape"),
        ]
    told = f"to {case.dynamics.name} motion on {case.landscape.name}, after {tried} cases"
    return [*found, Finding("applies", True, told), *_predictions(theory, case)]


def _all_cases(landscape: Landscape | None) -> Iterator[Case]:
    for cold in (False, True):
        yield from (case for *_, case in cases(cold, landscape))


def _predictions(theory: Theory, case: Case) -> list[Finding]:
    temperature = 0.0 if case.cold else TEMPERATURE
    dt = STEP / max(1.0, case.landscape.stiffness(temperature))
    start = case.landscape.start(np.full((1, case.landscape.dim), 0.5), temperature)[0]
    setting = Setting(case, temperature, dt, start, 1000.0 * dt)
    try:
        coarse, curves = theory.coarse(setting), list(theory.curves(setting))
    except Exception as error:
        return [Finding("curves", False, _said(error))]
    if not isinstance(coarse, str) or not all(isinstance(curve, Curve) for curve in curves):
        return [Finding("curves", False, "`coarse` must return a text, and `curves` records of type Curve")]
    said = [curve.name for curve in curves if not (curve.validity and curve.reference)]
    detail = (
        f"no validity or no reference: {', '.join(said)}" if said else f"{len(curves)}, with their references"
    )
    return [Finding("curves", not said, detail), *(_tried(curve) for curve in curves)]


def _tried(curve: Curve) -> Finding:
    """A curve at some points: in its range a finite value with a remainder, and no failure but langevin's own."""
    name, inside = f"prediction {curve.name}", 0
    for point in POINTS:
        try:
            predicted: object = curve.predict(point)
        except LangevinError:  # its numerics fail there, which a run reports as out of range
            continue
        except Exception as error:
            return Finding(name, False, f"at {point:g}: {_said(error)}")
        if not isinstance(predicted, Prediction):
            return Finding(
                name, False, f"at {point:g}: something of type {type(predicted).__name__}, no Prediction"
            )
        remainder = predicted.remainder
        if predicted.in_range and not (math.isfinite(predicted.value) and 0.0 <= remainder < math.inf):
            return Finding(name, False, f"at {point:g}: {predicted.value:g} with the remainder {remainder:g}")
        inside += predicted.in_range
    return Finding(name, True, f"finite, and in range at {inside} of {len(POINTS)} points")


def _said(error: Exception) -> str:
    first = str(error).strip().partition("\n")[0]
    return f"it fails: {type(error).__name__}: {first}"
