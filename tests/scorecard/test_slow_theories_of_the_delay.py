"""A theory that takes too long is refused by a message, if it computes, loops without end or sleeps."""

import time
from threading import Event

import numpy as np
import pytest

from langevin.delays.slow_clock import slow_clock
from langevin.errors import UsageError
from langevin.scorecard import forecast
from langevin.scorecard.report import scorecard
from langevin.scorecard.table import runs_of
from langevin.types import DelayTheory, WhetherTheory
from tests.trainings import made_up


def scored(predict, **more):
    theories = {"slow": DelayTheory("a formula", "a test", predict, **more), "slow-clock": slow_clock}
    return scorecard(runs_of(made_up(cells=30)), theories, {})


def computing(seconds):
    """Use this processor time in this thread."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@pytest.mark.parametrize("function", ["predict", "applies"])
def test_a_call_that_computes_for_too_long_is_refused(function, monkeypatch):
    monkeypatch.setattr(forecast, "LONGEST", 0.05)

    def slow(seen, *_):
        computing(0.1)
        return seen.norm > 0

    fast = {"predict": lambda seen, _: 3 + 0 * seen.norm, "applies": lambda seen: seen.norm > 0}
    with pytest.raises(UsageError, match=rf"`{function}` of 'a formula' took 0\.1\d* seconds of processor"):
        scored(**{**fast, function: slow})


def test_a_call_within_the_limit_is_scored(monkeypatch):
    """The limit is on the time of the thread: time of other threads, or without computation, is not counted."""
    monkeypatch.setattr(forecast, "LONGEST", 0.05)

    def waiting(seen, _):
        time.sleep(0.1)
        return np.full(len(seen.norm), 3.0)

    assert scored(waiting).tasks["made-up"].entries["slow"].n > 0


def test_a_loop_without_an_end_is_left(monkeypatch):
    monkeypatch.setattr(forecast, "LONGEST_WAIT", 0.3)
    over = Event()  # the thread of the loop continues after the refusal, and ends with the test

    def endless(seen, _):
        while not over.is_set():
            pass
        return seen.norm

    with pytest.raises(UsageError, match=r"has not returned after 0\.3 seconds"):
        scored(endless)
    over.set()


def test_a_sleeping_call_is_left(monkeypatch):
    monkeypatch.setattr(forecast, "LONGEST_WAIT", 0.3)
    over = Event()
    with pytest.raises(UsageError, match=r"has not returned after 0\.3 seconds"):
        scored(lambda seen, _: over.wait(60) and seen.norm)
    over.set()


def test_a_theory_of_whether_is_watched_too(monkeypatch):
    monkeypatch.setattr(forecast, "LONGEST", 0.05)
    rows = [row | ({"outcome": "plateau"} if row["norm"] < 12 else {}) for row in made_up(cells=30)]
    slow = WhetherTheory("whether", "a test", lambda seen, _: [computing(0.1), 0.5][1])
    with pytest.raises(UsageError, match="`predict` of 'whether' took"):
        scorecard(runs_of(rows), {"slow-clock": slow_clock}, {"slow": slow})
