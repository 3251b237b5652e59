"""User-defined theories that a command or a call names: a formula, or a record `Theory`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from langevin import registry
from langevin.errors import UsageError
from langevin.types import Case, Curve, Prediction, Setting, Theory

#: A formula of the number that a question measures: of its point and the setting of the run. nan is out of range.
Formula = Callable[[float, Setting], float | Prediction]
OwnTheory = Theory | Formula


def theory_named(name: str) -> OwnTheory:
    """The user-defined theory `module:name`.

    Args:
        name: as it is typed.

    Raises:
        UsageError: there is no such module or name, or it is neither a formula nor a record `Theory`.
    """
    if ":" not in name:
        raise UsageError(
            f"--theory {name} names no file of yours",
            "module:name",
            "langevin's own theories are compared without this option, those of a folder by --plugins",
        )
    found = registry.entry("theories", name)
    check_theory(found, name)
    theory: OwnTheory = found
    return theory


def check_theory(found: object, name: str) -> None:
    """Refuse an object that is neither a record `Theory` nor a function of the point and the setting.

    Args:
        found: what was given.
        name: its name, which begins the sentence.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(found, Theory) or (callable(found) and _takes_two(found)):
        return
    raise UsageError(
        f"{name} is not a theory",
        "it must be a function of the point and the setting of the run, or a record langevin.types.Theory",
        "see docs/own_theories.md",
    )


def _takes_two(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(0.0, None)
    except (TypeError, ValueError):
        return False
    return True


def why_not(theory: OwnTheory, question: str, case: Case) -> str:
    """Why a theory is not compared with the numbers of a question in a case; empty if it is compared.

    Args:
        theory: the theory.
        question: name of the question.
        case: of the run.
    """
    if not isinstance(theory, Theory):
        return ""
    if theory.question != question:
        return f"it answers the question {theory.question!r}, and this run answers {question!r}"
    if case.inertia > 0.0 and not theory.stationary:
        return f"walkers keep their velocity for a time of {case.inertia:.3g}, and it is of overdamped motion"
    return "" if theory.applies(case) else f"it does not apply to {case.dynamics.name} motion here"


def check_fit(theories: Sequence[OwnTheory], question: str, case: Case) -> None:
    """Refuse, before a run, theories that could not be compared with it.

    Args:
        theories: the theories.
        question: name of the question.
        case: of the run.

    Raises:
        UsageError: a theory cannot be compared; the sentence gives the reason.
    """
    for theory in theories:
        if reason := why_not(theory, question, case):
            raise UsageError(
                f"the theory {name_of(theory)!r} is not compared: {reason}",
                "the theory must belong to the question of the run",
                "give a theory of this question, or leave the theory out",
            )


def name_of(theory: OwnTheory) -> str:
    """The name of a theory in a table: the name of a function, or the name in a record."""
    return (
        theory.summary.rstrip(".")
        if isinstance(theory, Theory)
        else str(getattr(theory, "__name__", "own theory"))
    )


def curves_of_own(theory: OwnTheory, setting: Setting, quantity: str) -> Sequence[Curve]:
    """The predictions of a theory. A formula gives one prediction, of the quantity of its question.

    Args:
        theory: the theory.
        setting: of the run.
        quantity: of the question.
    """
    if isinstance(theory, Theory):
        return theory.curves(setting)

    def predict(point: float) -> Prediction:
        value = theory(point, setting)
        return value if isinstance(value, Prediction) else Prediction(float(value))

    validity = (inspect.getdoc(theory) or "").partition("\n")[0]
    return [
        Curve(name_of(theory), predict, validity or "its author states none", "your own formula", quantity)
    ]
