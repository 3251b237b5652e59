"""The rounds of a splitting over the workers of an executor, divided by replicas; the bits are the same as without one.

Roaming and the first climb are a few per cent of the work and are done in this process: in them, replicas share the
numbers of new starts, and the decision whether the flux is steady.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from langevin.ensemble.splitting_halfway import least_heights
from langevin.ensemble.splitting_rounds import Ascent, ascend, histories_of, rows_above
from langevin.ensemble.splitting_walks import Course
from langevin.ensemble.spread import bare_problem, content_of
from langevin.kernels.compile import jitable
from langevin.kernels.splitting import build_climb
from langevin.types import Effort
from langevin.workers import Flag, Leg, Windows, legs, opened, packed

#: Largest and smallest number of parts by default, and walks in a round of a part. With this number of walks, the other
#: work of a round takes little time.
TASKS, FEWEST, WALKS = 16, 2, 2000
#: Number of rounds of the first window.
FIRST = 4


@dataclass(frozen=True)
class Climb:
    """Everything that decides the bits of rounds: the course without its threads, the effort and the seed."""

    course: Course
    effort: Effort
    seed: int


def ascend_over(
    executor: Executor,
    course: Course,
    now: Ascent,
    effort: Effort,
    seed: int,
    after: Callable[[Ascent], None],
    tasks: int | None,
) -> Ascent:
    """Split as `ascend` does, over the workers of an executor.

    Args:
        executor: an executor of tasks: threads, processes, a cluster.
        course: motion, origin, target and score, with the number of threads of one task.
        now: the first climb, or an ascent with which `after` was called.
        effort: the number k, and the probability below which the search ends with an error.
        seed: the seed of all noise and random choices.
        after: a function that is called with the ascent after every window, which has several rounds.
        tasks: number of parts into which the replicas are divided.

    Raises:
        UsageError: the landscape cannot be sent, or a worker has another version of it.
        NumericalError: as `ascend`.
        WorkersLost: the workers have died.
    """
    bare = replace(course, problem=bare_problem(course.problem), pool=None)
    climb = Climb(bare, effort, seed)
    sent = packed(executor, climb, course.problem.landscape.name, partial(hashes_of, climb), jitable)
    parts = _parts(now, _cut(len(now.level), effort, tasks))
    windows = Windows([now.label], last=2**53, steps=FIRST, most=np.inf)
    calls = [(sent,)] * len(parts)
    with closing(
        legs(executor, rounds, calls, parts, lambda part: bool(part.going.any()), windows)
    ) as passed:
        for window in passed:
            parts = [leg.at if leg else part for leg, part in zip(window, parts)]
            after(_joined(now, parts))
    return _joined(now, parts)


def hashes_of(climb: Climb) -> dict[str, str]:
    """Hashes of the kernels and of the software, which decide the bits of a climb in addition to its numbers.

    Raises:
        UsageError: a kernel refers to an object that cannot be hashed (see `content_of`).
    """
    landscape = climb.course.problem.landscape
    build: Callable[..., Any] = build_climb
    return content_of(landscape, build(*climb.course.pieces, 0), landscape.parameters)


def rounds(sent: Any, flag: Flag, at: Ascent, until: int) -> Leg:
    """The task of a worker: split some replicas up to the round `until`, or until all are done or have died out."""
    climb: Climb = opened(sent, hashes_of)
    began = time.perf_counter()
    with ThreadPoolExecutor(climb.course.threads) as pool:
        course = replace(climb.course, pool=pool)
        found = ascend(
            course, at, climb.effort, climb.seed, lambda now: now.label < until and not flag.raised
        )
    rows, counts = rows_above(found.histories, least_heights(found))
    found = replace(found, histories=histories_of(rows, counts))
    return Leg(found, None, max(found.label - at.label, 1), time.perf_counter() - began)


def _cut(replicas: int, effort: Effort, tasks: int | None) -> list[slice]:
    """The replicas of each part."""
    usual = min(TASKS, max(FEWEST, replicas * effort.least_killed // WALKS))
    ends = np.linspace(0, replicas, min(tasks or usual, replicas) + 1).round().astype(int).tolist()
    return [slice(begin, end) for begin, end in pairwise(ends)]


def _parts(now: Ascent, cuts: Sequence[slice]) -> list[Ascent]:
    """The ascent divided into parts of some replicas each, before any walk."""
    size = now.summits.shape[1]
    rows, counts = rows_above(now.histories, least_heights(now))
    ends = np.concatenate([[0], np.cumsum(counts)])
    return [
        replace(
            now,
            summits=now.summits[cut],
            histories=histories_of(
                rows[ends[cut.start * size] : ends[cut.stop * size]],
                counts[cut.start * size : cut.stop * size],
            ),
            log_weight=now.log_weight[cut],
            iterations=now.iterations[cut],
            level=now.level[cut],
            probability=now.probability[cut],
            walked=0,
            failed=0,
            first=cut.start,
        )
        for cut in cuts
    ]


def _joined(now: Ascent, parts: Sequence[Ascent]) -> Ascent:
    """The ascent of all replicas, joined from their parts; `now` is the ascent before they were divided."""
    counts = np.concatenate([part.histories.end - part.histories.begin for part in parts])
    return Ascent(
        summits=np.concatenate([part.summits for part in parts]),
        histories=histories_of(np.concatenate([part.histories.rows for part in parts]), counts),
        log_weight=np.concatenate([part.log_weight for part in parts]),
        iterations=np.concatenate([part.iterations for part in parts]),
        level=np.concatenate([part.level for part in parts]),
        probability=np.concatenate([part.probability for part in parts]),
        label=max(part.label for part in parts),
        walked=now.walked + sum(part.walked for part in parts),
        failed=now.failed + sum(part.failed for part in parts),
    )
