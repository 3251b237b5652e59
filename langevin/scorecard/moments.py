"""When a training memorises and when it generalises, as intervals between recorded steps, and how it ends.

Two words have several meanings in the literature. They are defined here:

    memorised     train accuracy at least 0.99, first recorded step
    generalised   test accuracy at least 0.95, first recorded step after which it stays there for ten recorded steps
                  and for a tenth of the steps so far

An event is known between two recorded steps only. The delay is the number of steps from the one to the other. A run
that does not generalise is *censored*, unless it can be seen that it never will (`Outcome`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from langevin.types import FloatArray

#: Levels of the train and of the test accuracy.
MEMORISED, GENERALISED = 0.99, 0.95
#: Time for which the test accuracy must stay at its level: recorded steps, and a share of the steps so far.
FRAMES, SHARE = 10, 0.1
#: Largest change between the last two quarters of a run that has come to rest: relative for norm and test loss,
#: absolute for the test accuracy.
REST = 0.02
#: Train loss below which the gradient of a cross-entropy vanishes in single precision.
COLLAPSED = 1e-8


class Outcome(StrEnum):
    """How a training ended."""

    DELAYED = "delayed"
    TOGETHER = "no delay"
    CENSORED = "censored"
    PLATEAU = "plateau"
    UNLEARNED = "not memorised"
    COLLAPSED = "collapsed"
    DIVERGED = "diverged"


@dataclass(frozen=True)
class Course:
    """A training as it is recorded, arrays (frames,).

    steps           recorded steps, rising
    train_accuracy, test_accuracy, train_loss, test_loss, norm  at these steps
    diverged        whether a number stopped being finite
    saturates       whether the loss is a cross-entropy, whose gradient can vanish by rounding
    """

    steps: NDArray[np.int64]
    train_accuracy: FloatArray
    test_accuracy: FloatArray
    train_loss: FloatArray
    test_loss: FloatArray
    norm: FloatArray
    diverged: bool = False
    saturates: bool = False


@dataclass(frozen=True)
class Interval:
    """An event after step `after` and at step `by` at the latest; `by` is infinite if it was not seen."""

    after: float
    by: float


@dataclass(frozen=True)
class Moments:
    """The events in a training.

    outcome      how it ended
    memorised    interval of memorisation
    frame        number of the first recorded step at which the network has memorised; -1 for never
    generalised  interval of generalisation
    strict       of the first recorded step at test accuracy 1
    first        of the first recorded step at test accuracy 0.95
    """

    outcome: Outcome
    memorised: Interval
    frame: int
    generalised: Interval
    strict: Interval
    first: Interval


def moments_of(course: Course) -> Moments:
    """The moments of a training."""
    steps = course.steps
    memorised = course.train_accuracy >= MEMORISED
    generalised = sustained(steps, course.test_accuracy >= GENERALISED)
    frame = int(memorised.argmax()) if memorised.any() else -1
    return Moments(
        outcome=_outcome(course, memorised, generalised),
        memorised=interval(steps, memorised),
        frame=frame,
        generalised=interval(steps, generalised, course.test_accuracy >= GENERALISED),
        strict=interval(steps, course.test_accuracy >= 1),
        first=interval(steps, course.test_accuracy >= GENERALISED),
    )


def sustained(steps: NDArray[np.int64], held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The frame from which `held` (frames,) holds for `FRAMES` recorded steps and for `SHARE` of the steps so far.

    Args:
        steps: recorded steps, (frames,).
        held: the condition, (frames,).
    """
    broken = np.flatnonzero(~held)
    ends = np.append(broken, len(held))[np.searchsorted(broken, np.arange(len(held)))]
    last = ends - 1
    lasted = (last - np.arange(len(held)) >= FRAMES) & (steps[np.maximum(last, 0)] >= (1 + SHARE) * steps)
    found: NDArray[np.bool_] = held & lasted
    return found


def interval(
    steps: NDArray[np.int64], reached: NDArray[np.bool_], held: NDArray[np.bool_] | None = None
) -> Interval:
    """The interval of the first recorded step at which `reached` (frames,) is true.

    If it is never true, the event is later than the last step. But if `held` is true at the end, the event may have
    begun where this stretch of `held` begins.

    Args:
        steps: recorded steps, (frames,).
        reached: whether the event has happened, (frames,).
        held: a weaker condition, (frames,); `reached` if None.
    """
    if not reached.any():
        broken = np.flatnonzero(~reached if held is None else ~held)
        return Interval(float(steps[broken[-1]]) if broken.size else 0.0, np.inf)
    at = int(reached.argmax())
    return Interval(float(steps[at - 1]) if at else 0.0, float(steps[at]))


def _outcome(course: Course, memorised: NDArray[np.bool_], generalised: NDArray[np.bool_]) -> Outcome:
    if memorised.any() and generalised.any():
        return Outcome.DELAYED if generalised.argmax() > memorised.argmax() else Outcome.TOGETHER
    if course.diverged:
        return Outcome.DIVERGED
    if generalised.any():
        return Outcome.TOGETHER
    if not memorised.any():
        return Outcome.UNLEARNED
    if course.saturates and course.train_loss[-1] < COLLAPSED:
        return Outcome.COLLAPSED
    return Outcome.PLATEAU if at_rest(course) else Outcome.CENSORED


def at_rest(course: Course) -> bool:
    """Whether norm, test loss and test accuracy are the same in the last two quarters of a training."""
    third, last = (
        (course.steps > begin * course.steps[-1]) & (course.steps <= end * course.steps[-1])
        for begin, end in ((0.5, 0.75), (0.75, 1.0))
    )
    if third.sum() < 2 or last.sum() < 2:
        return False
    for values, scale in ((course.norm, None), (course.test_loss, None), (course.test_accuracy, 1.0)):
        before, after = values[third].mean(), values[last].mean()
        if abs(after - before) > REST * (abs(before) if scale is None else scale):
            return False
    return True
