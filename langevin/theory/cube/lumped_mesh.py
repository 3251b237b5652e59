"""The cube's backward equation on cells lumped by permutation.

The n free coordinates are exchangeable, so a cell of the n-dimensional box is determined by its sorted tuple of
one-dimensional cells: C(m+n-1, n) unknowns instead of m^n. Cells grow with their distance from the target, so that a
small target is also resolved.
"""

from __future__ import annotations

import math
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.types import FloatArray


def sorted_cells(free: int, cells: int) -> NDArray[np.int16]:
    """All sorted tuples of `free` cells out of `cells`, shape (C(cells+free-1, free), free).

    The order is by the largest entry first (colexicographic): the row of a tuple a is sum_i C(a_i + i, i + 1), and the
    tuples of only the lowest cells come first.
    """
    rows = np.zeros((1, 0), np.int16)
    for slot in range(free):
        starts = [rows[: comb(last + slot, slot)] for last in range(cells)]
        lasts = np.repeat(np.arange(cells, dtype=np.int16), [len(start) for start in starts])
        rows = np.column_stack([np.concatenate(starts), lasts])
    return rows


def run_lengths(rows: NDArray[np.int16]) -> NDArray[np.int64]:
    """Position of every entry in its run of equal entries, counted from 1, shape of `rows`."""
    runs = np.ones(rows.shape, np.int64)
    for slot in range(1, rows.shape[1]):
        runs[:, slot] = np.where(rows[:, slot] == rows[:, slot - 1], runs[:, slot - 1] + 1, 1)
    return runs


def cell_widths(inside: int, outside: int, fraction: float) -> FloatArray:
    """Widths (inside + outside,) of `inside` equal cells on [0, eps] and of `outside` cells on [eps, 1].

    Outside, faces lie at eps + (1 - eps) (e^(b u) - 1) / (e^b - 1) for equally spaced u, with b >= 0 such that the map
    begins with the density of the inside cells, or b = 0 if cells are then wide enough. A refinement of both numbers
    keeps the map.
    """
    from scipy.optimize import brentq

    ratio = fraction * outside / ((1 - fraction) * inside)
    equal = np.arange(outside + 1) / outside
    growth = brentq(lambda b: b / math.expm1(b) - ratio, 1e-9, 700.0) if ratio < 1 - 1e-6 else 0.0
    places = np.expm1(growth * equal) / math.expm1(growth) if growth else equal
    return np.concatenate([np.full(inside, fraction / inside), (1 - fraction) * np.diff(places)])


def lumped_system(free: int, inside: int, outside: int, fraction: float) -> tuple[Any, FloatArray]:
    """Finite volumes for -Laplacian T = 1 in the unit box, mirror walls, T = 0 on [0, eps]^n.

    `inside` cells span [0, eps], `outside` cells [eps, 1], as in `cell_widths`. The faces of the target lie half a cell
    from the neighbouring centre.

    Returns:
        The symmetric matrix (unknowns, unknowns) in CSR form and the volume of each unknown (unknowns,),
        such that matrix @ T = volumes; the volumes add up to 1 - eps^n.
    """
    from scipy.sparse import coo_array

    cells = inside + outside
    widths = cell_widths(inside, outside, fraction)
    distances = (widths[1:] + widths[:-1]) / 2
    rows = sorted_cells(free, cells)
    runs = run_lengths(rows)
    # Orderings of the tuple, n! / prod(run!), times the product of its widths.
    volumes = np.prod([(slot + 1) * widths[rows[:, slot]] / runs[:, slot] for slot in range(free)], axis=0)
    target = comb(inside + free - 1, free)

    lower_ends, upper_ends, conductances = [], [], []
    for slot in range(free):
        # Only the last entry of a run may increase; otherwise the tuple would not stay sorted.
        movable = rows[:, slot] < (rows[:, slot + 1] if slot + 1 < free else cells - 1)
        low = np.flatnonzero(movable)
        entry = rows[low, slot]
        high = low + np.array([comb(cell + slot, slot) for cell in range(cells)])[entry]
        distance = np.where((low < target) & (high >= target), widths[inside] / 2, distances[entry])
        kept = high >= target
        lower_ends.append(low[kept])
        upper_ends.append(high[kept])
        conductances.append((volumes[low] * runs[low, slot] / (widths[entry] * distance))[kept])
    low, high, conductance = map(np.concatenate, (lower_ends, upper_ends, conductances))
    diagonal = np.bincount(low, conductance, len(rows)) + np.bincount(high, conductance, len(rows))

    between = low >= target
    size = len(rows) - target
    low, high, conductance = (
        (low[between] - target).astype(np.int32),
        (high[between] - target).astype(np.int32),
        conductance[between],
    )
    itself = np.arange(size, dtype=np.int32)
    entries = np.concatenate([-conductance, -conductance, diagonal[target:]])
    places = (np.concatenate([low, high, itself]), np.concatenate([high, low, itself]))
    return coo_array((entries, places), shape=(size, size)).tocsr(), volumes[target:]
