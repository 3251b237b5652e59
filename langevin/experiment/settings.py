"""What the asker of a question may set; None leaves the choice to the question."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from langevin.errors import unfit
from langevin.experiment.own_theory import OwnTheory
from langevin.experiment.stage import Tell
from langevin.types import FloatArray, Journal, Trajectory


@dataclass(frozen=True)
class Settings:
    """Numbers of a run, without its landscape.

    `precision` is a relative standard error to reach by adding walkers; `horizon` the time after which a walker that
    has not arrived is censored, or at which a run without a target ends; `frames` how many states such a run records
    beside the first, or `every` at the multiples of how many steps. `start` is a state (dim,) at which all walkers
    start, or (walkers, dim) one for each. `earlier` is the finished run that is extended.
    `executor` and `tasks` are those of `langevin.simulate` and its watch. `progress` is called between
    chunks with the stage of an ensemble. `journal` gives the journal of the next walk, or with True of one
    that stands `aside` from the run. `said` are entries for the meta of every walk. `theories` are the user's:
    they are compared with the run and change nothing of it.
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
    progress: Tell | None = None
    journal: Callable[[bool], Journal] | None = None
    aside: bool = False
    said: Mapping[str, Any] = field(default_factory=dict)
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
