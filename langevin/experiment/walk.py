"""A walk that a question asks for, by the asker's settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langevin.ensemble import simulate
from langevin.experiment.settings import Settings
from langevin.types import Integrator, Problem, Trajectory


def walk(
    problem: Problem, integrator: Integrator, question: str, settings: Settings, **size: Any
) -> Trajectory:
    """The run that belongs to a question, which its meta names; `size` is walkers, steps, dt and every."""
    run = simulate(problem, integrator, **size, **carried(settings, problem.landscape.name))
    return replace(run, meta={**run.meta, "question": question})


def carried(settings: Settings, label: str) -> dict[str, Any]:
    """The settings that `simulate` takes as they are; `label` names the run to who watches its progress."""
    progress = settings.progress
    return {
        "schedule": settings.schedule,
        "seed": settings.seed,
        "threads": settings.threads,
        "progress": None if progress is None else lambda step, running: progress(label, step, running),
        "checkpoint": settings.checkpoint,
    }
