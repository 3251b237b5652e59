"""A walk that a question asks for, by the settings."""

from __future__ import annotations

from dataclasses import replace

from langevin.ensemble import simulate
from langevin.errors import UsageError
from langevin.experiment.own import signing
from langevin.experiment.settings import Settings
from langevin.landscapes.starts import all_at
from langevin.types import Case, FloatArray, Integrator, Problem, StepSchedule, Trajectory, Watch

KICK_VARIANCE = 1e-3
MOST_STEPS = 2**53


def walk(
    case: Case,
    integrator: Integrator,
    settings: Settings,
    temperature: float,
    dt: float,
    *,
    steps: int,
    every: int,
    walkers: int,
    start: FloatArray | None = None,
) -> Trajectory:
    """A run of a case with the measure, the seed, the schedule and the watch of the settings.

    Args:
        case: landscape and law of motion.
        integrator: the step.
        settings: of the run.
        temperature: theta.
        dt: time of a step, where there is no schedule of its own.
        steps: how many.
        every: steps from a recorded frame to the next, if the settings do not say how many frames.
        walkers: how many, if the settings do not say.
        start: the point (dim,) where all start instead of where the landscape starts them.
    """
    landscape, said = case.landscape, {}
    if start is not None:
        landscape, said = replace(landscape, start=all_at(start)), {"usual_start": False}
        settings = signing(settings, said)
    trajectory = simulate(
        Problem(landscape, temperature, case.dynamics.name, settings.measure),
        integrator,
        walkers=settings.walkers or walkers,
        steps=steps,
        dt=steps_of(settings, dt),
        every=every if settings.frames is None else max(1, steps // settings.frames),
        seed=settings.seed,
        watch=watch_of(settings, case.landscape.name),
    )
    return replace(trajectory, meta={**trajectory.meta, **said})


def steps_in(time: float, dt: float, least: int = 1) -> int:
    """Number of steps of a time, at least so many.

    Raises:
        UsageError: more steps than can be counted.
    """
    if not time / dt < MOST_STEPS:
        raise UsageError(
            f"a time of {time:.3g} takes {time / dt:.3g} steps of dt = {dt:.3g}, of which 2^53 can be counted; lower "
            "--horizon, or raise --dt"
        )
    return max(least, round(time / dt))


def steps_of(settings: Settings, dt: float) -> float | StepSchedule:
    """The step, or the schedule of steps that the settings ask for."""
    return dt if settings.schedule is None else StepSchedule(dt, settings.schedule)


def watch_of(settings: Settings, label: str) -> Watch:
    """Threads, progress and checkpoints of the settings; `label` names the run in its progress."""
    progress = settings.progress
    return Watch(
        threads=settings.threads,
        progress=None if progress is None else lambda step, running: progress(label, step, running),
        checkpoint=settings.checkpoint,
    )


def kick_variance(integrator: Integrator) -> float:
    """Default variance of a kick on a set of unit size; times of order 1/2 in dt ask for a finer one."""
    return KICK_VARIANCE if integrator.weak_order >= 1.0 else KICK_VARIANCE / 16.0


def rounded(number: float) -> float:
    """To two digits, for a default that people read."""
    return float(f"{number:.2g}")
