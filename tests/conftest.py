"""Fixtures and settings for all tests."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from langevin.kernels import compile as compiling
from langevin.kernels import passed
from langevin.sgld import programs

NIGHTLY = Path(__file__).with_name("nightly.txt")


@pytest.fixture(scope="session", autouse=True)
def _interrupts_arrive():
    """Restore SIGINT: tests in the background of a shell, and the processes that they start, inherit it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def trials_begin_anew(tmp_path_factory):
    """Count no trial of an earlier test run as passed, since the code of the trials may have changed."""
    folder = tmp_path_factory.mktemp("trials")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passed, "_folder", lambda: folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def programs_begin_anew(tmp_path_factory):
    """Use no compiled program of JAX from an earlier test run."""
    folder = tmp_path_factory.mktemp("programs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programs, "private_folder", lambda: folder)
        yield


@pytest.fixture
def uncompiled(monkeypatch):
    """Run drivers as plain Python, with the same bits: some thousand steps take less time than a compilation."""

    def plain(build, pieces, stamp, name, cache):
        driver = build(*pieces, stamp)

        def quiet(*arguments):
            with np.errstate(all="ignore"):  # a compiled driver gives no warning either
                driver(*arguments)

        return quiet

    monkeypatch.setattr(compiling, "_drivers", {})
    monkeypatch.setattr(compiling, "_jit", plain)


@pytest.fixture
def nothing_passed(tmp_path, monkeypatch):
    """For one test, count no kernel as passed; a call of the fixture does so again."""

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
