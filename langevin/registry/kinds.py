"""The kinds of objects that are found by name, and their record types."""

from __future__ import annotations

from langevin.errors import UsageError

#: Folder of each kind, and the word for one object in it.
KINDS = {
    "manifolds": "manifold",
    "potentials": "potential",
    "integrators": "integrator",
    "dynamics": "law of motion",
    "questions": "question",
    "theories": "theory",
    "observables": "observable",
    "delays": "theory of the delay",
}
#: Type of the record of a question, which is defined on a higher floor.
QUESTION = "Question"


def called(kind: str) -> str:
    """The word for one object of this kind.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in KINDS:
        raise UsageError(
            f"there is no kind {kind!r}",
            "a kind of thing that is found by name",
            f"choose one of {', '.join(KINDS)}",
        )
    return KINDS[kind]


def record_types(kind: str) -> tuple[type, ...]:
    """Types of the records that an object of this kind is or makes; none if every object is allowed."""
    from langevin.types import (
        DelayTheory,
        Dynamics,
        Integrator,
        Landscape,
        Observable,
        Theory,
        WhetherTheory,
    )  # the types need NumPy, the names do not

    records: dict[str, tuple[type, ...]] = {
        "manifolds": (Landscape,),
        "potentials": (Landscape,),
        "integrators": (Integrator,),
        "dynamics": (Dynamics,),
        "theories": (Theory,),
        "observables": (Observable,),
        "delays": (DelayTheory, WhetherTheory),
    }
    return records.get(kind, ())


def check_record(kind: str, subject: str, item: object) -> None:
    """Refuse an object that is not a record of this kind; `subject` and its verb begin the sentence.

    Raises:
        UsageError: the object has another type.
    """
    wanted = record_types(kind)
    words = " or ".join(_with_article(record.__name__.lower()) for record in wanted) or _with_article(
        "question"
    )
    if not isinstance(item, wanted) if wanted else type(item).__name__ != QUESTION:
        raise UsageError(
            f"{subject} {words}, but something of type {type(item).__name__}",
            "a record of its kind",
            "give one of these",
        )


def _with_article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
