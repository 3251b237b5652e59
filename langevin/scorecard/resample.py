"""Resamples of cells: networks of one cell share data and dials, so that a cell is what is independent.

Held-out cells are drawn again (bootstrap), because scores are means and medians over many of them. Of the few
calibration cells one after the other is left out (jackknife): a bootstrap leaves out a third of them at once, and seven
constants that are fitted to the rest scatter by twice as much as those of independent sets of calibration cells.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from langevin.measure.bootstrap import seed_of
from langevin.types import FloatArray

#: Largest number of groups of cells that are left out one after the other; significance of a difference.
GROUPS, SIGNIFICANCE = 30, 0.01


def drawn_cells(cell: NDArray[np.str_], name: str, times: int) -> tuple[FloatArray, NDArray[np.intp]]:
    """How often each cell is drawn in each resample of them, (times, cells), and the cell of each run, (runs,).

    Args:
        cell: name of the cell of each run, (runs,).
        name: what is resampled; it is the seed.
        times: number of resamples.
    """
    names, of_run = np.unique(cell, return_inverse=True)
    return _draws(len(names), name, times), of_run


def left_out(cell: NDArray[np.str_]) -> FloatArray:
    """How often each run counts, 0 or 1, if one cell after the other is left out: (groups, runs).

    Of more than `GROUPS` cells several are left out together.

    Args:
        cell: name of the cell of each run, (runs,).
    """
    names, of_run = np.unique(cell, return_inverse=True)
    groups = min(len(names), GROUPS)
    return np.asarray(np.arange(groups)[:, None] != of_run % groups, float)


def jackknife_error(values: FloatArray) -> FloatArray:
    """Standard error (...) of a number whose values (groups, ...) are without one group after the other.

    B. Efron and C. Stein, Ann. Stat. 9 (1981) 586.
    """
    groups = len(values)
    squares = ((values - values.mean(axis=0)) ** 2).sum(axis=0)
    return (
        np.asarray(np.sqrt((groups - 1) / groups * squares))
        if groups > 1
        else np.full(values.shape[1:], np.inf)
    )


def decisive(n: int) -> float:
    """Errors from n parts beyond which a difference is not chance: Student's, two-sided; infinite for one."""
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 1 - SIGNIFICANCE / 2)) if n > 1 else np.inf


@cache
def _draws(cells: int, name: str, times: int) -> FloatArray:
    if not cells:
        return np.zeros((times, 0))
    random = np.random.default_rng(seed_of(name))
    draws = random.multinomial(cells, np.full(cells, 1 / cells), size=times).astype(float)
    draws.setflags(write=False)
    return draws
