"""Run tests against the present tree, in a fork of a process that has already imported the heavy libraries.

    python -m tests.mutants.worker

reads jobs as lines of JSON, each a list of batches of tests with their processor seconds and a budget, and writes one
line for each: whether a test failed, which one, and the processor seconds used. The fork imports the present langevin
and tests from its working folder. A test that takes many times its processor time ends the fork.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import tempfile
import warnings
from typing import Any, NoReturn

import pytest

from tests.mutants.cover import OPTIONS, seconds

#: Modules that are imported once for all jobs: slow ones, and none of langevin.
HEAVY = (
    "numba",
    "scipy.integrate",
    "scipy.optimize",
    "scipy.sparse.linalg",
    "scipy.special",
    "scipy.stats",
    "h5py",
)
HEAVY += ("scipy.spatial", "scipy.interpolate", "hypothesis", "click", "llvmlite.binding", "jax", "jax.numpy")
#: A test may take this multiple of its seconds, plus this number of seconds, because kernels may have to be compiled.
TIMES, MORE = 10, 60
#: The limit of clock time as a multiple of this: a test that waits without end takes no processor time.
PATIENCE = 10
PASSED = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


class Watch:
    """A plug-in: tests of one batch in their order, the first failure, the budget and the limit of each test."""

    def __init__(self, expected: dict[str, float], budget: float, answer: dict[str, Any], note: int) -> None:
        """Take the tests with their seconds, in their order; the file `note` gets the answer before every test."""
        self.expected, self.budget, self.answer, self.note = expected, budget, answer, note
        self.order = {name: place for place, name in enumerate(expected)}

    def pytest_collection_modifyitems(self, items):
        chosen = [item for item in items if item.nodeid in self.order]
        items[:] = sorted(chosen, key=lambda item: self.order[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item):
        limit = int(TIMES * self.expected[item.nodeid] + MORE)
        used = resource.getrusage(resource.RUSAGE_SELF)
        last = int(used.ru_utime + used.ru_stime) + limit
        resource.setrlimit(resource.RLIMIT_CPU, (last, resource.RLIM_INFINITY))
        signal.alarm(PATIENCE * limit)
        self.answer |= {"test": item.nodeid, "ran": self.answer["ran"] + 1}
        written(
            self.note, {**self.answer, "failed": True}
        )  # this is the result if the process ends in the test

    def pytest_runtest_logreport(self, report):
        self.answer["failed"] |= report.failed

    def pytest_runtest_teardown(self, item, nextitem):
        if seconds() > self.budget and nextitem is not None:
            self.answer["spent"] = True
            item.session.shouldstop = "its budget is spent"


def written(note: int, answer: dict[str, Any]) -> None:
    """Replace the content of a file by one answer."""
    os.ftruncate(note, 0)
    os.pwrite(note, json.dumps(answer).encode(), 0)


def run(job: dict[str, Any], note: int) -> None:
    """Run the batches until a test fails or the budget is spent."""
    answer = {"test": None, "ran": 0, "failed": False, "spent": False}
    for batch in job["batches"]:
        files = {name.partition("::")[0]: None for name in batch}
        options = [
            *OPTIONS,
            "-x",
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
        ]  # hypothesis is imported
        code = pytest.main([*options, *files], plugins=[Watch(batch, job["budget"], answer, note)])
        answer["failed"] |= not answer["spent"] and code not in PASSED
        if answer["failed"] or answer["spent"]:
            break
    written(note, answer)


def answered(job: dict[str, Any]) -> dict[str, Any]:
    """The result of a job from a fork; if the fork ends without a result, its test has failed."""
    before = seconds()
    with tempfile.TemporaryFile() as note, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # JAX is imported, and has no threads yet
        written(note.fileno(), {"test": None, "ran": 0, "failed": True, "spent": False})
        pid = os.fork()
        if pid == 0:
            _become(job, note.fileno())
        os.waitpid(pid, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # processes that its tests have left
        return {**json.loads(note.read()), "seconds": round(seconds() - before, 1)}


def _become(job: dict[str, Any], note: int) -> NoReturn:
    """Run the tests of a job in this fork."""
    try:
        os.setsid()
        silent = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(silent, handle)
        run(job, note)
    finally:
        os._exit(0)


def main() -> None:
    """Run jobs until there are no more."""
    for name in HEAVY:
        __import__(name)
    sys.dont_write_bytecode = True  # a mutant with the same size and second would be confused with another
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    for line in sys.stdin:
        print(json.dumps(answered(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
