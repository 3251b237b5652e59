"""Runs that stop at a target, as many walkers as the precision asks for."""

from __future__ import annotations

from langevin.errors import UsageError
from langevin.experiment.asked_walk import steps_in, steps_of
from langevin.experiment.ensembles import until_precise
from langevin.experiment.one_ensemble import one_ensemble, walkers_of
from langevin.experiment.settings import Settings
from langevin.types import Integrator, Problem, Stop, Trajectory

#: So many that a theory which is 10 % off is excluded with a power of 80 %, if its times are exponential.
WALKERS = 1000


def first_passages(
    problem: Problem, integrator: Integrator, dt: float, horizon: float, settings: Settings
) -> Trajectory:
    """Run until the mean first-passage time is as precise as is asked for.

    Raises:
        UsageError: frames are asked for, of which a run to a target keeps the first and the last; a time of too many
            steps.
    """
    refuse_frames(settings)
    stop = Stop(correction_of(settings, integrator))

    def more(walkers: range) -> Trajectory:
        return one_ensemble(
            problem,
            integrator,
            settings,
            walkers=walkers,
            steps=steps_in(horizon, dt),
            dt=steps_of(settings, dt),
            seed=settings.seed,
            stop=stop,
        )

    return until_precise(more, walkers_of(settings, WALKERS), settings.precision)[0]


def correction_of(settings: Settings, integrator: Integrator) -> str:
    """The correction of the overshoot: the one asked for, else the shift, and none for steps that are not Gaussian."""
    return settings.correction or ("shift" if integrator.gaussian_steps else "none")


def refuse_frames(settings: Settings) -> None:
    """Refuse frames of a run to a target.

    Raises:
        UsageError: some are asked for.
    """
    given = "--frames" if settings.frames is not None else "--every" if settings.every is not None else None
    if given is not None:
        raise UsageError(
            f"{given} is for runs without a target: one to a target keeps its start and its end",
            f"{given} without a target",
            "leave it out",
        )
