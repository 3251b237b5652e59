"""Which steps of a run are recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError

#: Frames that are recorded of a run, at most.
MOST = 2**24


def schedule(steps: int, frames: int | Sequence[int]) -> NDArray[np.int64]:
    """Recorded steps, rising, from 0 (the initial weights) to `steps`.

    Args:
        steps: Length of the run.
        frames: The steps to record besides 0 and the last, or about how many: then half of them are
            geometric, which shows the approach to the zero-loss set from the first step on,
            and half a regular grid, so that whenever the weights arrive there, the motion after
            arrival is seen at lags over two decades.

    Raises:
        UsageError: fewer than 2 frames, or too many, or a frame outside 0 ... steps.
    """
    if isinstance(frames, int):
        if not 2 <= frames <= MOST:
            raise UsageError(f"frames is {frames}", f"2 frames or more, at most {MOST}", "record at least 2")
        half = -(-frames // 2)
        chosen = np.concatenate([np.geomspace(1, max(steps, 1), half), np.linspace(0, steps, half + 1)])
    else:
        chosen = np.asarray(frames)
        if chosen.size and not (0 <= chosen.min() and chosen.max() <= steps):
            raise UsageError("a frame lies outside the run", f"frames go from 0 to {steps}")
    every = np.concatenate([[0, steps], np.round(chosen)])
    return np.unique(every.astype(np.int64))
