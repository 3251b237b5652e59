"""The command as a process of its own: it ends at once, with its exit code and with all that it printed."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from langevin.cli import main

COMMAND = [sys.executable, "-m", "langevin"]


def ended(*words, **options):
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False, **options)


def test_all_that_was_printed_arrives():
    """Some kilobytes into a pipe, which Python writes in blocks: the last of them too."""
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


def test_a_fault_keeps_its_traceback():
    code = "import langevin.__main__ as entry; entry.main = lambda: 1 / 0; entry.command()"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "ZeroDivisionError" in answer.stderr
