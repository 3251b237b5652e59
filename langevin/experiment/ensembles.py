"""Ensembles put together: more walkers until the error is small enough, several runs as one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from langevin.ensemble.record import concatenate
from langevin.measure import mean_first_passage_time
from langevin.types import Measurement, Trajectory

MOST_WALKERS = 1_000_000
#: Never more than this many times the walkers so far at once: the estimate of what is needed is itself noisy.
GROWTH = 4


def labelled(trajectory: Trajectory, **labels: int) -> Trajectory:
    """The run with whole-number labels, the same for every walker, among its events."""
    count = trajectory.states.shape[0]
    events: Mapping[str, Any] = {name: np.full(count, value, np.int64) for name, value in labels.items()}
    return Trajectory(
        trajectory.times,
        trajectory.steps,
        trajectory.states,
        trajectory.observables,
        {**trajectory.events, **events},
        trajectory.meta,
    )


def until_precise(
    simulate_more: Callable[[range], Trajectory], walkers: int, precision: float | None
) -> tuple[Trajectory, Measurement]:
    """Run `simulate_more(numbers of walkers)` until the mean first-passage time is precise enough.

    Every walker launched is run to its end, so early arrivals are not preferred.
    """
    trajectory = simulate_more(range(walkers))
    measured = mean_first_passage_time(trajectory)
    while precision is not None and measured.mixed and measured.error > precision * measured.value:
        count = trajectory.states.shape[0]
        needed = math.ceil(count * (measured.error / (precision * measured.value)) ** 2)
        more = min(max(needed, count + walkers), GROWTH * count, MOST_WALKERS) - count
        if more <= 0:
            break
        trajectory = concatenate([trajectory, simulate_more(range(count, count + more))])
        measured = mean_first_passage_time(trajectory)
    return trajectory, measured
