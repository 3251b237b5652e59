"""Choose the question of a case, and answer it on a run: a live run, or a run that was read from a file.

One table of questions serves both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from langevin import registry
from langevin.dynamics import dynamics_of, refusal_of_cold
from langevin.errors import UsageError
from langevin.experiment.own_theory import OwnTheory
from langevin.experiment.question import Answer, Question
from langevin.experiment.report import Report, report_of
from langevin.experiment.theories import added_curves, curves_of, left_out, theories_for
from langevin.types import (
    Case,
    Curve,
    Dynamics,
    FloatArray,
    Landscape,
    Setting,
    Status,
    Trajectory,
    step_law_of,
)

#: Starts of walkers over their size that count as one place.
ONE_PLACE = 1e-12


def questions() -> dict[str, Question]:
    """All questions by their names: from files in `langevin/questions`, and from plugins.

    Raises:
        UsageError: a file there that holds none.
    """
    found = (_record_in(file) for file in registry.literals("questions", "name"))
    return {question.name: question for question in found}


def question_named(name: str) -> Question | None:
    """The question of a name, or of a file's name; None if there is none."""
    by_file = registry.literals("questions", "name")
    file = name.replace("_", "-")
    if file in by_file:
        return _record_in(file)
    return next(
        (_record_in(file) for file, known in by_file.items() if known in (name, None) and _is(file, name)),
        None,
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
        return _named_question(case, name)
    first = [one for one in map(question_named, case.dynamics.questions) if one is not None]
    by_file = registry.literals("questions", "rank")
    ranks = {file: int(rank) if rank is not None else _record_in(file).rank for file, rank in by_file.items()}
    for one in (*first, *map(_record_in, sorted(ranks, key=lambda file: (ranks[file], file)))):
        if _fits(one, case) and not (one.needs_theory and not theories_for(one.name, case)):
            return one
    if case.cold and case.landscape.drive is not None:
        raise UsageError(
            f"a force that varies in time acts on {case.landscape.name}, which at temperature 0 comes to no rest",
            "the temperature must be above 0, however small",
            "give `langevin simulate --temperature 1e-6`",
        )
    if case.landscape.is_slope:
        raise UsageError(
            f"the force of {case.landscape.name} is the same everywhere, so it confines no walker by itself",
            "a constant force must act on a surface or in a body",
            "name it as the field of a manifold, as in --manifold sphere --field linear",
        )
    if case.cold:
        raise refusal_of_cold(case.dynamics, case.landscape)
    raise UsageError(
        f"no question applies to {case.dynamics.name} motion on {case.landscape.name}",
        "a question must be known for the law of motion and the landscape",
        "choose another law of motion, or another landscape",
    )


def question_applies(name: str, case: Case) -> bool:
    """Whether there is a question of this name, and it applies to the case.

    Args:
        name: of the question.
        case: landscape, motion and content of the run.
    """
    question = question_named(name)
    return question is not None and _fits(question, case)


def _fits(question: Question, case: Case) -> bool:
    return question.cold == case.cold and question.applies(case)


def _named_question(case: Case, name: str) -> Question:
    named = question_named(name)
    if named is None:
        raise UsageError(
            f"there is no question {name!r}",
            "it must be a name of `langevin list questions`",
            f"choose one of {', '.join(registry.names('questions'))}",
        )
    if named.cold != case.cold:
        required, given = ("0", "above 0") if named.cold else ("above 0", "0")
        raise UsageError(
            f"the question {named.name!r} is for temperature {required}, and the temperature is {given}",
            f"temperature {required} with this question",
            "give such a temperature, or leave the question out",
        )
    if not _fits(named, case):
        motion = f"{case.dynamics.name} motion on {case.landscape.name}"
        raise UsageError(
            f"the question {named.name!r} does not apply to {motion}",
            f"it applies to {named.applies_to}",
            "leave it out, or see `langevin list questions`",
        )
    return named


def _record_in(file: str) -> Question:
    question = registry.entry("questions", file)
    if not isinstance(question, Question):
        raise UsageError(
            f"the file of the question {file} holds something of type {type(question).__name__}",
            "a langevin question",
            "give the record Question its name",
        )
    return question


def _is(file: str, name: str) -> bool:
    return _record_in(file).name == name


def answered(landscape: Landscape, trajectory: Trajectory, own: Sequence[OwnTheory] = ()) -> Report:
    """The answer to the question of a run.

    The question is the one in the run's meta, if it applies; else it is the first question that applies.

    Args:
        landscape: of the run.
        trajectory: what was recorded.
        own: user-defined theories, in addition to the theories that are found by name.

    Raises:
        UsageError: no question applies, or the run lacks what its question needs.
        NumericalError: a measurement failed.
    """
    case = case_of(landscape, trajectory)
    question = _question(case, trajectory.meta)
    temperature, start = trajectory.meta["temperature"], _common_start(trajectory)
    setting = Setting(case, temperature, _mean_step(trajectory), start, trajectory.duration)
    found, reasons = curves_of(question.name, setting)
    inertia = left_out(question.name, case)
    if inertia:
        reasons.append(inertia)
    elif not found and not reasons:
        reasons = [question.without_theory(case)]
    more, doubts = added_curves(own, question.name, setting, found, question.quantity)
    answer = question.measure(setting, trajectory, [*found, *more])
    return report_of(answer, trajectory, [*reasons, *doubts, *_nameless(more, answer)])


def _nameless(curves: Sequence[Curve], answer: Answer) -> list[str]:
    """A line for each theory that was not compared, because it names no measured number."""
    compared = {row.theory for row in answer.comparisons}
    known = ", ".join(dict.fromkeys(row.quantity for row in answer.comparisons if row.quantity))
    names = dict.fromkeys(curve.name for curve in curves if curve.name not in compared)
    return [
        f"{name} was compared with nothing: this question measures several numbers, and a record langevin.types.Theory "
        f"names one of them as the quantity of its curve ({known or ', '.join(answer.measured)})"
        for name in names
    ]


def case_of(landscape: Landscape, trajectory: Trajectory) -> Case:
    """The facts that decide which question of a run is asked.

    Args:
        landscape: of the run.
        trajectory: what was recorded.

    Raises:
        UsageError: an unknown law of motion, or a step whose law is damaged in the file.
    """
    meta = trajectory.meta
    return Case(
        landscape=landscape,
        dynamics=law_of_run(landscape, meta["dynamics"]),
        law=step_law_of(meta["step"]) if "step" in meta else None,
        measure=meta["measure"],
        watched=has_target(trajectory),
        usual=meta.get("usual_start") is True,
        cold=meta["temperature"] == 0,
    )


def law_of_run(landscape: Landscape, name: str) -> Dynamics:
    """The law of motion that a run names. It must have a file, because no import depends on a run file.

    Args:
        landscape: of the run.
        name: of the law.

    Raises:
        UsageError: it has none, or the landscape does not allow it.
    """
    if name not in registry.entries("dynamics"):
        raise UsageError(
            f"the law of motion {name!r} of this run has no file here",
            "its file is needed",
            "name the folder with this file by --plugins",
        )
    dynamics = dynamics_of(name)
    refusal = dynamics.refusal(landscape)
    if refusal:
        raise UsageError(
            f"the motion in the file is {dynamics.name}, but {refusal}",
            "one motion for both",
            "run again with this version",
        )
    return dynamics


def has_target(trajectory: Trajectory) -> bool:
    """Whether the walkers stopped at a target."""
    return "target" in trajectory.events or bool((trajectory.events["status"] == Status.HIT).any())


def _question(case: Case, meta: Mapping[str, Any]) -> Question:
    named = question_named(str(meta["question"])) if "question" in meta else None
    fits = named is not None and named.cold == case.cold and named.applies(case)
    return named if named is not None and fits else question_for(case)


def _mean_step(trajectory: Trajectory) -> float:
    """The step, or its mean over time under a schedule: the first-order error of a law depends on this mean."""
    dt: float = trajectory.meta["dt"]
    if not trajectory.meta.get("schedule") or len(trajectory.times) < 2:
        return dt
    gaps = np.diff(trajectory.times)
    return float((gaps * gaps / np.diff(trajectory.steps)).sum() / gaps.sum())


def _common_start(trajectory: Trajectory) -> FloatArray | None:
    first: FloatArray = trajectory.states[:, 0]
    size = float(np.abs(first).max(initial=0.0))
    return first[0] if (np.abs(first - first[:1]) <= ONE_PLACE * size).all() else None
