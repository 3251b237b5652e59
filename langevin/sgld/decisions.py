"""What a recorded step decides of the networks of a run: which diverge, end, or change their law."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NumericalError
from langevin.sgld.criteria import fulfilled, holding, streak
from langevin.sgld.kept import KIND, reached
from langevin.sgld.observers import STANDARD
from langevin.sgld.progress import Frame, Progress, Setup, changed_states
from langevin.types import FloatArray, Status


class Sight(NamedTuple):
    """Networks as they are seen at a recorded step, whether or not they are running.

    Observables (chains,), sketches (chains, size), the memory of observables (chains, width), and a function that gives
    the weights as rows (chains, parameters).
    """

    values: dict[str, FloatArray]
    sketches: FloatArray
    memory: FloatArray
    rows: Callable[[], NDArray[np.float32]]


def decide(setup: Setup, now: Progress, sight: Sight) -> Progress:
    """The run with this frame. A number that is not finite is a divergence; a criterion may stop or change a network.

    A network that has stopped keeps the values of the last frame that it reached.

    Raises:
        NumericalError: the loss or an observable is not finite at the initial weights.
    """
    plan, values, sketches = setup.plan, sight.values, sight.sketches
    status, end = now.status.copy(), now.end.copy()
    finite: NDArray[np.bool_] = np.all(np.isfinite([*values.values()]), axis=0)
    if now.draws == 0:
        check_first(setup, values, finite)
    lost = now.running & ~finite
    status[lost], end[lost] = Status.DIVERGED, now.at
    moving = now.running & ~lost
    if now.draws and not moving.all():
        before = now.frames[now.draws - 1]
        values = {name: np.where(moving, value, before.values[name]) for name, value in values.items()}
        sketches = np.where(moving[:, None], sketches, before.states)
    nowhere = np.zeros(status.size)  # a regression has no accuracies, and nothing is decided by them
    test, train = (values.get(f"{part}_accuracy", nowhere) for part in ("test", "train"))
    held = holding(plan.criteria, values, status.size)
    since = np.where(moving[:, None], streak(now.since, now.at, held), now.since)
    arrived = moving & fulfilled(plan.criteria, now.at, since).any(axis=1)
    status[arrived], end[arrived] = Status.HIT, now.at
    learned = moving & (train >= 1) & (now.changed < 0) & bool(plan.protocol.after_memorisation)
    seen = reached(setup.levels, train, test, values["train_loss"])
    fresh = moving[:, None] & seen & (now.marked < 0) & (now.marks.shape[2] > 0)
    keeps = now.at in setup.keeps
    weights = sight.rows() if keeps or fresh.any() else np.empty((status.size, 0), KIND)
    marks = np.where(fresh[:, :, None], weights[:, None], now.marks) if fresh.any() else now.marks
    del now.frames[now.draws :]
    now.frames.append(Frame(values, sketches, weights if keeps else weights[:, :0]))
    return now._replace(
        marked=np.where(fresh, now.at, now.marked),
        marks=marks,
        states=changed_states(setup, now, learned),
        status=status,
        end=end,
        since=since,
        changed=np.where(learned, now.at, now.changed),
        memory=np.where(moving[:, None], sight.memory, now.memory),
        draws=now.draws + 1,
    )


def check_first(setup: Setup, values: dict[str, FloatArray], finite: NDArray[np.bool_]) -> None:
    """Refuse initial weights at which the loss or an observable is not finite.

    Raises:
        NumericalError: it is not.
    """
    if finite.all():
        return
    bad = [name for name, value in values.items() if not np.isfinite(value).all()]
    own = not set(bad) & set(STANDARD)
    what, remedy = (f"the observable {bad[0]}", "correct it") if own else ("the loss", "check its data")
    raise NumericalError(f"{what} of {setup.model.name} is not finite at its initial weights", remedy=remedy)
