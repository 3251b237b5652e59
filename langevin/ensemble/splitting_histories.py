"""What every path has climbed: rows (height, state, memory), the heights of one path rising."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langevin.types import FloatArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """Rows of all paths in one store: those of path p are rows[begin[p] : end[p]]; the first `used` are filled.

    Later histories may share the store: they fill it after `used`, and do not change what is before.
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
        histories: of before, which stay as they are.
        paths: (n,) numbers of the paths, rising.
        rows: (records, width), sorted by owner and then by height.
        owners: (records,) place in `paths` of the path that each row belongs to.
        least: (all paths,) heights; what is no higher may be forgotten.
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
    """Place in the store of each path's first row that is strictly higher than the height given; its end if none."""
    low, high = histories.begin[paths], histories.end[paths]
    while (low < high).any():
        middle = np.minimum((low + high) // 2, histories.rows.shape[0] - 1)
        higher = (low < high) & (histories.rows[middle, 0] > heights)
        low, high = np.where(higher | (low >= high), low, middle + 1), np.where(higher, middle, high)
    return low


def rows_above(histories: Histories, least: FloatArray) -> tuple[FloatArray, IntArray]:
    """The rows above `least`, path after path, and how many each path has of them."""
    begin = first_above(histories, np.arange(least.size), least)
    counts = histories.end - begin
    ends = np.cumsum(counts)
    shift = np.repeat(begin - (ends - counts), counts)
    return histories.rows[np.arange(int(ends[-1])) + shift], counts


def histories_of(rows: FloatArray, counts: IntArray) -> Histories:
    """A store of rows, path after path, with `counts` rows of each path; it has no room for more."""
    ends = np.cumsum(counts)
    return Histories(rows, ends - counts, ends, int(ends[-1]))


def _with_room(histories: Histories, least: FloatArray, wanted: int) -> Histories:
    """The rows above `least` only, in a store of their own that can take as many again and the wanted ones."""
    rows, counts = rows_above(histories, least)
    kept = histories_of(rows, counts)
    room = np.empty((rows.shape[0] + 2 * wanted, rows.shape[1]))
    return replace(kept, rows=np.concatenate([rows, room]))
