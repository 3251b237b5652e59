"""Adaptive multilevel splitting: kill the paths that climbed least, and split the others above them.

Of N paths those no higher than the k-th lowest summit are killed, ties with it too; each is replaced by a copy of a
survivor drawn at random, up to its first state strictly above that level, and from there on it walks anew. The
probability to reach B before A is estimated by the product of the surviving shares and the share that is in B once k
paths or fewer are not. For walks in discrete time it is unbiased for every N, k and score, also one that
takes few values, because ties die together and paths split strictly above the level (Brehier, Gazeau, Goudenege,
Lelievre and Rousset, Ann. Appl. Probab. 26 (2016) 3559; the algorithm: Cerou and Guyader, Stoch. Anal. Appl. 25 (2007)
417). With a perfect score and k = 1 its relative variance is |log p| / N; for a share a = k / N that dies at once it is
larger by a / ((1 - a) |log(1 - a)|), 5 % for a = 0.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble.splitting_histories import Histories, first_above, no_histories, rewrite
from langevin.ensemble.splitting_starts import ROUND
from langevin.ensemble.splitting_walks import Course, climb, crowd_at
from langevin.errors import NumericalError
from langevin.kernels.splitting import HEIGHT, LANE, RETURNED
from langevin.kernels.streams import derived_seed, start_uniforms
from langevin.types import Effort, FloatArray, Status

IntArray = NDArray[np.int64]


@dataclass
class Ascent:
    """What is known of every replica so far: paths (replicas, N) by their summits, and the product of shares."""

    summits: FloatArray
    histories: Histories
    log_weight: FloatArray
    iterations: IntArray
    level: FloatArray
    probability: FloatArray
    walked: int = 0
    failed: int = 0


def ascend(
    course: Course, starts: FloatArray, effort: Effort, seed: int, progress: Callable[[int, int], None] | None
) -> Ascent:
    """Split until every replica is done or has died out, which counts as the probability 0.

    Args:
        course: motion, origin, target and score.
        starts: (replicas, N, width) rows of height, state and memory, just outside the origin.
        effort: the number k, and the probability below which the search is given up.
        seed: of all noise and choices.
        progress: called after every round with (round, replicas on the way).

    Raises:
        NumericalError: a replica's estimate falls below `effort.least`, or a walk diverges or does not end.
    """
    kill, (replicas, size, width) = effort.least_killed, starts.shape
    now = Ascent(
        summits=np.empty((replicas, size)),
        histories=no_histories(replicas * size, width),
        log_weight=np.zeros(replicas),
        iterations=np.zeros(replicas, np.int64),
        level=np.full(replicas, -np.inf),
        probability=np.full(replicas, np.nan),
    )
    everyone = np.arange(replicas * size)
    _set_out(course, now, everyone, starts.reshape(-1, width), derived_seed(seed, ROUND))
    label = 0
    while True:
        going = np.flatnonzero(np.isnan(now.probability))
        now.level[going] = np.partition(now.summits[going], kill - 1, axis=1)[:, kill - 1]
        dead = doomed(now.summits, now.level) & np.isnan(now.probability)[:, None]
        _settle(now, going, dead, effort.least)
        dead &= np.isnan(now.probability)[:, None]
        if not dead.any():
            return now
        label += 1
        key = derived_seed(seed, ROUND + label)
        killed = np.flatnonzero(dead)
        parents = survivors(dead, killed, key)
        split = first_above(now.histories, parents, now.level[killed // size])
        _set_out(course, now, killed, now.histories.rows[split], key)
        if progress:
            progress(label, going.size)


def doomed(summits: FloatArray, level: FloatArray) -> NDArray[np.bool_]:
    """Which paths (replicas, N) die: all that came no higher than the level, the k-th lowest summit, ties too."""
    return np.asarray(summits <= level[:, None])


def survivors(dead: NDArray[np.bool_], killed: IntArray, key: int) -> IntArray:
    """For each of the killed (flat numbers, rising) a survivor of its replica, all with the same chance."""
    size = dead.shape[1]
    drawn = start_uniforms(key, killed.astype(np.uint64), 1)[:, 0]
    alive = np.flatnonzero(~dead)
    counts = (~dead).sum(axis=1)
    first = np.cumsum(counts) - counts
    own = killed // size
    return np.asarray(alive[first[own] + (drawn * counts[own]).astype(np.int64)])


def _settle(now: Ascent, going: IntArray, dead: NDArray[np.bool_], least: float) -> None:
    """Finish replicas that have arrived, or died out; multiply the surviving shares of the others."""
    size = dead.shape[1]
    for replica in going:
        count = int(dead[replica].sum())
        if now.level[replica] == np.inf:
            arrived = float(np.isinf(now.summits[replica]).mean())
            now.probability[replica] = math.exp(now.log_weight[replica]) * arrived
        elif count == size:
            now.probability[replica] = 0.0
        else:
            now.log_weight[replica] += math.log1p(-count / size)
            now.iterations[replica] += 1
            if now.log_weight[replica] < math.log(least):
                raise NumericalError(
                    f"no way to the target was found down to a probability of {least:g}, at score "
                    f"{now.level[replica]:.6g}",
                    remedy="there is none, or the score does not rise towards the target",
                )


def _set_out(course: Course, now: Ascent, paths: IntArray, rows: FloatArray, key: int) -> None:
    """Let `paths` (rising) walk from `rows`, and write down what they climb."""
    states, memory = rows[:, 1 : 1 + course.dim], rows[:, 1 + course.dim :]
    crowd = crowd_at(states.copy(), np.concatenate([memory, rows[:, :1]], axis=1), paths)
    crowd.status[np.isinf(rows[:, 0])] = Status.HIT
    log = climb(course, crowd, key)
    now.walked += int(np.maximum(crowd.ended, 0).sum())
    now.failed += int(((crowd.status != Status.HIT) & (crowd.status != RETURNED)).sum())
    owners = np.concatenate([np.arange(paths.size), log[:, LANE].astype(np.int64)])
    climbed = np.concatenate([rows, log[:, HEIGHT:]])
    order = np.argsort(owners, kind="stable")
    least = np.repeat(now.level, now.summits.shape[1])
    rewrite(now.histories, paths, climbed[order], owners[order], least)
    now.summits.flat[paths] = crowd.memory[:, -1]
