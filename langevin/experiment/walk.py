"""A walk that a question asks for, by the asker's settings."""

from __future__ import annotations

from typing import Any

from langevin.ensemble import simulate
from langevin.experiment.settings import Settings
from langevin.types import Integrator, Problem, Trajectory


def walk(
    problem: Problem, integrator: Integrator, settings: Settings, *, walkers: int, steps: int, dt: float, every: int
) -> Trajectory:
    """A run of this size, seen by those who asked for it."""
    return simulate(
        problem, integrator, walkers=walkers, steps=steps, dt=dt, every=every,
        **carried(settings, problem.landscape.name),
    )  # fmt: skip


def rounded(number: float) -> float:
    """To two digits, for a default that people read."""
    return float(f"{number:.2g}")


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
