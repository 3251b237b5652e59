"""What the asker of a question may set; None leaves the choice to the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from langevin.types import FloatArray, Journal, Trajectory


@dataclass(frozen=True)
class Settings:
    """Numbers of a run beside its landscape.

    `precision` is a relative standard error to reach by adding walkers; `horizon` the time after which a walker that
    has not arrived is censored, or at which a run without a target ends; `frames` how many states such a run records
    beside the first, or `every` at the multiples of how many steps. `start` is a state (dim,) at which all walkers
    start, or (walkers, dim) one for each. `earlier` is the finished run that is extended.
    `executor` and `tasks` are those of `langevin.simulate` and its watch. `progress` is called between
    chunks with (label, steps done, walkers running). `journal` gives the journal of the next walk, or with True of one
    that stands `aside` from the run. `said` are entries for the meta of every walk.
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
    progress: Callable[[str, int, int], None] | None = None
    journal: Callable[[bool], Journal] | None = None
    aside: bool = False
    said: Mapping[str, Any] = field(default_factory=dict)
