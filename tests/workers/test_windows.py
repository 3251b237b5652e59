"""Tasks that are submitted, awaited and cancelled; windows that all parts of a work have passed."""

import os
import signal
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest

from langevin.errors import NumericalError, UsageError, WorkersLost
from langevin.workers import Flag, Leg, Windows, crew_of, legs
from tests.pools import processes


def count(name, flag, at, until):
    """A part that counts up, at a speed that depends on its name, and ends at 7 if it is the odd one."""
    last = min(until, 7) if name == "odd" else until
    time.sleep(0.001 * (at % 4 if name == "odd" else at % 3))
    return Leg(last, list(range(at, last)), last - at, 0.0)


@pytest.mark.parametrize("threads", [1, 2])
def test_windows_come_in_their_order_and_whole(threads):
    """In any order of completion, each part is recorded from its start to its end, in pieces that end together."""

    def goes_on(place):
        return place < 20 and place != 7

    with ThreadPoolExecutor(threads) as executor:
        windows = Windows([0], last=20, steps=3, most=3)
        found = list(legs(executor, count, [("odd",), ("even",)], [0, 0], goes_on, windows))
    odd = [step for window in found if window[0] for step in window[0].found]
    even = [step for window in found if window[1] for step in window[1].found]
    assert odd == list(range(7))
    assert even == list(range(20))
    assert [window[1].at for window in found] == [3, 6, 9, 12, 15, 18, 20]
    assert [window[0] and window[0].at for window in found] == [3, 6, 7, None, None, None, None]


def test_a_part_does_not_run_away_from_the_others():
    """A slow part keeps the other within three windows of it."""
    free, seen = threading.Event(), []

    def task(name, flag, at, until):
        if name == "slow" and at == 0:
            free.wait(20)
        seen.append((name, until))
        if name == "fast" and len(seen) == 3:
            free.set()
        return Leg(until, None, until - at, 1.0)

    with ThreadPoolExecutor(2) as executor:
        windows = Windows([0], last=10, steps=1, most=1)
        list(legs(executor, task, [("slow",), ("fast",)], [0, 0], lambda at: at < 10, windows))
    assert [until for name, until in seen[:3]] == [1, 2, 3]
    assert all(name == "fast" for name, until in seen[:3])


def test_the_length_of_a_window_follows_the_time_of_a_task():
    """1 s for each task, at most sixteen times the window before, whole batches, and not beyond the end."""
    windows = Windows([0], last=1000, steps=10, most=200, batch=4)
    assert [windows.end(0), windows.end(1)] == [8, 16]
    windows.learn(8, 0.01)
    assert windows.end(2) == 16 + 128
    windows.learn(128, 32.0)
    assert windows.end(3) == 144 + 4
    windows.learn(4, 0.0)
    windows.learn(400, 0.1)
    assert windows.end(4) == 148 + 200
    assert windows.end(0) == 8
    assert windows.end(100) == 1000


def stand(flag, seconds):
    began = time.monotonic()
    while time.monotonic() - began < seconds and not flag.raised:
        time.sleep(0.01)
    return time.monotonic() - began


def interrupted(executor, futures):
    with crew_of(executor) as crew:
        for number in range(3):
            crew.submit(number, stand, crew.flag, 30.0)
        futures += crew.tags
        while not futures[0].running():
            time.sleep(0.01)
        raise KeyboardInterrupt


def test_the_end_of_a_block_cancels_what_has_not_begun_and_ends_threads():
    """One thread waits for up to 30 s; a busy machine needs a few seconds."""
    futures = []
    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(KeyboardInterrupt):
            interrupted(executor, futures)
        assert [future.cancelled() for future in futures] == [False, True, True]
        assert futures[0].result() < 20


def end_at_once():
    os.kill(os.getpid(), signal.SIGKILL)


def fail(error):
    raise error


def outcome(executor, task, *arguments):
    with crew_of(executor) as crew:
        crew.submit(0, task, *arguments)
        return crew.finished()


def test_processes_that_die_are_told_in_one_sentence():
    with processes(1) as executor:
        for task in (end_at_once, int):
            with pytest.raises(WorkersLost, match="the workers of the executor were lost") as lost:
                outcome(executor, task)
            assert lost.value.exit_code == 3


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NumericalError("a walk diverged", remedy="take a smaller dt"), NumericalError),
        (CancelledError(), WorkersLost),
        (ConnectionResetError("gone"), WorkersLost),
        (ZeroDivisionError("a mistake"), ZeroDivisionError),
    ],
)
def test_what_a_task_raises_comes_through_and_lost_ways_are_told(error, told):
    with ThreadPoolExecutor(1) as executor, pytest.raises(told) as raised:
        outcome(executor, fail, error)
    assert (raised.value is error) == (told is not WorkersLost)


def test_an_executor_that_is_closed_is_refused():
    with ThreadPoolExecutor(1) as executor:
        pass
    with pytest.raises(UsageError, match="takes no tasks"):
        outcome(executor, int)


def test_a_flag_is_not_raised_elsewhere():
    flag = Flag()
    flag.raised = True
    make, arguments = flag.__reduce__()
    assert not make(*arguments).raised
