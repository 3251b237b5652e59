"""The phase of learning of each network of a run: confusion, memorisation, grokking or comprehension.

The four phases are from Liu, Kitouni, Nolte, Michaud, Tegmark and Williams (2022, arXiv 2205.10343), who draw them over
learning rate and weight decay. They define grokking by a delay of 1000 steps. The meaning of a number of steps depends
on the learning rate, so here the delay is a ratio of steps.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError, unfit
from langevin.types import Trajectory

#: Events: the first recorded step at which the accuracy is 0.95 on the training set, and on the test set.
LEARNED, RIGHT = "memorised_step_95", "generalised_step_95"
#: The test set is late if it takes more than this many times the steps of the training set.
LATE = 2.0


class Phase(IntEnum):
    """How a network learned. The codes are part of the output of a sweep of trainings."""

    CONFUSION = 0
    MEMORISATION = 1
    GROKKING = 2
    COMPREHENSION = 3


def phases(trajectory: Trajectory, late: float = LATE) -> NDArray[np.int64]:
    """The phase of each network (chains,), by the first recorded steps at which its accuracies are 0.95.

    Confusion: the network does not learn the training set. Memorisation: it learns only the training set. Grokking: the
    test set takes more than `late` times the steps of the training set. Comprehension: it takes less.

    Args:
        trajectory: A training run.
        late: The ratio of steps that counts as late, at least 1.

    Raises:
        UsageError: the run does not contain these steps (for example a regression), or `late` is below 1.
    """
    if not late >= 1:
        raise unfit("late", "must be at least 1", f"{late}")
    if not {LEARNED, RIGHT} <= set(trajectory.events):
        raise UsageError(
            "the run has no steps at which its accuracies on training and test set are 0.95",
            "a training on labels with a test set",
            "give the Model `correct` and `test`",
        )
    learned, right = (np.asarray(trajectory.events[name]) for name in (LEARNED, RIGHT))
    found = np.where(right > late * np.maximum(learned, 1), Phase.GROKKING, Phase.COMPREHENSION)
    found = np.where(right < 0, Phase.MEMORISATION, found)
    return np.asarray(np.where(learned < 0, Phase.CONFUSION, found), np.int64)


def phase(trajectory: Trajectory, late: float = LATE) -> tuple[Phase, int]:
    """The most frequent phase of the networks of a run, and its count; of equal counts, the phase with less learning.

    Args:
        trajectory: A training run.
        late: The ratio of steps that counts as late, at least 1.

    Raises:
        UsageError: as `phases`.
    """
    counts = np.bincount(phases(trajectory, late), minlength=len(Phase))
    most = int(counts.argmax())
    return Phase(most), int(counts[most])
