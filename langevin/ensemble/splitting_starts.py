"""Fresh starts for walks between an origin and a target, and the position of a state between the two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble.beginning import usual_states
from langevin.ensemble.splitting_walks import Course
from langevin.errors import UsageError
from langevin.kernels.streams import derived_seed
from langevin.kernels.targets import nearest_target
from langevin.types import FloatArray, Kernel, Problem

#: Labels of seeds derived from the caller's: roaming, the choice among exits, fresh starts by attempt, rounds.
ROAM, CHOICE, FRESH, ROUND = 0, 1, 2, 64
ATTEMPTS = ROUND - FRESH
#: Starts about which kernels are tried.
TRIED = 8


def fresh_starts(course: Course, seed: int, first: int, count: int) -> FloatArray:
    """Starts number first ... first + count of the landscape, each drawn again until it lies outside B, (count, dim).

    Raises:
        UsageError: the start lies in the target.
    """
    names = np.arange(first, first + count, dtype=np.uint64)
    states, inside = np.empty((count, course.dim)), np.ones(count, bool)
    for attempt in range(ATTEMPTS):
        states[inside] = usual_states(course.problem, derived_seed(seed, FRESH + attempt), names[inside])
        inside = distances(course, states) <= 0.0
        if not inside.any():
            return states
    raise UsageError(
        f"{course.problem.landscape.name} starts inside the target",
        "a start outside the target",
        "give another target, or another start",
    )


def first_starts(problem: Problem, seed: int) -> FloatArray:
    """The first starts that a landscape draws, wherever they lie, (TRIED, dim): for a trial of its kernels."""
    names = np.arange(TRIED, dtype=np.uint64)
    return usual_states(problem, derived_seed(seed, FRESH), names)


def distances(course: Course, states: FloatArray) -> FloatArray:
    """Signed distance of each state (n, dim) to the nearest target."""
    out, which, spare = np.empty((3, states.shape[0]))
    nearest = nearest_target(course.targets)
    nearest(np.ascontiguousarray(states.T), out, which, spare, course.problem.landscape.parameters)
    return out


def heights(course: Course, states: FloatArray) -> FloatArray:
    """Score of each state (n, dim).

    Raises:
        UsageError: a score that is not finite.
    """
    found = -distances(course, states) if course.score is None else _values(course, course.score, states)
    if not np.isfinite(found).all():
        raise UsageError(
            "the score of a state is not a finite number", allowed="the target needs no infinite score"
        )
    return found


def inside_origin(course: Course, states: FloatArray) -> NDArray[np.bool_]:
    """Whether each state (n, dim) lies in A."""
    at = heights(course, states) if course.origin is None else _values(course, course.origin, states)
    return np.asarray(at <= course.threshold)


def _values(course: Course, kernel: Kernel, states: FloatArray) -> FloatArray:
    out = np.empty(states.shape[0])
    kernel(np.ascontiguousarray(states.T), out, course.problem.landscape.parameters)
    return out
