"""A question: when it applies, how walkers move for it, what is measured, and the answer that this gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langevin.experiment.settings import Settings
from langevin.types import Case, Comparison, Curve, Integrator, Measurement, Setting, Trajectory


@dataclass(frozen=True)
class Answer:
    """What a question found in a run.

    `lines` stand above the `table`, `sections` below the verdicts, `notes` at the end. `measured` holds the numbers
    that the question is about, by name, and `record` more plain values for programs. `draw(path)` draws the figure.
    """

    title: str
    table: str
    measured: Mapping[str, Measurement]
    comparisons: Sequence[Comparison]
    curves: Sequence[Curve]
    draw: Callable[[str], None]
    lines: Sequence[str] = ()
    sections: Sequence[str] = ()
    notes: Sequence[str] = ()
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A question that can be put to a landscape and to a recorded run alike.

    `asked_of` says in words which cases it applies to.
    Of the questions that apply to a case the one of the lowest `rank` is chosen; special ones have low ranks.
    `needs_theory` says that the question applies only where one of its theories does, `cold` that it applies to motion
    at temperature 0, and to no other.
    `quantity` is what a user-defined formula predicts, as the curves of theories name it.
    `silence(case)` is one sentence that says why no theory of it applies.
    `walk(case, integrator, settings)` makes the run, `measure(setting, trajectory, curves)` the answer; `curves` are
    the predictions of the theories that apply.
    """

    name: str
    summary: str
    rank: int
    applies: Callable[[Case], bool]
    walk: Callable[[Case, Integrator, Settings], Trajectory]
    measure: Callable[[Setting, Trajectory, Sequence[Curve]], Answer]
    silence: Callable[[Case], str]
    asked_of: str = "other cases"
    needs_theory: bool = False
    cold: bool = False
    quantity: str = ""
