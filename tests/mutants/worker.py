"""Run tests against what now stands in the tree: forked from a warm process, so that nothing heavy is imported again.

    python -m tests.mutants.worker

reads jobs as lines of JSON, each a list of batches of tests with their processor seconds and a budget, and answers each
by a line: whether a test failed, which, and the processor seconds spent. The fork imports langevin and the tests from
the folder that it stands in, as they are then. A test that takes many times its processor time ends the fork.
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

#: Imported once for all: what takes long, and nothing of langevin.
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
#: A test may take so many times its seconds, and so many more: its kernels may have to be compiled.
TIMES, MORE = 10, 60
#: So many times that of the clock: what waits for something that never comes takes no processor time.
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
        written(self.note, {**self.answer, "failed": True})  # so it is, if this process ends in it

    def pytest_runtest_logreport(self, report):
        self.answer["failed"] |= report.failed

    def pytest_runtest_teardown(self, item, nextitem):
        if seconds() > self.budget and nextitem is not None:
            self.answer["spent"] = True
            item.session.shouldstop = "its budget is spent"


def written(note: int, answer: dict[str, Any]) -> None:
    """Let a file hold one answer, and nothing of those before."""
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
    """The answer to a job, of a fork; one that ends without an answer has failed its test."""
    before = seconds()
    with tempfile.TemporaryFile() as note, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # JAX is imported, and has no threads yet
        written(note.fileno(), {"test": None, "ran": 0, "failed": True, "spent": False})
        pid = os.fork()
        if pid == 0:
            _become(job, note.fileno())
        os.waitpid(pid, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # what its tests have left running
        return {**json.loads(note.read()), "seconds": round(seconds() - before, 1)}


def _become(job: dict[str, Any], note: int) -> NoReturn:
    """Turn this fork into the tests of a job."""
    try:
        os.setsid()
        silent = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(silent, handle)
        run(job, note)
    finally:
        os._exit(0)


def main() -> None:
    """Answer jobs until there are no more."""
    for name in HEAVY:
        __import__(name)
    sys.dont_write_bytecode = True  # a mutant of the same size and second would be taken for another
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    for line in sys.stdin:
        print(json.dumps(answered(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
