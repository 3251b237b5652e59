"""Cells: settings of a task, drawn once for all, and their split into calibration and held-out ones.

All dials of a cell are drawn together, not on a grid, so that a law in one dial cannot hide behind another. A cell is
held out, or serves for calibration, by a hash of its dials, so that the split cannot be chosen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

#: One cell in this number serves for calibration.
CALIBRATION_SHARE = 4
CALIBRATION, HELD_OUT = "calibration", "held out"
#: Cells of one seed of a sweep, at most.
SEED_STRIDE = 100_000


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
        """Seed of data, initial weights and noise: no two cells share one."""
        return int.from_bytes(sha256(self.name.encode()).digest()[:4], "big")


class Draw:
    """Random dials of one cell, rounded to two digits so that they can be typed."""

    def __init__(self, task: str, number: int) -> None:
        """Args: name of the task, number of the cell; together they are the seed."""
        self._random = np.random.default_rng([number, *task.encode()])

    def number(self, low: float, high: float) -> float:
        """A number whose logarithm is uniform."""
        return float(f"{low * (high / low) ** self._random.random():.2g}")

    def count(self, low: int, high: int) -> int:
        """A whole number whose logarithm is uniform."""
        return round(low * float((high / low) ** self._random.random()))

    def share(self, low: float, high: float) -> float:
        """A number that is uniform."""
        return round(low + (high - low) * self._random.random(), 2)


def drawn(task: str, count: int, dials: Callable[[Draw], Mapping[str, Any]], seed: int = 1) -> list[Cell]:
    """The first `count` cells of a task, whose dials a function draws; another seed has cells of other numbers."""
    first = (seed - 1) * SEED_STRIDE
    return [Cell(task, number, dials(Draw(task, number))) for number in range(first, first + count)]
