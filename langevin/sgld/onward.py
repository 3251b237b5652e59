"""Networks on their way from recorded step to recorded step, in calls that Python can interrupt."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.sgld.progress import Progress, Setup
from langevin.sgld.travel import Visits, most_stops, next_stops, travel
from langevin.stopping import check as check_stop

#: What one compiled call should take, for Ctrl-C waits for its end; steps of the first, of which nothing is known.
CALL_SECONDS, FIRST_CALL = 0.25, 10


class Found(NamedTuple):
    """How far networks have come, the weights of all at recorded steps since, if asked for, and ranks at the end."""

    now: Progress
    visits: Visits
    ranks: NDArray[np.int64] | None = None


def onward(setup: Setup, now: Progress, until: int, seen: bool) -> Generator[Found]:
    """Advance networks to the step `until`, yielding after every call; `seen` asks for the weights."""
    pace = FIRST_CALL
    while now.at < until and now.running.any():
        check_stop()
        began, at = time.perf_counter(), now.at
        stops = next_stops(setup.plan, at, min(pace, until - at), most_stops(setup, now))
        now, visits = travel(setup, now, stops, seen)
        pace = max(1, int(CALL_SECONDS * (now.at - at) / (time.perf_counter() - began)))
        yield Found(now, visits)
