"""Which tests run which code: a plug-in of pytest that records the functions of langevin that every test enters.

    python -m tests.mutants.cover FILE [TESTS]

adds a line of JSON to FILE for every test that has none: its name, its processor seconds, whether it passed, and the
definitions at the top of modules that it ran, as `path:name`. Plain functions are recorded by Python's profiler,
compiled ones by the functions in the hash of their drivers.
"""

from __future__ import annotations

import cProfile
import json
import resource
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = f"{ROOT / 'langevin'}/"
#: Options of pytest: one process, the tests of the day, no files of pytest.
OPTIONS = ("-q", "-o", "addopts=", "-p", "no:cacheprovider", "-m", "not slow", "--strict-markers")


def seconds() -> float:
    """Processor time of this process and of those it has waited for."""
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


def entered(codes: Iterable[Any]) -> set[str]:
    """Definitions at the top of langevin's modules of which some code was run."""
    return {
        f"{code.co_filename.removeprefix(str(ROOT) + '/')}:{code.co_qualname.split('.')[0]}"
        for code in codes
        if getattr(code, "co_filename", "").startswith(PACKAGE)
    }


class Recorder:
    """The plug-in."""

    def __init__(self, path: Path) -> None:
        """Take the file to which lines are added."""
        self.path, self.compiled, self.failed = path, [], False
        self.known = set(recorded(path))

    def pytest_collection_modifyitems(self, items):
        from langevin.kernels import fingerprint

        items[:] = [item for item in items if item.nodeid not in self.known]
        hashed = fingerprint._Walk._function

        def noted(walk, function):
            self.compiled.append(function.__code__)
            hashed(walk, function)

        fingerprint._Walk._function = noted

    def pytest_runtest_logreport(self, report):
        self.failed |= report.failed

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        began, profile = seconds(), cProfile.Profile(builtins=False)
        self.compiled, self.failed = [], False
        profile.enable()
        yield
        profile.disable()
        ran = entered([*self.compiled, *(entry.code for entry in profile.getstats())])
        line = {"test": item.nodeid, "seconds": round(seconds() - began, 3), "passed": not self.failed}
        with self.path.open("a") as file:
            print(json.dumps({**line, "ran": sorted(ran)}), file=file)


def recorded(path: Path) -> dict[str, Any]:
    """The lines of a record, by the names of the tests."""
    lines = path.read_text().splitlines() if path.exists() else []
    return {line["test"]: line for line in map(json.loads, lines)}


if __name__ == "__main__":
    sys.exit(pytest.main([*OPTIONS, *sys.argv[2:]], plugins=[Recorder(Path(sys.argv[1]))]))
