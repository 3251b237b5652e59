"""A walk that a question asks for, by the asker's settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langevin.ensemble import simulate
from langevin.experiment.settings import Settings
from langevin.types import Integrator, Problem, StepSchedule, Trajectory, Watch


def walk(
    problem: Problem, integrator: Integrator, question: str, settings: Settings, *, dt: float, **size: Any
) -> Trajectory:
    """The run that belongs to a question, which its meta names; `size` is walkers, steps and every."""
    run = simulate(problem, integrator, **size, **carried(settings, problem.landscape.name, dt))
    return replace(run, meta={**run.meta, "question": question})


def carried(settings: Settings, label: str, dt: float) -> dict[str, Any]:
    """The steps, seed and watch that `simulate` takes; `label` names the run to who watches its progress."""
    progress = settings.progress
    return {
        "dt": dt if settings.schedule is None else StepSchedule(dt, settings.schedule),
        "seed": settings.seed,
        "watch": Watch(
            threads=settings.threads,
            progress=None if progress is None else lambda step, running: progress(label, step, running),
            checkpoint=settings.checkpoint,
        ),
    }
