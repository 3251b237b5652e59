"""The exact delay, of tasks that test the scores themselves: it must be better than every baseline there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from langevin.types import DelayTheory, Forecast, Seen


def _applies(seen: Seen) -> NDArray[np.bool_]:
    return np.isfinite(seen.known)


def _predict(seen: Seen, constants: Sequence[float]) -> Forecast:
    return Forecast(seen.known, seen.known_sd)


exact = DelayTheory(
    formula="the exact delay",
    source="of the linear estimator: closed form; of cube and canal: backward equation, numerically",
    predict=_predict,
    applies=_applies,
    assumes="a task that is solved exactly",
)
