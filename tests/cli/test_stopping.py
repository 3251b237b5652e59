"""Ctrl-C and SIGTERM are not lost where a callback of a compiled library swallows what their handlers raise."""

import ctypes
import signal
import subprocess
import sys

import pytest

from langevin import Problem, Watch, potentials, simulate, stopping
from langevin.arguments.own_failure import own_failure, system_failure

#: A command that gets the signal inside a callback of C, and then continues to work for a given time.
SWALLOWED = """
import ctypes, signal, sys, time
from langevin import cli, stopping
from langevin.__main__ import command

def work():
    comparison = ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(int(sys.argv[1])))
    comparison()
    {after}

cli.main = lambda: cli.guarded(work)
command()
"""


def ended(after, number):
    """Exit code and message."""
    code = SWALLOWED.format(after=after)
    done = subprocess.run(
        [sys.executable, "-c", code, str(int(number))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_what_a_callback_swallows_is_raised_again(number, code, said):
    """The timer raises it long before the end of the sleep, also if a library has replaced the exception by another."""
    for after in ("time.sleep(50)", "raise RuntimeError('of a library')"):
        assert ended(after, number) == (code, f"Error: {said}\n")


def test_a_plain_handler_loses_it(monkeypatch):
    """Control: with Python's default handler and the same callback, the signal is lost."""
    lost = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))()
    assert len(lost) == 1


def test_a_walk_looks_for_a_signal_between_chunks(monkeypatch):
    """Without the timer, the check between chunks finds a signal that other code has swallowed."""
    monkeypatch.setattr(signal, "setitimer", lambda *rest: None)
    seen = []

    def progress(step, running):
        seen.append(step)
        ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGTERM))()

    with stopping.listening(), pytest.raises(stopping.Terminated):
        simulate(
            Problem(potentials.quadratic(dim=1), temperature=1.0), walkers=4, steps=10**12, dt=1e-3, seed=1,
            watch=Watch(progress=progress),
        )  # fmt: skip
    assert len(seen) == 1
    assert stopping.code() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_end_of_a_wait_for_others(number):
    reached = []

    def waits():
        with stopping.held():
            signal.raise_signal(number)
            assert stopping.code() == 128 + number
            reached.append(True)
        reached.append(False)

    with stopping.listening(), pytest.raises((KeyboardInterrupt, stopping.Terminated)):
        waits()
    assert reached == [True]
    with stopping.listening(), pytest.raises((KeyboardInterrupt, stopping.Terminated)):
        signal.raise_signal(number)  # no block holds it any more


def test_an_import_comes_to_its_end_first(tmp_path):
    """A module that is interrupted during its import may print a traceback; an import without end is interrupted."""
    (tmp_path / "slow.py").write_text(
        "import os, signal, time\nsignal.raise_signal(signal.SIGINT)\ntime.sleep(0.2)\nopen('begun', 'w').close()\n"
    )
    (tmp_path / "endless.py").write_text(
        "import signal, time\nsignal.raise_signal(signal.SIGINT)\ntime.sleep(50)\n"
    )
    for name in ("slow", "endless"):
        code = f"""
import sys
from langevin import cli
from langevin.__main__ import command
sys.path.insert(0, {str(tmp_path)!r})

def work():
    import {name}
    import time
    time.sleep(50)

cli.main = lambda: cli.guarded(work)
command()
"""
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            timeout=40,
            cwd=tmp_path,
        )
        assert (done.returncode, done.stderr) == (130, "Error: interrupted\n")
    assert (tmp_path / "begun").exists()


def test_handlers_are_those_of_before_after_the_block():
    before = [signal.getsignal(number) for number in stopping.CODES], sys.unraisablehook
    with stopping.listening():
        with stopping.listening():
            pass
        assert signal.getsignal(signal.SIGTERM) is stopping._on_signal
    assert ([signal.getsignal(number) for number in stopping.CODES], sys.unraisablehook) == before


def test_a_line_of_a_compiled_library_is_nobodys_own():
    """Cython names its files in tracebacks, although these files do not exist."""
    with pytest.raises(ZeroDivisionError) as failure:
        exec(compile("1 / 0", "h5py/h5f.pyx", "exec"), {"__name__": "h5py"})
    assert own_failure(failure.value.with_traceback(failure.value.__traceback__.tb_next)) is None


@pytest.mark.parametrize(("number", "code"), [(5, 4), (28, 5), (122, 5), (30, 5), (None, None)])
def test_refusals_of_the_system_have_codes(number, code):
    failure = system_failure(OSError(number, "no") if number else OSError("no"))
    assert (failure and failure.exit_code) == code


def test_what_cannot_be_printed_is_a_sentence():
    with open("/dev/full", "w") as full:
        words = [sys.executable, "-m", "langevin", "list", "manifolds"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr
