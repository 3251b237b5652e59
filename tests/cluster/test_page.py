"""The commands in docs/cluster.md work without a change, if they need no cluster."""

import subprocess
import sys

import click

from langevin.cli import main
from langevin.cluster import Jobs
from tests.project.documents import blocks, langevin_calls

PAGE = "docs/cluster.md"


def test_the_script_with_processes_prints_what_is_shown(tmp_path):
    (tmp_path / "cut.py").write_text(blocks(PAGE, "python")[0])
    line = [sys.executable, "-W", "error", "cut.py"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (blocks(PAGE, "text")[0], "")


def test_commands_and_names_are_those_of_the_program():
    calls = langevin_calls(PAGE)
    assert [call[0] for call in calls] == ["simulate", "rate", "train"]
    for name, *words in calls:
        context = click.Context(main, **main.context_settings)
        main.get_command(context, name).make_context(name, words, parent=context)
    for script in blocks(PAGE, "python"):
        compile(script, PAGE, "exec")
    known = {"Jobs": Jobs}
    (line,) = [line for line in blocks(PAGE, "python")[1].splitlines() if line.startswith("jobs = ")]
    exec(line, known)
    assert known["jobs"].jobs == 10
