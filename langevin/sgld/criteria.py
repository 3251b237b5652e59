"""What happens to a network because of what is seen of it: it stops, or its law changes.

Both are decided at recorded steps only, so that chunks change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.sgld.labels import reading
from langevin.sgld.model import Model
from langevin.sgld.records import NUMBERS, Protocol
from langevin.types import FloatArray

#: Criterion to what its number says.
STOPS = {
    "generalised": "steps for which test accuracy 1 has lasted",
    "train_loss": "the train loss at or below which to stop",
}
NEVER = -1


def check_criteria(model: Model, protocol: Protocol) -> None:
    """Refuse a stop that is not known or has no accuracies to go by, and a change of what is no number of the law.

    Raises:
        UsageError: so it is, or its number is out of range.
    """
    for name, number in protocol.stop.items():
        if name not in STOPS:
            known = "; ".join(f"{known}: {meaning}" for known, meaning in STOPS.items())
            raise UsageError(f"there is no criterion {name!r} to stop at", allowed=f"{known}")
        if not math.isfinite(number) or number < 0:
            raise UsageError(f"stop at {name} is {number}", "it must be finite and at least 0")
    unknown = sorted(set(protocol.after_memorisation) - set(NUMBERS))
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no number of the law", allowed=f"these are {', '.join(NUMBERS)}")
    if "learning_rate" in protocol.after_memorisation:
        raise UsageError(
            "the learning rate is the clock of the run",
            "the other numbers of the law",
            "change it by a schedule",
        )
    if ("generalised" in protocol.stop or protocol.after_memorisation) and reading(model).right is None:
        raise UsageError(
            f"the targets of {model.name} are numbers and no labels, so it has no accuracies to decide by",
            "targets that are labels, or `correct`",
            "say by "
            "`correct` of its Model which outputs are right, for instance langevin.sgld.losses.within(0.1)",
        )


def streak(since: NDArray[np.int64], step: int, accuracy: FloatArray) -> NDArray[np.int64]:
    """Step since which test accuracy 1 has lasted (chains,), -1 where it is below."""
    return np.where(accuracy >= 1, np.where(since < 0, step, since), NEVER)


def stops(
    stop: Mapping[str, float], step: int, since: NDArray[np.int64], loss: FloatArray
) -> NDArray[np.bool_]:
    """Which networks (chains,) a criterion stops at this step."""
    done = np.zeros(loss.shape, bool)
    if "generalised" in stop:
        done |= (since >= 0) & (step - since >= stop["generalised"])
    if "train_loss" in stop:
        done |= loss <= stop["train_loss"]
    return done
