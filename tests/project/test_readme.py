"""The commands in the documents work without a change."""

import importlib
import itertools
import re
import shutil
import subprocess
import sys

import click
import numpy as np
import pytest

from langevin.cli import COMMANDS, main
from langevin.store import save
from tests.project.documents import DOCUMENTS, ROOT, blocks, langevin_calls, shell_lines
from tests.synthetic import brownian

COMMAND = ["-c", "from langevin.cli import main; main()"]
README = (ROOT / "README.md").read_text()
COMMAND_PAGE = (ROOT / "docs/commands.md").read_text()
CALLS = [(document, call) for document in DOCUMENTS for call in langevin_calls(document)]
SCRIPTS = [(document, script) for document in DOCUMENTS for script in blocks(document, "python")]
NAMES = [document for document, _ in SCRIPTS]


def one_line(ending):
    """The only shell line of the README with this ending."""
    (line,) = [line for line in shell_lines("README.md") if line.endswith(ending)]
    return line


@pytest.fixture
def folder(tmp_path):
    """A folder that contains only `run.h5`, the file that examples read."""
    run = brownian(20, 30, meta={"kind": "network"})
    run = type(run)(run.times, run.steps, run.states, {"loss": np.ones((20, 30))}, run.events, run.meta)
    save(tmp_path / "run.h5", run)
    return tmp_path


def run(folder, *command):
    done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown_after(text, document="README.md"):
    """Lines of the text block that follows a code block of a document; `...` stands for lines left out."""
    page = (ROOT / document).read_text()
    block = re.match(r"```\s+```text\n(.*?)```", page[page.index(text) + len(text) :], re.DOTALL)
    return [line for line in block.group(1).splitlines() if line not in {"", "..."}]


@pytest.mark.parametrize(("document", "script"), SCRIPTS, ids=NAMES)
def test_every_python_block_runs(document, script, folder):
    (folder / "example.py").write_text(script)
    printed = run(folder, "-W", "error", "example.py")
    if "print(" in script:
        assert printed.splitlines() == shown_after(script, document)
        assert "agrees" in printed


def test_the_output_shown_is_what_the_command_prints(folder):
    call = "simulate --manifold cube --samples 4:8 --seed 1 --out question.h5"
    printed = run(folder, *COMMAND, *call.split()).splitlines()
    shown = shown_after(f"langevin {call}\n")
    assert len(shown) > 5
    assert not set(shown) - set(printed)


def ellipse(command):
    """The manifold of docs/own_landscapes.md, and its arguments for a command."""
    (script,) = [script for _, script in SCRIPTS if script.startswith("# ellipse.py")]
    (call,) = [call for _, call in CALLS if call[0] == command and "ellipse:ellipse" in call]
    return script, call


def test_a_manifold_of_ones_own_is_checked(folder):
    script, call = ellipse("check")
    (folder / "ellipse.py").write_text(script)
    assert "5 of 5 checks passed" in run(folder, *COMMAND, *call)
    (folder / "ellipse.py").write_text(script.replace("2.0 * x[1", "-2.0 * x[1"))
    with pytest.raises(AssertionError):
        run(folder, *COMMAND, *call)


@pytest.mark.slow
def test_a_manifold_of_ones_own_is_simulated(folder):
    script, call = ellipse("simulate")
    (folder / "ellipse.py").write_text(script)
    assert "walkers: 400 finished, 0 diverged, 0 failed to project" in run(folder, *COMMAND, *call)


def test_a_manifold_put_into_its_folder_is_found_by_name(folder):
    """CONTRIBUTING states this: one new file, and no other edit."""
    script, _ = ellipse("check")
    shutil.copytree(ROOT / "langevin", folder / "langevin", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "langevin/manifolds/ellipse.py").write_text(script)
    assert "ellipse" in run(folder, *COMMAND, "list", "manifolds")
    assert "5 of 5 checks passed" in run(folder, *COMMAND, "check", "--manifold", "ellipse", "-p", "a=3")


def parse(name, *arguments):
    """Let the program parse a call, but not run it."""
    # with the settings of the group: click keeps the first help option that it makes, and these settings give its names
    context = click.Context(main, **main.context_settings)
    main.get_command(context, name).make_context(name, list(arguments), parent=context)


@pytest.mark.parametrize(("document", "call"), CALLS)
def test_every_command_is_one_that_the_program_takes(document, call):
    parse(*call)


def test_no_example_command_replaces_the_file_of_another():
    """A reader types them in one folder, from top to bottom, and a file that exists is not replaced."""
    kept = []
    for name, *call in langevin_calls("README.md") + langevin_calls("docs/commands.md"):
        options = dict(itertools.pairwise(call))
        if name != "simulate" or "--force" in call:
            continue
        if "--extend" in call:
            assert options["--extend"] in kept
            continue
        landscape = options.get("--manifold") or options["--potential"]
        kept.append(options.get("--out", landscape.replace(":", "_") + ".h5"))
    assert len(kept) > 5
    assert sorted(kept) == sorted(set(kept))


def test_a_command_that_the_program_does_not_take_is_noticed():
    with pytest.raises(click.UsageError):
        parse("simulate", "--manifolds", "cube")


def test_every_shell_block_is_sound_bash():
    for document in DOCUMENTS:
        for text in blocks(document, "sh"):
            subprocess.run(["bash", "-n"], input=text, text=True, check=True)


def test_the_readme_gives_two_lines_that_start_from_nothing():
    for ending in ("--plot cube.png --force", ".venv/bin/pytest"):
        line = one_line(ending)
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")
        assert "sudo" not in line


def test_ci_runs_the_readmes_line():
    script = (ROOT / ".ci/run").read_text().splitlines()
    assert script[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in script
    assert script.count(one_line(".venv/bin/pytest")) == 1
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_ci_stops_at_the_first_failure():
    """Without the brackets in .ci/run, `set -e` would ignore a failure of `a` in a line `a && b`."""
    script = (ROOT / ".ci/run").read_text().replace(one_line(".venv/bin/pytest"), "false && true")
    script = script.replace("cd ", "#").replace(".venv/bin/ruff check .", "exit 0")
    assert subprocess.run(["bash", "-c", script], check=False).returncode == 1


def test_the_page_of_commands_has_those_of_the_program_and_its_exit_codes():
    for command in COMMANDS:
        assert f"| `langevin {command}` |" in COMMAND_PAGE
    errors = importlib.import_module("langevin.errors")
    codes = {
        getattr(errors, name).exit_code
        for name in ("UsageError", "NumericalError", "InputFileError", "OutputError")
    }
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", COMMAND_PAGE, re.MULTILINE)}
    assert documented == codes | {0, 130, 143}


def test_pictures_and_links_in_the_documents_exist():
    for document in DOCUMENTS:
        text = (ROOT / document).read_text()
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / document).parent.joinpath(link).exists(), f"{document}: {link}"
