"""Adaptive multilevel splitting: in each round the lowest paths are killed, and other paths are split above them.

Of N paths, those whose summit is not above the k-th lowest summit are killed, ties too. Each is replaced by a copy of a
survivor drawn at random, up to its first state strictly above that level; after this state it walks with new noise. The
probability to reach B before A is estimated by a product: the surviving fractions of all rounds, and the fraction in B
when k paths or fewer are not in B. For walks in discrete time it is unbiased for every N, k and score, also for a score
that takes few values, because ties die together and paths split strictly above the level (Brehier, Gazeau, Goudenege,
Lelievre and Rousset, Ann. Appl. Probab. 26 (2016) 3559; the algorithm: Cerou and Guyader, Stoch. Anal. Appl. 25 (2007)
417). With a perfect score and k = 1 its relative variance is |log p| / N; for a fraction a = k / N that is discarded
at once it is larger by a / ((1 - a) |log(1 - a)|), 5 % for a = 0.1.

The climb of every path is kept as rows (height, state, memory), in which the heights of one path rise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble.splitting_origin import ROUND
from langevin.ensemble.splitting_walks import Course, climb, crowd_at
from langevin.errors import NumericalError
from langevin.kernels.splitting import HEIGHT, LANE, RETURNED
from langevin.kernels.streams import derived_seed, start_uniforms
from langevin.types import Effort, FloatArray, Status

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Ascent:
    """The state of every replica after a round: summits (replicas, N) of paths, and products of surviving fractions.

    `label` counts the rounds, and `first` is the number of the first replica, which selects the noise. An ascent is
    never changed; the next one replaces it. So an interruption always finds a complete one.
    """

    summits: FloatArray
    histories: Histories
    log_weight: FloatArray
    iterations: IntArray
    level: FloatArray
    probability: FloatArray
    label: int = 0
    walked: int = 0
    failed: int = 0
    first: int = 0

    @property
    def offset(self) -> int:
        """Number of the first path of this ascent among the paths of all replicas."""
        return int(self.first * self.summits.shape[1])

    @property
    def going(self) -> NDArray[np.bool_]:
        """Which replicas (replicas,) are not done."""
        return np.isnan(self.probability)


def set_out(course: Course, starts: FloatArray, seed: int) -> Ascent:
    """Make the first climb of every path, and return the ascent after it.

    Args:
        course: motion, origin, target and score.
        starts: (replicas, N, width) rows of height, state and memory, just outside the origin.
        seed: of all noise and choices.

    Raises:
        NumericalError: a walk diverges or does not end.
    """
    replicas, size, width = starts.shape
    nothing = Ascent(
        summits=np.empty((replicas, size)),
        histories=no_histories(replicas * size, width),
        log_weight=np.zeros(replicas),
        iterations=np.zeros(replicas, np.int64),
        level=np.full(replicas, -np.inf),
        probability=np.full(replicas, np.nan),
    )
    everyone = np.arange(replicas * size)
    return _climbed(course, nothing, everyone, starts.reshape(-1, width), derived_seed(seed, ROUND))


def ascend(
    course: Course,
    now: Ascent,
    effort: Effort,
    seed: int,
    after: Callable[[Ascent], bool | None] | None = None,
) -> Ascent:
    """Split until every replica is done or has died out (then its probability is 0), and return the last ascent.

    Args:
        course: motion, origin, target and score.
        now: the first climb, or an ascent with which `after` was called; the result has the same bits.
        effort: the number k, and the probability below which the search ends with an error.
        seed: the seed of all noise and random choices.
        after: a function that is called with the ascent after every round; if it returns False, no round follows.

    Raises:
        NumericalError: a replica's estimate falls below `effort.least`, or a walk diverges or does not end.
    """
    while True:
        now, dead = _settled(now, effort)
        if not dead.any():
            return now
        now = replace(now, label=now.label + 1)
        key = derived_seed(seed, ROUND + now.label)
        killed = np.flatnonzero(dead)
        parents = survivors(dead, killed, key, now.offset)
        split = first_above(now.histories, parents, now.level[killed // dead.shape[1]])
        now = _climbed(course, now, killed, now.histories.rows[split], key)
        if after and after(now) is False:
            return now


def doomed(summits: FloatArray, level: FloatArray) -> NDArray[np.bool_]:
    """Which paths (replicas, N) die: all whose summit is not above the level (the k-th lowest summit), ties too."""
    return np.asarray(summits <= level[:, None])


def survivors(dead: NDArray[np.bool_], killed: IntArray, key: int, offset: int = 0) -> IntArray:
    """For each killed path a survivor of its replica, drawn at random with equal probabilities.

    `killed` are flat numbers of paths in rising order; these numbers plus `offset` select the random numbers.
    """
    size = dead.shape[1]
    drawn = start_uniforms(key, (killed + offset).astype(np.uint64), 1)[:, 0]
    alive = np.flatnonzero(~dead)
    counts = (~dead).sum(axis=1)
    first = np.cumsum(counts) - counts
    own = killed // size
    return np.asarray(alive[first[own] + (drawn * counts[own]).astype(np.int64)])


def _settled(now: Ascent, effort: Effort) -> tuple[Ascent, NDArray[np.bool_]]:
    """The ascent with the next level, and which paths (replicas, N) die at it.

    Replicas that are done, or have died out, get their probability; in the others the surviving fraction is multiplied.
    """
    kill, size = effort.least_killed, now.summits.shape[1]
    going = np.flatnonzero(now.going)
    level, log_weight = now.level.copy(), now.log_weight.copy()
    iterations, probability = now.iterations.copy(), now.probability.copy()
    level[going] = np.partition(now.summits[going], kill - 1, axis=1)[:, kill - 1]
    dead = doomed(now.summits, level) & now.going[:, None]
    for replica in going:
        count = int(dead[replica].sum())
        if level[replica] == np.inf:
            arrived = float(np.isinf(now.summits[replica]).mean())
            probability[replica] = math.exp(log_weight[replica]) * arrived
        elif count == size:
            probability[replica] = 0.0
        else:
            log_weight[replica] += math.log1p(-count / size)
            iterations[replica] += 1
            if log_weight[replica] < math.log(effort.least):
                raise NumericalError(
                    f"no way to the target was found down to a probability of {effort.least:g}, at score "
                    f"{level[replica]:.6g}",
                    remedy="there is none, or the score does not rise towards the target",
                )
    found = replace(now, level=level, log_weight=log_weight, iterations=iterations, probability=probability)
    return found, dead & found.going[:, None]


def _climbed(course: Course, now: Ascent, paths: IntArray, rows: FloatArray, key: int) -> Ascent:
    """The ascent after `paths` (numbers in rising order) have walked from `rows`, with their new histories."""
    states, memory = rows[:, 1 : 1 + course.dim], rows[:, 1 + course.dim :]
    crowd = crowd_at(states.copy(), np.concatenate([memory, rows[:, :1]], axis=1), paths + now.offset)
    crowd.status[np.isinf(rows[:, 0])] = Status.HIT
    log = climb(course, crowd, key)
    owners = np.concatenate([np.arange(paths.size), log[:, LANE].astype(np.int64)])
    climbed = np.concatenate([rows, log[:, HEIGHT:]])
    order = np.argsort(owners, kind="stable")
    least = np.repeat(now.level, now.summits.shape[1])
    summits = now.summits.copy()
    summits.flat[paths] = crowd.memory[:, -1]
    return replace(
        now,
        summits=summits,
        histories=rewrite(now.histories, paths, climbed[order], owners[order], least),
        walked=now.walked + int(np.maximum(crowd.ended, 0).sum()),
        failed=now.failed + int(((crowd.status != Status.HIT) & (crowd.status != RETURNED)).sum()),
    )


@dataclass(frozen=True)
class Histories:
    """Rows of all paths in one store: those of path p are rows[begin[p] : end[p]]; the first `used` are filled.

    Later histories may share the store: they fill rows after `used`, and do not change earlier rows.
    """

    rows: FloatArray
    begin: IntArray
    end: IntArray
    used: int = 0


def no_histories(paths: int, width: int) -> Histories:
    """An empty store."""
    return Histories(np.empty((0, width)), np.zeros(paths, np.int64), np.zeros(paths, np.int64))


def rewrite(
    histories: Histories, paths: IntArray, rows: FloatArray, owners: IntArray, least: FloatArray
) -> Histories:
    """The histories with new ones of `paths` in place of their old ones.

    Args:
        histories: the earlier ones, which are not changed.
        paths: (n,) numbers of the paths, rising.
        rows: (records, width), sorted by owner and then by height.
        owners: (records,) index in `paths` of the path to which each row belongs.
        least: (all paths,) heights; rows of a path that are not above its height may be dropped.
    """
    counts = np.bincount(owners, minlength=paths.size)
    begin, end = histories.begin.copy(), histories.end.copy()
    begin[paths] = end[paths] = 0
    found = replace(histories, begin=begin, end=end)
    if found.used + rows.shape[0] > found.rows.shape[0]:
        found = _with_room(found, least, rows.shape[0])
    ends = found.used + np.cumsum(counts)
    found.rows[found.used : found.used + rows.shape[0]] = rows
    found.begin[paths], found.end[paths] = ends - counts, ends
    return replace(found, used=found.used + rows.shape[0])


def first_above(histories: Histories, paths: IntArray, heights: FloatArray) -> IntArray:
    """Index in the store of each path's first row strictly above its height; the path's end if there is none."""
    low, high = histories.begin[paths], histories.end[paths]
    while (low < high).any():
        middle = np.minimum((low + high) // 2, histories.rows.shape[0] - 1)
        higher = (low < high) & (histories.rows[middle, 0] > heights)
        low, high = np.where(higher | (low >= high), low, middle + 1), np.where(higher, middle, high)
    return low


def rows_above(histories: Histories, least: FloatArray) -> tuple[FloatArray, IntArray]:
    """The rows above `least`, path after path, and the number of these rows of each path."""
    begin = first_above(histories, np.arange(least.size), least)
    counts = histories.end - begin
    ends = np.cumsum(counts)
    shift = np.repeat(begin - (ends - counts), counts)
    return histories.rows[np.arange(int(ends[-1])) + shift], counts


def histories_of(rows: FloatArray, counts: IntArray) -> Histories:
    """A store of rows, path after path, with `counts` rows of each path, without free rows."""
    ends = np.cumsum(counts)
    return Histories(rows, ends - counts, ends, int(ends[-1]))


def _with_room(histories: Histories, least: FloatArray, wanted: int) -> Histories:
    """Only the rows above `least`, in a new store with free rows: twice the `wanted` number."""
    rows, counts = rows_above(histories, least)
    kept = histories_of(rows, counts)
    room = np.empty((rows.shape[0] + 2 * wanted, rows.shape[1]))
    return replace(kept, rows=np.concatenate([rows, room]))
