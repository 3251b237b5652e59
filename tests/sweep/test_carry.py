"""Tasks over executors whose workers may die."""

import os
import signal
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from langevin.sweep.pool import Lost, carry_out, processes


class Fragile(Executor):
    """An executor that dies at one task, with all tasks that it has received."""

    def __init__(self, poison):
        self.poison, self.handed = poison, []

    def submit(self, work, task):
        if any(future.done() for future, _ in self.handed):
            raise BrokenProcessPool("broken")
        future = Future()
        self.handed.append((future, task))
        if task == self.poison:
            for other, _ in self.handed:
                other.set_exception(BrokenProcessPool("a worker died"))
        return future

    def finish(self, work):
        for future, task in self.handed:
            if not future.done():
                future.set_result(work(task))


def test_results_and_exceptions_are_told_once_each():
    told = {}

    def work(task):
        if task == 3:
            raise ValueError("three")
        return task * task

    with ThreadPoolExecutor(2) as pool:
        carry_out(
            range(7), work, lambda: pool, 3, lambda task, result: told.setdefault(task, []).append(result)
        )
    assert {task: results[0] for task, results in told.items() if task != 3} == {
        k: k * k for k in range(7) if k != 3
    }
    assert [type(result) for result in told[3]] == [ValueError]
    assert all(len(results) == 1 for results in told.values())


def test_a_task_that_kills_its_worker_is_found_and_the_others_are_made():
    told, pools = {}, []

    def executor():
        pools.append(Fragile(poison=2))
        return pools[-1]

    carry_out(
        range(5),
        int,
        executor,
        3,
        lambda task, result: told.__setitem__(task, result),
        lambda: pools[-1].finish(int),
    )
    assert isinstance(told.pop(2), Lost)
    assert told == {0: 0, 1: 1, 3: 3, 4: 4}


def kill_or_name(task):
    if task == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_processes_are_made_anew_when_one_is_killed():
    told = {}
    with processes(1) as renewed:
        carry_out(
            ["a", "kill", "b"], kill_or_name, renewed, 1, lambda task, result: told.__setitem__(task, result)
        )
    assert isinstance(told["kill"], Lost)
    assert len({told["a"], told["b"], os.getpid()}) == 3


def deaf(file):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    file.touch()
    time.sleep(600)


def test_a_process_that_does_not_heed_its_end_is_killed(tmp_path):
    file, began, futures = tmp_path / "begun", time.monotonic(), []

    def stopped():
        with processes(1, patience=0.1) as renewed:
            futures.append(renewed().submit(deaf, file))
            while not file.exists():
                time.sleep(0.02)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert isinstance(futures[0].exception(), BrokenProcessPool)
    assert time.monotonic() - began < 300


def test_a_signal_cancels_what_has_not_begun():
    made = []

    class Interrupted(Executor):
        def submit(self, work, task):
            future = Future()
            made.append(future)
            if task == 1:
                raise KeyboardInterrupt
            return future

    with pytest.raises(KeyboardInterrupt):
        carry_out(range(5), int, Interrupted, 3, print)
    assert made[0].cancelled()
