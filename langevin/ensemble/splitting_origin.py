"""The flux out of the origin, and the states at which walkers leave it: the first factor of a rate.

Roaming walkers enter and leave A. A walker that reaches B starts again from the landscape's start at the end of its
chunk, and its time does not count until then. In the steady state of this process, the flux into B is exactly one over
the mean time from the start to B (Hill, Free Energy Transduction in Biology, 1977). It is also the flux out of A (exits
per walker and unit time) times the mean probability over these exits to reach B before A. A new start outside A counts
as an exit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble.beginning import usual_states
from langevin.ensemble.splitting_walks import Course, Crowd, carry, crowd_at
from langevin.errors import NumericalError, UsageError
from langevin.kernels.splitting import HEIGHT, LANE, STATE, STEP
from langevin.kernels.streams import derived_seed, start_uniforms
from langevin.kernels.targets import nearest_target
from langevin.types import Effort, FloatArray, Kernel, Problem, Status

#: Number of steps of a chunk, at whose end walkers that reached B start again.
CHUNK = 512
#: Number of chunks in the shortest and in the longest phase; each phase is twice as long as the one before.
LEAST_CHUNKS, MOST_CHUNKS = 8, 2**13
#: Largest change of the flux in standard errors at which a phase counts as steady, and largest number of additional
#: phases, after the first one with enough exits, in the search for a steady phase.
STEADY, MORE_PHASES = 2.5, 5
#: Number of exits that are counted for each one that is needed: exits come in bursts, so a choice among more of them
#: is less correlated.
SPARE_EXITS = 2
#: Fraction of the roaming walkers that are inside an origin which is chosen for the caller.
SHARE_INSIDE = 0.75
#: Labels of seeds derived from the caller's seed: roaming, the choice among exits, new starts by attempt, rounds.
ROAM, CHOICE, FRESH, ROUND = 0, 1, 2, 64
ATTEMPTS = ROUND - FRESH
#: Number of starts near which the kernels are tested.
TRIED = 8


@dataclass(frozen=True)
class Exits:
    """The result of roaming: flux (replicas,) out of A, per unit time, and starts (replicas, n, width) of climbs.

    A row of `starts` is height, state and memory. `drift` is the change of the flux from the first half of the time
    to the second, in standard errors.
    """

    flux: FloatArray
    starts: FloatArray
    drift: float


@dataclass
class Roamers:
    """Walkers that roam, and counts: starts drawn, the present step, steps of all walkers, and failed walks."""

    crowd: Crowd
    drawn: int
    now: int = 0
    walked: int = 0
    failed: int = 0


def roamers_at_start(course: Course, seed: int, count: int) -> Roamers:
    """Walkers at the landscape's start, outside B; they must visit A before they can leave it.

    Raises:
        UsageError: the start lies in B, or its score is not finite.
    """
    states = fresh_starts(course, seed, 0, count)
    heights(course, states)
    memory = np.zeros((count, course.memory_rows + 1))
    memory[:, -1] = np.inf
    return Roamers(crowd_at(states, memory, np.arange(count)), drawn=count)


def chosen_origin(course: Course, roamers: Roamers, seed: int) -> Course:
    """The course with an origin that is a set of heights; it contains three of four roaming walkers."""
    roam(replace(course, threshold=-math.inf), roamers, seed, LEAST_CHUNKS)
    return replace(course, threshold=float(np.quantile(heights(course, roamers.crowd.states), SHARE_INSIDE)))


def roam(course: Course, roamers: Roamers, seed: int, chunks: int) -> tuple[FloatArray, FloatArray]:
    """Roam for `chunks` chunks; returns the log of exits, and the steps (chunks, walkers) that each walker made."""
    crowd, logs, spent = roamers.crowd, [], np.empty((chunks, roamers.crowd.status.size))
    for chunk in range(chunks):
        last = roamers.now + CHUNK
        logs.append(carry(course, crowd, derived_seed(seed, ROAM), roamers.now, last, roams=True))
        stopped = crowd.status != 0
        spent[chunk] = np.where(stopped, crowd.ended - roamers.now, CHUNK)
        roamers.failed += int((crowd.status[stopped] != Status.HIT).sum())
        if stopped.any():
            logs.append(_start_afresh(course, roamers, stopped, seed, last))
        roamers.now = last
    roamers.walked += int(spent.sum())
    return np.concatenate(logs), spent


def _start_afresh(
    course: Course, roamers: Roamers, stopped: NDArray[np.bool_], seed: int, now: int
) -> FloatArray:
    """Move walkers that reached B to new starts; returns a log of the walkers that are then outside A."""
    rows = np.flatnonzero(stopped)
    states = fresh_starts(course, seed, roamers.drawn, rows.size)
    roamers.drawn += rows.size
    inside, crowd = inside_origin(course, states), roamers.crowd
    crowd.states[rows], crowd.memory[rows] = states, 0.0
    crowd.memory[rows, -1] = np.where(inside, -np.inf, np.inf)
    crowd.status[rows], crowd.ended[rows] = 0, -1
    log = np.zeros((rows.size, STATE + course.dim + course.memory_rows))
    log[:, STEP], log[:, LANE], log[:, HEIGHT] = now, rows, heights(course, states)
    log[:, STATE : STATE + course.dim] = states
    return log[~inside]


def exits(course: Course, roamers: Roamers, seed: int, effort: Effort) -> Exits:
    """Roam until each replica's walkers have left A twice as often as needed; choose an exit for each of its paths.

    The time doubles from phase to phase and only the last phase counts, so about half of the time is discarded, and at
    least the time `effort.burn`. If the flux still changes within a phase, more phases follow.

    Raises:
        NumericalError: walkers leave A too seldom.
    """
    replicas, climbers, burn = effort.replicas, effort.walkers, effort.burn
    burnt = LEAST_CHUNKS if burn is None else math.ceil(burn / (course.dt * CHUNK))
    if burnt * CHUNK > roamers.now:
        roam(course, roamers, seed, burnt - roamers.now // CHUNK)
    chunks, group, wanted = LEAST_CHUNKS, roamers.crowd.status.size // replicas, SPARE_EXITS * climbers
    phases = 0
    while True:
        middle = roamers.now + chunks // 2 * CHUNK
        log, spent = roam(course, roamers, seed, chunks)
        replica = log[:, LANE].astype(np.int64) // group
        counts = np.bincount(replica, minlength=replicas)
        times = spent.reshape(chunks, replicas, group).sum(axis=2) * course.dt
        drift = _drift(replica, log[:, STEP] <= middle, times)
        if counts.min() >= wanted:
            phases += 1
            if abs(drift) <= STEADY or phases > MORE_PHASES or 2 * chunks > MOST_CHUNKS:
                break
        chunks *= 2
        if chunks > MOST_CHUNKS:
            raise NumericalError(
                f"in {roamers.now} steps the {group} roaming walkers of a replica left the origin {counts.min()} "
                f"times, of {wanted} needed",
                remedy="choose an origin that is visited and left more often",
            )
    key = derived_seed(seed, CHOICE)
    chosen = [_choose(log[replica == r], derived_seed(key, r), climbers) for r in range(replicas)]
    return Exits(counts / times.sum(axis=0), np.stack(chosen)[:, :, HEIGHT:], drift)


def _drift(replica: NDArray[np.int64], early: NDArray[np.bool_], times: FloatArray) -> float:
    """Change of the flux from the first half of the times (chunks, replicas) to the second, in standard errors.

    `replica` is the replica of each exit, and `early` is whether the exit is in the first half.
    """
    chunks, replicas = times.shape
    halves = [
        np.bincount(replica[part], minlength=replicas) / time.sum(axis=0)
        for part, time in ((early, times[: chunks // 2]), (~early, times[chunks // 2 :]))
    ]
    change = halves[1] - halves[0]
    error = float(change.std(ddof=1)) / math.sqrt(replicas)
    return float(change.mean()) / error if error > 0.0 else 0.0


def _choose(log: FloatArray, key: int, count: int) -> FloatArray:
    """`count` different rows of the log, chosen at random; each row has the same probability."""
    names = np.arange(log.shape[0], dtype=np.uint64)
    order = np.argsort(start_uniforms(key, names, 1)[:, 0], kind="stable")
    return log[order[:count]]


def fresh_starts(course: Course, seed: int, first: int, count: int) -> FloatArray:
    """Starts of the landscape (count, dim) from number `first` on; each is drawn again until it is outside B.

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
    """The first starts (TRIED, dim) that a landscape draws, inside or outside of B, for a trial of its kernels."""
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
