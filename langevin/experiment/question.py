"""A question: its settings, when it applies, how walkers move for it, what is measured, and the answer that this gives.

`None` in the settings leaves the choice to the question.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from langevin.errors import unfit
from langevin.experiment.own_theory import OwnTheory
from langevin.experiment.stage import StageCallback
from langevin.types import (
    Case,
    Comparison,
    Curve,
    FloatArray,
    Integrator,
    Journal,
    Measurement,
    Setting,
    Trajectory,
)


@dataclass(frozen=True)
class Answer:
    """The result of a question about a run.

    `lines` are above the `table`, `sections` below the verdicts, `notes` at the end. `measured` holds the numbers
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
    """A question about a landscape that is simulated, or about a recorded run.

    `applies_to` describes the cases to which it applies.
    Of the questions that apply to a case, the one with the lowest `rank` is chosen; special ones have low ranks.
    `needs_theory`: the question applies only if one of its theories applies. `cold`: it applies to motion at
    temperature 0 only.
    `quantity` is what a user-defined formula predicts, as the curves of theories name it.
    `without_theory(case)` is one sentence on why no theory of it applies.
    `walk(case, integrator, settings)` makes the run, `measure(setting, trajectory, curves)` the answer; `curves` are
    the predictions of the theories that apply.
    """

    name: str
    summary: str
    rank: int
    applies: Callable[[Case], bool]
    walk: Callable[[Case, Integrator, Settings], Trajectory]
    measure: Callable[[Setting, Trajectory, Sequence[Curve]], Answer]
    without_theory: Callable[[Case], str]
    applies_to: str = "other cases"
    needs_theory: bool = False
    cold: bool = False
    quantity: str = ""


@dataclass(frozen=True)
class Settings:
    """Numbers of a run, without its landscape.

    `precision` is a relative standard error to reach by adding walkers; `horizon` the time after which a walker that
    has not arrived is censored, or at which a run without a target ends; `frames` how many states such a run records
    after the first, or `every` at the multiples of how many steps. `start` is a state (dim,) at which all walkers
    start, or (walkers, dim) one for each. `earlier` is the finished run that is extended.
    `executor` and `tasks` are arguments of `langevin.simulate` and its watch. `progress` is called between
    chunks with the stage of an ensemble. `journal` gives the journal of the next walk, or with True the
    journal of a walk `aside` from the run. `extra_meta` are entries for the meta of every walk. `theories` are
    user-defined: they are compared with the run and do not change it.
    """

    seed: int
    temperature: float | None = None
    walkers: int | None = None
    dt: float | None = None
    horizon: float | None = None
    frames: int | None = None
    every: int | None = None
    start: FloatArray | None = None
    earlier: Trajectory | None = None
    precision: float | None = None
    check_dt: bool = False
    question: str | None = None
    samples: tuple[int, ...] | None = None
    dynamics: str | None = None
    measure: str | None = None
    projection: str | None = None
    noise: str | None = None
    integrator: str | None = None
    integrator_dials: Mapping[str, Any] = field(default_factory=dict)
    correction: str | None = None
    weight_decay: float | None = None
    schedule: Callable[[Any], Any] | None = None
    threads: int | None = None
    executor: Executor | None = None
    tasks: int | None = None
    progress: StageCallback | None = None
    journal: Callable[[bool], Journal] | None = None
    aside: bool = False
    extra_meta: Mapping[str, Any] = field(default_factory=dict)
    theories: tuple[OwnTheory, ...] = ()


def check_settings(settings: Settings) -> None:
    """Refuse numbers out of range before anything is walked.

    Raises:
        UsageError: one of them.
    """
    for names, rule, holds in RANGES:
        for name in names:
            value = getattr(settings, name)
            number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
            if value is not None and not (number and math.isfinite(value) and holds(value)):
                raise unfit(name, rule, f"{value!r}")


def _whole(value: float) -> bool:
    return value >= 1 and value == int(value)


#: Settings, the rule for their numbers, and whether a finite number keeps it.
RANGES: tuple[tuple[tuple[str, ...], str, Callable[[float], bool]], ...] = (
    (("temperature", "weight_decay"), "must be finite and at least 0", lambda value: value >= 0),
    (("dt", "horizon"), "must be finite and above 0", lambda value: value > 0),
    (("precision",), "must lie between 0 and 1", lambda value: 0 < value < 1),
    (("walkers", "frames", "every", "threads", "tasks"), "must be a whole number of at least 1", _whole),
    (
        ("seed",),
        "must be a whole number from 0 to 2^64 - 1",
        lambda value: 0 <= value < 2**64 and value == int(value),
    ),
)
