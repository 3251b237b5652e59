"""Signals that wait for a computation: the first does, the second does not, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from langevin.cli.deferred import SIGNALS, deferred
from tests.project.documents import ROOT


def inside(*actions):
    """Names of the actions that were taken inside a block, one after the other, and what ended it."""
    taken = []
    try:
        with deferred() as heed:
            for action in actions:
                if action == "fail":
                    raise ValueError
                heed() if action == "heed" else signal.raise_signal(signal.SIGINT)
                taken.append(action)
    except (KeyboardInterrupt, ValueError) as end:
        return taken, type(end)
    return taken, None


@pytest.mark.parametrize(
    ("actions", "taken", "end"),
    [
        (["heed"], 1, None),
        (["signal", "heed", "heed"], 1, KeyboardInterrupt),
        (["signal", "signal", "heed"], 1, KeyboardInterrupt),  # the second acts at once
        (["heed", "signal"], 2, KeyboardInterrupt),  # at the end of the block
        (["signal", "fail"], 1, ValueError),
    ],
)
def test_the_first_signal_waits_until_it_is_heeded(actions, taken, end, capsys):
    before = [signal.getsignal(number) for number in SIGNALS]
    assert inside(*actions) == (actions[:taken], end)
    assert ("once more stops at once" in capsys.readouterr().err) == ("signal" in actions)
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_other_threads_leave_signals_alone():
    found = []

    def hold():
        with deferred() as heed:
            heed()
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=hold)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("delay", [0.5, 2.0, 3.0, 4.0])
def test_a_training_that_is_stopped_ends_with_its_exit_code(number, delay, tmp_path):
    """Left in the middle of an import or a compilation, JAX makes it a segmentation fault in one case of two."""
    command = [sys.executable, "-c", "from langevin.cli import main; main()", "train", "models.parity"]
    options = ["--steps", "1000000", "--seed", "1", "--out", str(tmp_path / "run.h5")]
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, env=dict(os.environ), stderr=subprocess.PIPE, text=True
    ) as run:
        time.sleep(delay)
        run.send_signal(number)
        _, said = run.communicate(timeout=60)
    assert run.returncode == (130 if number == signal.SIGINT else 143), said
