"""What every path has climbed: rows (height, state, memory), the heights of one path rising."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langevin.types import FloatArray

IntArray = NDArray[np.int64]


@dataclass
class Histories:
    """Rows of all paths in one store: those of path p are rows[begin[p] : end[p]]; the first `used` are filled."""

    rows: FloatArray
    begin: IntArray
    end: IntArray
    used: int = 0


def no_histories(paths: int, width: int) -> Histories:
    """An empty store."""
    return Histories(np.empty((0, width)), np.zeros(paths, np.int64), np.zeros(paths, np.int64))


def rewrite(
    histories: Histories, paths: IntArray, rows: FloatArray, owners: IntArray, least: FloatArray
) -> None:
    """Give `paths` new histories in place of their old ones.

    Args:
        histories: the store.
        paths: (n,) numbers of the paths, rising.
        rows: (records, width), sorted by owner and then by height.
        owners: (records,) place in `paths` of the path that each row belongs to.
        least: (all paths,) heights; what is no higher may be forgotten.
    """
    counts = np.bincount(owners, minlength=paths.size)
    histories.begin[paths] = histories.end[paths] = 0
    if histories.used + rows.shape[0] > histories.rows.shape[0]:
        _make_room(histories, least, rows.shape[0])
    ends = histories.used + np.cumsum(counts)
    histories.rows[histories.used : histories.used + rows.shape[0]] = rows
    histories.begin[paths], histories.end[paths] = ends - counts, ends
    histories.used += rows.shape[0]


def first_above(histories: Histories, paths: IntArray, heights: FloatArray) -> IntArray:
    """Place in the store of each path's first row that is strictly higher than the height given; its end if none."""
    low, high = histories.begin[paths], histories.end[paths]
    while (low < high).any():
        middle = np.minimum((low + high) // 2, histories.rows.shape[0] - 1)
        higher = (low < high) & (histories.rows[middle, 0] > heights)
        low, high = np.where(higher | (low >= high), low, middle + 1), np.where(higher, middle, high)
    return low


def _make_room(histories: Histories, least: FloatArray, wanted: int) -> None:
    """Keep only rows above `least`, in a store that can take as many again and the wanted ones."""
    begin = first_above(histories, np.arange(least.size), least)
    counts = histories.end - begin
    ends = np.cumsum(counts)
    shift = np.repeat(begin - (ends - counts), counts)
    kept = histories.rows[np.arange(int(ends[-1])) + shift]
    histories.rows = np.concatenate([kept, np.empty((kept.shape[0] + 2 * wanted, kept.shape[1]))])
    histories.begin, histories.end, histories.used = ends - counts, ends, kept.shape[0]
