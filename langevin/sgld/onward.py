"""Networks on their way from recorded step to recorded step, in calls that Python can interrupt."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.sgld.progress import Progress, Setup, forward, next_target, record, weights_of
from langevin.stopping import check as check_stop

#: What one compiled call should take, for Ctrl-C waits for its end; steps of the first, of which nothing is known.
CALL_SECONDS, FIRST_CALL = 0.25, 10


class Found(NamedTuple):
    """How far networks have come, the weights of all at recorded steps since, if asked for, and ranks at the end."""

    now: Progress
    visits: list[tuple[int, list[Any]]]
    ranks: NDArray[np.int64] | None = None


def onward(setup: Setup, now: Progress, until: int, seen: bool) -> Generator[Found]:
    """Advance networks to the step `until`, yielding after every call; `seen` asks for the weights."""
    recorded, pace = set(setup.plan.recorded.tolist()), FIRST_CALL
    while now.at < until and now.running.any():
        check_stop()
        began, target = time.perf_counter(), min(next_target(setup.plan, now.at, pace), until)
        after = forward(setup, now, target)
        pace = max(1, int(CALL_SECONDS * (target - now.at) / (time.perf_counter() - began)))
        due = (
            target in recorded and after.running.any()
        )  # a run ends with its last network, not where a call does
        now = record(setup, after) if due else after
        yield Found(now, [(target, weights_of(setup, now))] if seen and due else [])
