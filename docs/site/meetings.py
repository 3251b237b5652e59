"""Which landscapes, laws of motion, questions and theories go together: asked of the program, nothing is simulated."""

from functools import cache
from typing import NamedTuple

from langevin.experiment.answering import questions
from langevin.experiment.theories import theories_for
from langevin.experiment.tried_cases import cases
from langevin.types import Case


class Meeting(NamedTuple):
    """A question that applies to a case, and the names of its theories that apply."""

    kind: str
    landscape: str
    case: Case
    question: str
    theories: tuple[str, ...]


@cache
def meetings():
    """All of them, for the default dials of the landscapes that have a name; a field belongs to its surface or body."""
    asked = questions().values()
    named = (
        (cold, *next(iter(options.items())), case)
        for cold in (False, True)
        for options, _, case in cases(cold)
    )
    return [
        Meeting(
            f"{option}s",
            name,
            case,
            question.name,
            tuple(found.replace("_", "-") for found in theories_for(question.name, case)),
        )
        for cold, option, name, case in named
        for question in asked
        if question.cold == cold and question.applies(case)
    ]
