"""The command as a separate process: it ends at once, with its exit code and with all its output."""

import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.stopping import uninterrupted
from tests.project.documents import ROOT

COMMAND = [sys.executable, "-m", "langevin"]
#: A user-defined potential, f = x^2, with a place for its gradient.
KERNELS = """import math
import numpy as np
from langevin import potentials
def value(x, out, parameters):
    out[:] = x[0] ** 2
def gradient(x, out, parameters):
    for lane in range(x.shape[1]): out[0, lane] = {}
def make(): return potentials.potential(value, gradient, 1)
"""


def ended(*words, **options):
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False, **options)


def test_all_that_was_printed_arrives():
    """Some kilobytes into a pipe, which Python writes in blocks: the last block arrives too."""
    whole = CliRunner().invoke(main, ["list", "manifolds"]).output
    assert len(whole) > 2000
    answer = ended("list", "manifolds")
    assert (answer.stdout, answer.stderr, answer.returncode) == (whole, "", 0)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--version"], 0, ""),
        (["simulate", "--manifold", "nowhere"], 2, "nowhere"),
        (["compare", "missing.h5"], 4, "missing.h5"),
    ],
)
def test_exit_codes(words, code, said, tmp_path):
    answer = ended(*words, cwd=tmp_path)
    assert answer.returncode == code
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_reader_that_leaves_hears_nothing():
    with subprocess.Popen(
        [*COMMAND, "list", "manifolds"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_signals_wait_for_the_end_of_a_block():
    taken = []

    def stopped():
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            taken.append("the rest of the block")
        taken.append("what follows")

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert taken == ["the rest of the block"]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("delay", [0.4, 0.6, 0.8, 1.0, 1.3, 2.0, 3.0, 4.0])
def test_a_training_that_is_stopped_ends_with_its_exit_code(number, code, delay, tmp_path):
    """JAX would abort if its import were interrupted, and crash at a normal exit of Python after a compilation."""
    words = ["train", "models.parity", "--steps", "1000000", "--seed", "1", "--out", str(tmp_path / "run.h5")]
    with subprocess.Popen([*COMMAND, *words], cwd=ROOT, stderr=subprocess.PIPE, text=True) as run:
        time.sleep(delay)
        run.send_signal(number)
        _, said = run.communicate(timeout=60)
    assert run.returncode == code, said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def make(:", "the import of mine fails: SyntaxError"),
        ("1 / 0", "the import of mine fails: ZeroDivisionError: division by zero"),
        ("import nowhere", "mine needs the module nowhere, which is not installed"),
        ("make = 5", "mine:make does not make a landscape, but something of type int"),
        ("def make(): return 1 / 0", "mine:make fails: ZeroDivisionError: division by zero"),
        (
            KERNELS.format("np.linalg.nothing(x[0, lane])"),
            "the kernel `gradient` of make is asked to fill out of shape (1, 4) for x of shape (1, 4), and "
            "fails: mine.py, line 7: AttributeError: module 'numpy.linalg'",
        ),
        (
            KERNELS.format("2 * math.fsum([x[0, lane]])"),
            "mine.py, line 7, fails: TypingError: Unknown attribute 'fsum'",
        ),
    ],
    ids=["syntax", "import", "module", "record", "factory", "plain kernel", "compiled kernel"],
)
def test_a_fault_in_a_file_of_ones_own_is_a_sentence(text, said, tmp_path):
    (tmp_path / "mine.py").write_text(text)
    answer = ended("simulate", "--potential", "mine:make", "--walkers", "10", cwd=tmp_path)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith(f"Error: {said}")
    assert answer.stderr.count("\n") == 1


def test_a_fault_keeps_its_traceback():
    code = "import langevin.__main__ as entry, langevin.cli as cli; cli.main = lambda: 1 / 0; entry.command()"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "ZeroDivisionError" in answer.stderr
