"""Answer a question on a run: a live run, or a run that was read from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from langevin import registry
from langevin.dynamics import dynamics_of
from langevin.errors import UsageError
from langevin.experiment.choice import question_for, question_named
from langevin.experiment.own_theory import OwnTheory
from langevin.experiment.question import Answer, Question
from langevin.experiment.report import Report, report_of
from langevin.experiment.theories import added_curves, curves_of, left_out
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
        reasons = [question.silence(case)]
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
        dynamics=law_said(landscape, meta["dynamics"]),
        law=step_law_of(meta["step"]) if "step" in meta else None,
        measure=meta["measure"],
        watched=has_target(trajectory),
        usual=meta.get("usual_start") is True,
        cold=meta["temperature"] == 0,
    )


def law_said(landscape: Landscape, name: str) -> Dynamics:
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
            "a law of motion that is found by its name",
            "name the folder where it has by --plugins",
        )
    dynamics = dynamics_of(name)
    refusal = dynamics.refusal(landscape)
    if refusal:
        raise UsageError(
            f"the file says {dynamics.name} motion, but {refusal}",
            "one motion for both",
            "run again with this version",
        )
    return dynamics


def has_target(trajectory: Trajectory) -> bool:
    """Whether the walkers stopped at a target."""
    return "target" in trajectory.events or bool((trajectory.events["status"] == Status.HIT).any())


def _question(case: Case, meta: Mapping[str, Any]) -> Question:
    said = question_named(str(meta["question"])) if "question" in meta else None
    fits = said is not None and said.cold == case.cold and said.applies(case)
    return said if said is not None and fits else question_for(case)


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
