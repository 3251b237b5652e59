"""The question of a case: one table for live runs and for recorded runs."""

from __future__ import annotations

from langevin import registry
from langevin.dynamics import refusal_of_cold
from langevin.errors import UsageError
from langevin.experiment.question import Question
from langevin.experiment.theories import theories_for
from langevin.types import Case


def questions() -> dict[str, Question]:
    """All questions by their names: from files in `langevin/questions`, and from plugins.

    Raises:
        UsageError: a file there that holds none.
    """
    found = (_question(file) for file in registry.literals("questions", "name"))
    return {question.name: question for question in found}


def question_named(name: str) -> Question | None:
    """The question of a name, or of a file's name; None if there is none."""
    said = registry.literals("questions", "name")
    file = name.replace("_", "-")
    if file in said:
        return _question(file)
    return next(
        (_question(file) for file, known in said.items() if known in (name, None) and _is(file, name)), None
    )


def question_for(case: Case, name: str | None = None) -> Question:
    """The question to ask: the named one, else the first question that applies (see `Question` and `Dynamics`).

    Args:
        case: landscape, motion and content of the run.
        name: of the question; the first that applies if None.

    Raises:
        UsageError: the named question does not apply, or no question applies.
    """
    if name is not None:
        return _asked_for(case, name)
    first = [one for one in map(question_named, case.dynamics.questions) if one is not None]
    said = registry.literals("questions", "rank")
    ranks = {file: int(rank) if rank is not None else _question(file).rank for file, rank in said.items()}
    for one in (*first, *map(_question, sorted(ranks, key=lambda file: (ranks[file], file)))):
        if _fits(one, case) and not (one.needs_theory and not theories_for(one.name, case)):
            return one
    if case.cold and case.landscape.drive is not None:
        raise UsageError(
            f"a force that varies in time acts on {case.landscape.name}, which at temperature 0 comes to no rest",
            "a temperature above 0, however small",
            "give `langevin simulate --temperature 1e-6`",
        )
    if case.landscape.is_slope:
        raise UsageError(
            f"the force of {case.landscape.name} is the same everywhere, so it confines no walker by itself",
            "a constant force on a surface or in a body",
            "name it as the field of a manifold, as in --manifold sphere --field linear",
        )
    if case.cold:
        raise refusal_of_cold(case.dynamics, case.landscape)
    raise UsageError(
        f"no question applies to {case.dynamics.name} motion on {case.landscape.name}",
        "a case of which a question is known",
        "choose another law of motion, or another landscape",
    )


def asks_of(name: str, case: Case) -> bool:
    """Whether there is a question of this name, and it applies to the case.

    Args:
        name: of the question.
        case: landscape, motion and content of the run.
    """
    question = question_named(name)
    return question is not None and _fits(question, case)


def _fits(question: Question, case: Case) -> bool:
    return question.cold == case.cold and question.applies(case)


def _asked_for(case: Case, name: str) -> Question:
    named = question_named(name)
    if named is None:
        raise UsageError(
            f"there is no question {name!r}",
            "a name of `langevin list questions`",
            f"choose one of {', '.join(registry.names('questions'))}",
        )
    if named.cold != case.cold:
        asked, given = ("0", "above 0") if named.cold else ("above 0", "0")
        raise UsageError(
            f"the question {named.name!r} is for temperature {asked}, and the temperature is {given}",
            f"temperature {asked} with this question",
            "give such a temperature, or leave the question out",
        )
    if not _fits(named, case):
        motion = f"{case.dynamics.name} motion on {case.landscape.name}"
        raise UsageError(
            f"the question {named.name!r} does not apply to {motion}",
            f"it applies to {named.asked_of}",
            "leave it out, or see `langevin list questions`",
        )
    return named


def _question(file: str) -> Question:
    question = registry.entry("questions", file)
    if not isinstance(question, Question):
        raise UsageError(
            f"the file of the question {file} holds something of type {type(question).__name__}",
            "a langevin question",
            "give the record Question its name",
        )
    return question


def _is(file: str, name: str) -> bool:
    return _question(file).name == name
