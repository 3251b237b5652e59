"""What every test stands on."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from langevin.kernels import compile as compiling
from langevin.kernels import passed
from langevin.sgld import kept_programs

NIGHTLY = Path(__file__).with_name("nightly.txt")


@pytest.fixture(scope="session", autouse=True)
def _interrupts_arrive():
    """A test run in the background of a shell inherits an ignored SIGINT, and so would the processes that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def trials_begin_anew(tmp_path_factory):
    """No trial of a run before counts as passed: the code that tries may have changed."""
    folder = tmp_path_factory.mktemp("trials")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passed, "_folder", lambda: folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def programs_begin_anew(tmp_path_factory):
    """No program of JAX of a run before is found."""
    folder = tmp_path_factory.mktemp("programs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_programs, "private_folder", lambda: folder)
        yield


@pytest.fixture
def uncompiled(monkeypatch):
    """Run drivers as plain Python, to the same bits: a few thousand steps of a walker cost less than to compile one."""

    def plain(build, pieces, stamp, name, cache):
        driver = build(*pieces, stamp)

        def quiet(*arguments):
            with np.errstate(all="ignore"):  # a compiled driver says nothing either
                driver(*arguments)

        return quiet

    monkeypatch.setattr(compiling, "_drivers", {})
    monkeypatch.setattr(compiling, "_jit", plain)


@pytest.fixture
def nothing_passed(tmp_path, monkeypatch):
    """Forget, for one test, which kernels have passed; a call forgets again."""

    def forget():
        folder = tmp_path / os.urandom(4).hex()
        monkeypatch.setattr(passed, "_known", set())
        monkeypatch.setattr(passed, "_folder", lambda: folder)

    forget()
    return forget


def pytest_collection_modifyitems(items):
    """Mark as slow the tests of `nightly.txt`: each took more than 1.5 processor seconds, with what it compiles."""
    listed = set(NIGHTLY.read_text().splitlines())
    for item in items:
        if item.nodeid in listed:
            item.add_marker(pytest.mark.slow)
