"""Runs that stop at a target, as many walkers as the precision asks for."""

from __future__ import annotations

import math

from langevin.ensemble import simulate
from langevin.experiment.ensembles import until_precise
from langevin.experiment.settings import Settings
from langevin.experiment.walk import steps_of, watch_of
from langevin.types import Integrator, Problem, Stop, Trajectory

#: So many that a theory which is 10 % off is excluded with a power of 80 %, if its times are exponential.
WALKERS = 1000


def first_passages(
    problem: Problem, integrator: Integrator, dt: float, horizon: float, settings: Settings
) -> Trajectory:
    """Run until the mean first-passage time is as precise as is asked for."""
    stop = Stop(settings.correction)

    def more(walkers: range) -> Trajectory:
        return simulate(
            problem,
            integrator,
            walkers=walkers,
            steps=math.ceil(horizon / dt),
            dt=steps_of(settings, dt),
            seed=settings.seed,
            stop=stop,
            watch=watch_of(settings, problem.landscape.name),
        )

    return until_precise(more, settings.walkers or WALKERS, settings.precision)[0]
