"""Cells: settings of a task, drawn once, their split into calibration and held-out cells, and their resamples.

All dials of a cell are drawn together, not on a grid, so that laws in different dials can be separated. A hash of the
dials decides whether a cell is held out or serves for calibration, so that the split cannot be chosen.

Networks of one cell share data and dials, so cells are the independent units. Held-out cells are drawn again
(bootstrap), because scores are means and medians over many of them. The few calibration cells are left out one
after the other (jackknife). A bootstrap leaves out a third of them at once. Seven constants that are fitted to the
other two thirds then scatter twice as much as constants from independent sets of calibration cells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.measure.bootstrap import seed_of
from langevin.types import FloatArray

#: One cell in this number serves for calibration.
CALIBRATION_SHARE = 4
CALIBRATION, HELD_OUT = "calibration", "held out"
#: Largest number of cells of one seed of a sweep.
SEED_STRIDE = 100_000
#: Largest number of groups of cells that are left out one after the other; significance of a difference.
GROUPS, SIGNIFICANCE = 30, 0.01


@dataclass(frozen=True)
class Cell:
    """A setting of a task: its number, from which all its seeds follow, and its dials."""

    task: str
    number: int
    dials: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the cell, as `parity-017`."""
        return f"{self.task}-{self.number:03d}"

    @property
    def split(self) -> str:
        """Whether the cell is held out or serves for calibration: by the first bytes of the SHA-256 of its dials."""
        text = json.dumps({"task": self.task, **self.dials}, sort_keys=True)
        drawn = int.from_bytes(sha256(text.encode()).digest()[:8], "big")
        return HELD_OUT if drawn % CALIBRATION_SHARE else CALIBRATION

    @property
    def seed(self) -> int:
        """Seed of data, initial weights and noise, different for all cells."""
        return int.from_bytes(sha256(self.name.encode()).digest()[:4], "big")


class Draw:
    """Random dials of one cell, rounded to two digits so that they can be typed."""

    def __init__(self, task: str, number: int) -> None:
        """Args: name of the task, number of the cell; together they are the seed."""
        self._random = np.random.default_rng([number, *task.encode()])

    def number(self, low: float, high: float) -> float:
        """A number whose logarithm is uniform.

        Args:
            low: smallest number.
            high: largest number.
        """
        return float(f"{low * (high / low) ** self._random.random():.2g}")

    def count(self, low: int, high: int) -> int:
        """A whole number whose logarithm is uniform.

        Args:
            low: smallest number.
            high: largest number.
        """
        return round(low * float((high / low) ** self._random.random()))

    def share(self, low: float, high: float) -> float:
        """A number that is uniform.

        Args:
            low: smallest number.
            high: largest number.
        """
        return round(low + (high - low) * self._random.random(), 2)


def drawn(task: str, count: int, dials: Callable[[Draw], Mapping[str, Any]], seed: int = 1) -> list[Cell]:
    """The first `count` cells of a task, whose dials a function draws. Another seed gives cells with other numbers.

    Args:
        task: name of the task.
        count: number of cells.
        dials: draws the dials of a cell.
        seed: from 1 on; decides the numbers of the cells.
    """
    first = (seed - 1) * SEED_STRIDE
    return [Cell(task, number, dials(Draw(task, number))) for number in range(first, first + count)]


def drawn_cells(cell: NDArray[np.str_], name: str, times: int) -> tuple[FloatArray, NDArray[np.intp]]:
    """How often each resample draws each cell, (times, cells), and the cell of each run, (runs,).

    Args:
        cell: name of the cell of each run, (runs,).
        name: of the resampled number; it is the seed.
        times: number of resamples.
    """
    names, of_run = np.unique(cell, return_inverse=True)
    return _draws(len(names), name, times), of_run


def left_out(cell: NDArray[np.str_]) -> FloatArray:
    """How often each run counts, 0 or 1, if one cell after the other is left out: (groups, runs).

    With more than `GROUPS` cells, several are left out together.

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
    """Largest difference by chance, in errors from n parts: Student's two-sided quantile; infinite for one part."""
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
