"""Which question is asked of a case: one table for live runs and for recorded ones."""

from __future__ import annotations

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


def question_for(case: Case, name: str | None = None) -> Question:
    """The question to ask: the one named, else the first of those that apply (see `Question` and `Dynamics`).

    Raises:
        UsageError: the one named does not apply, or none does.
    """
    table = questions()
    if name is not None and name not in table:
        raise UsageError(f"there is no question {name!r}; choose one of {', '.join(sorted(table))}")
    first = case.dynamics.questions
    ranked = sorted(table.values(), key=lambda one: (one.name not in first, one.rank, one.name))
    fitting = [one for one in ranked if one.applies(case)]
    if name is not None:
        if table[name] not in fitting:
            raise UsageError(
                f"the question {name!r} does not apply to {case.dynamics.name} motion on {case.landscape.name}; leave "
                f"it out, or choose one of {', '.join(one.name for one in fitting) or 'none'}"
            )
        return table[name]
    for one in fitting:
        if not one.needs_theory or theories_for(one.name, case):
            return one
    raise UsageError(
        f"no question applies to {case.dynamics.name} motion on {case.landscape.name}"
        + (_lacking(case) if case.landscape.is_body and not case.watched else "")
    )


def _lacking(case: Case) -> str:
    return ": it has no target to reach" if case.landscape.target is None else ": no target was watched"
