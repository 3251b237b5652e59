"""The theories of a question, found by their files, and their predictions."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from langevin import registry
from langevin.errors import LangevinError, UsageError
from langevin.experiment.own_theory import OwnTheory, curves_of_own, name_of, why_not
from langevin.types import Case, Curve, Prediction, Setting, Theory


def theories_for(question: str, case: Case) -> dict[str, Theory]:
    """The theories of a question that apply to a case, by name.

    Args:
        question: its name.
        case: landscape, motion and content of the run.

    Raises:
        UsageError: a file among the theories that holds none.
    """
    found: dict[str, Theory] = {}
    # None belongs to a file without its name as a literal: its question may be any.
    known_questions = set(registry.literals("questions", "name").values())
    for name, answered in registry.literals("theories", "question").items():
        if answered in (question, None) or known_questions.isdisjoint({answered, None}):
            theory: Theory = registry.entry("theories", name)
            if known_questions.isdisjoint({theory.question, None}):
                offer = registry.offered("theories", name)
                wrong = f"{offer or f'the theory {name}'} answers the question {theory.question!r}, which there is not"
                if offer is not None:
                    warnings.warn(wrong, stacklevel=2)
                    continue
                raise UsageError(
                    wrong,
                    "it must be a name of `langevin list questions`",
                    "see `langevin list questions`",
                )
            holds = theory.stationary or case.inertia == 0.0
            holds = holds and (theory.in_field or case.landscape.field is None)
            if theory.question == question and holds and theory.applies(case):
                found[name] = theory
    return found


def left_out(question: str, case: Case) -> str:
    """Why theories of a question that hold for overdamped motion are not compared with this case; empty if none is.

    Args:
        question: its name.
        case: landscape, motion and content of the run.
    """
    if case.inertia == 0.0:
        return ""
    others = theories_for(question, case.overdamped).keys() - theories_for(question, case).keys()
    names = ", ".join(sorted(others)).replace("_", " ")
    return (
        f"walkers keep their velocity for a time of {case.inertia:.3g}, so their times are not compared with theories "
        f"of overdamped motion: {names}"
        if others
        else ""
    )


def curves_of(question: str, setting: Setting) -> tuple[list[Curve], list[str]]:
    """The predictions of all theories of a question, and a list of the reasons why some have no number.

    A theory whose numerics fail does not affect the others: it is out of range, and the reason is in the list. Later
    predictions add to the list.

    Args:
        question: its name.
        setting: of the run.
    """
    curves: list[Curve] = []
    reasons: list[str] = []
    for name, theory in theories_for(question, setting.case).items():
        plain_name = name.replace("_", " ").replace("-", " ")
        try:
            coarse = theory.coarse(setting)
            found = theory.curves(setting)
        except Exception as reason:
            reasons.append(f"{plain_name} has no number here: {_error_text(reason)}")
            continue
        curves += [_beyond(curve) for curve in found] if coarse else found
        if coarse and found:
            rows = ", ".join(dict.fromkeys(curve.name for curve in found))
            reasons.append(f"{plain_name} ({rows}) is out of range: {coarse}")
    return [_guarded(curve, reasons) for curve in curves], reasons


def added_curves(
    own: Sequence[OwnTheory], question: str, setting: Setting, others: Sequence[Curve], quantity: str = ""
) -> tuple[list[Curve], list[str]]:
    """The predictions of user-defined theories, and a list of reasons, as of `curves_of`.

    Args:
        own: the theories.
        question: name of the question.
        setting: of the run.
        others: other predictions, whose names are taken.
        quantity: that a formula predicts.
    """
    curves: list[Curve] = []
    reasons: list[str] = []
    for theory in own:
        reason = why_not(theory, question, setting.case)
        try:
            curves += [] if reason else curves_of_own(theory, setting, quantity)
        except Exception as error:
            reason = _error_text(error)
        if reason:
            reasons.append(f"the theory {name_of(theory)!r} is not compared: {reason}")
    taken = {curve.name for curve in others}
    named = [replace(one, name=f"{one.name} (own)") if one.name in taken else one for one in curves]
    return [_guarded(curve, reasons) for curve in named], reasons


def _error_text(reason: Exception) -> str:
    """The text of an error, with its kind if it is no LangevinError: then the file of the theory has a fault."""
    return str(reason) if isinstance(reason, LangevinError) else f"{type(reason).__name__}: {reason}"


def known(curves: Sequence[Curve], point: float) -> list[float]:
    """The finite numbers that curves predict at a point.

    Args:
        curves: the predictions.
        point: on their dial.
    """
    return [value for curve in curves if math.isfinite(value := curve.predict(point).value)]


def coarse_steps(question: str, case: Case, steps: Mapping[float, float]) -> dict[float, str]:
    """Temperatures at which the step is too coarse for a theory of a question, with the reason.

    Args:
        question: its name.
        case: of all runs.
        steps: dt by temperature.
    """
    theories = theories_for(question, case).values()
    coarse = {
        theta: [one.coarse(Setting(case, theta, dt)) for one in theories] for theta, dt in steps.items()
    }
    return {theta: next(filter(None, reasons)) for theta, reasons in coarse.items() if any(reasons)}


def within(curve: Curve, reasons: Mapping[float, str]) -> Curve:
    """The curve, out of range at the points for which there is a reason.

    Args:
        curve: the predictions.
        reasons: point to the reason against it.
    """

    def predict(point: float) -> Prediction:
        found = curve.predict(point)
        return replace(found, in_range=found.in_range and point not in reasons)

    return replace(curve, predict=predict)


def _beyond(curve: Curve) -> Curve:
    """The curve, out of range everywhere."""
    return replace(curve, predict=lambda point: replace(curve.predict(point), in_range=False))


def _guarded(curve: Curve, reasons: list[str]) -> Curve:
    """The curve with predictions that are made once for each point and never fail: reasons go to the list."""

    @cache
    def predict(point: float) -> Prediction:
        try:
            return curve.predict(point)
        except Exception as reason:
            line = f"{curve.name} has no number here: {_error_text(reason)}"
            if line not in reasons:
                reasons.append(line)
            return Prediction(math.nan, math.inf, in_range=False)

    return replace(curve, predict=predict)
