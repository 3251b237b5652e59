"""Which question is asked of a case: one table for live runs and for recorded ones."""

from __future__ import annotations

from collections.abc import Mapping

from langevin import registry
from langevin.errors import UsageError
from langevin.experiment.question import Question
from langevin.experiment.theories import theories_for
from langevin.types import Case


def questions() -> dict[str, Question]:
    """All questions by their names, those of files in `langevin/questions` and in folders of plugins.

    Raises:
        UsageError: a file there that holds none.
    """
    found: dict[str, Question] = {}
    for file, question in registry.entries("questions").items():
        if not isinstance(question, Question):
            raise UsageError(
                f"the file of the question {file} holds something of type {type(question).__name__}"
            )
        found[question.name] = question
    return found


def _named(name: str, table: Mapping[str, Question]) -> str:
    """The name of the question that is meant by its name or by that of its file."""
    files: dict[str, str] = {file: one.name for file, one in registry.entries("questions").items()}
    meant = files.get(name.replace("_", "-"), name)
    if meant not in table:
        raise UsageError(f"there is no question {name!r}; choose one of {', '.join(files)}")
    return meant


def question_for(case: Case, name: str | None = None) -> Question:
    """The question to ask: the one named, else the first of those that apply (see `Question` and `Dynamics`).

    Raises:
        UsageError: the one named does not apply, or none does.
    """
    table = questions()
    if name is not None:
        named = table[_named(name, table)]
        if named.applies(case):
            return named
        raise UsageError(
            f"the question {named.name!r} does not apply to {case.dynamics.name} motion on {case.landscape.name}; "
            "leave it out, or see `langevin list questions`"
        )
    first = case.dynamics.questions
    for one in sorted(table.values(), key=lambda one: (one.name not in first, one.rank, one.name)):
        if one.applies(case) and not (one.needs_theory and not theories_for(one.name, case)):
            return one
    raise UsageError(
        f"no question applies to {case.dynamics.name} motion on {case.landscape.name}"
        + (": it has no target to reach" if case.landscape.is_body and not case.watched else "")
    )
