"""Folders of plugins: they are found by name if they are given, cached as built-in files, and never confused."""

import json
import shutil
import sys

import pytest
from click.testing import CliRunner

from langevin import registry
from langevin.cli import main
from langevin.errors import UsageError
from langevin.experiment.own_landscape import OWN
from langevin.store import load
from tests.engine import ROOT, answer, python

HELIX = ROOT / "tests/plugins/manifolds/helix.py"
#: It is steep, so that a short run shows that the curve does not close.
RUN = "--manifold helix -p pitch=20 --dynamics projected --walkers 9 --horizon 0.1 --threads 1 --seed 1 --force".split()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder with a folder of plugins `mine` in it; no plugin is imported before or after a test."""
    (tmp_path / "mine/manifolds").mkdir(parents=True)
    shutil.copy(HELIX, tmp_path / "mine/manifolds")
    monkeypatch.chdir(tmp_path)
    forget()
    yield tmp_path
    forget()


def forget():
    """Reset this process, as if no folder had been given."""
    for name in [name for name in sys.modules if name.partition(".")[0] == registry.PLUGINS]:
        del sys.modules[name]


def call(*words, code=0):
    forget()
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output
    assert code == 0 or result.output.strip().count("\n") == 0, "one sentence"
    return result.output


COMMAND = """
import json, sys
from langevin.cli import main
sys.argv[1:] = {words!r}
try:
    main()
except SystemExit as end:
    assert not end.code
from langevin.kernels import compile
stats = [driver.stats for driver in compile._drivers.values()]
counts = [[sum(kind.values()) for kind in (one.cache_hits, one.cache_misses)] for one in stats]
print(json.dumps([sum(numbers) for numbers in zip(*counts)]))
"""


def test_the_next_process_simulates_a_plugin_and_compiles_nothing(here):
    words = ["simulate", "--plugins", "mine", *RUN, "--out"]
    answer(python(COMMAND.format(words=[*words, "a.h5"]), here))
    found, compiled = answer(python(COMMAND.format(words=[*words, "b.h5"]), here))
    assert (found > 0, compiled) == (True, 0)
    first, second = load("a.h5"), load("b.h5")
    assert (first.states == second.states).all()
    x, y, z = second.states[:, -1].T
    assert max(abs(x**2 + y**2 - 1.0)) < 1e-6, "the tolerance of the projection"
    assert z.std() > 0.01


TINY = "def mine(x, out, parameters):\n    out[0] = {} * x[0, 0]\n"
REPORT = """
import json
from langevin.registry import add_plugins, entry
from tests.tiny_driver import report
add_plugins({folder!r})
print(json.dumps(report(entry("manifolds", "mine"))))
"""
ALONE = """
import json, alone
from tests.tiny_driver import report
print(json.dumps(report(alone.mine)))
"""
FOUND, COMPILED = [1, 0], [0, 1]


def test_folders_with_the_same_file_names_share_a_cache_and_never_a_kernel(here):
    """Of kernels with the same text either may be taken; a process without plugins is not disturbed."""

    def run(code):
        value, stamped, *cache = answer(python(code, here, {"NUMBA_CACHE_DIR": str(here / "cache")}))
        assert stamped
        return value, cache

    for name, factor in (("double", 2.0), ("triple", 3.0), ("copy", 2.0)):
        (here / name / "manifolds").mkdir(parents=True)
        (here / name / "manifolds/mine.py").write_text(TINY.format(factor))
    assert run(REPORT.format(folder="double")) == (14.0, COMPILED)
    assert run(REPORT.format(folder="triple")) == (21.0, COMPILED)
    assert run(REPORT.format(folder="double")) == (14.0, FOUND)
    assert run(REPORT.format(folder="copy")) == (14.0, FOUND)
    (here / "alone.py").write_text(TINY.format(2.0))
    assert run(ALONE) == (14.0, COMPILED)
    assert run(ALONE) == (14.0, FOUND)


@pytest.mark.parametrize("words", [["--plugins", "mine", "list"], ["list", "--plugins", "mine"]])
def test_the_option_stands_before_or_behind_the_command(here, words):
    (helix,) = [one for one in json.loads(call(*words, "--json"))["manifolds"] if one["name"] == "helix"]
    assert helix["dials"] == {"radius": 1.0, "pitch": 1.0}
    assert helix["summary"].startswith("Curve (R cos s")


@pytest.mark.parametrize("command", ["simulate", "plan", "rate", "check"])
def test_every_command_that_names_a_landscape_finds_it(here, command):
    """A dial out of range is refused by the file itself."""
    said = call(command, "--plugins", "mine", "--manifold", "helix", "-p", "pitch=-1", code=2)
    assert "helix needs radius > 0 and pitch > 0" in said


def test_the_working_folder_is_not_searched(here, monkeypatch):
    monkeypatch.chdir("mine")
    assert "there is no manifold 'helix'" in call("check", "--manifold", "helix", code=2)
    assert "of 5 checks passed" in call("check", "--plugins", ".", "--manifold", "helix")


def test_the_file_of_a_run_asks_for_the_plugin_and_knows_it_again(here):
    call("simulate", "--plugins", "mine", *RUN, "--out", "run.h5")
    assert "add --plugins FOLDER --manifold helix" in call("compare", "run.h5")
    assert str(here) not in json.dumps(dict(load("run.h5").meta))
    again = "compare", "run.h5", "--plugins", "mine", "--manifold", "helix"
    assert "along the helix" in call(*again)
    path = here / "mine/manifolds/helix.py"
    path.write_text(path.read_text().replace("= radius / pitch", "= 1.01 * radius / pitch"))
    assert load("run.h5").meta[OWN]["arguments"] == {"pitch": 20.0}
    assert "is not the one of this run" in call(*again, code=2)


REFUSED = {
    "manifolds/cube.py": ("cube = 1", "manifolds/cube.py in mine has the name of one of langevin's own"),
    "manifolds/broken.py": ("\n\nbroken = 1 / 0", "broken.py, line 3, fails: ZeroDivisionError: division by zero"),
    "manifolds/needy.py": ("import nowhere_else\nneedy = 1", "needy.py, line 1, fails: ModuleNotFoundError"),
    "manifolds/torn.py": ("\ndef torn(:", "torn.py, line 2, fails: SyntaxError: invalid syntax"),
    "manifolds/other.py": ("def other():\n    return 5", "other does not make a landscape, but something of type int"),
    "manifolds/helper.py": ("value = 1", "there is no manifold 'helper'"),
}  # fmt: skip


@pytest.mark.parametrize("file", REFUSED)
def test_a_file_that_cannot_be_used_is_one_sentence(here, file):
    text, words = REFUSED[file]
    (here / "mine" / file).write_text(text)
    name = file.removeprefix("manifolds/").removesuffix(".py")
    assert words in call("check", "--plugins", "mine", "--manifold", name, code=2)


def test_a_folder_that_cannot_be_used_is_one_sentence(here):
    assert "there is no folder nowhere" in call("list", "--plugins", "nowhere", code=2)
    (here / "empty").mkdir()
    assert "empty holds no plugins" in call("list", "--plugins", "empty", code=2)
    shutil.copytree("mine", "yours")
    assert "rename one of them" in call("list", "--plugins", "mine", "--plugins", "yours", code=2)


def test_two_folders_files_beside_one_another_and_a_folder_given_twice(here):
    """`pair` imports another file by a relative import; the __init__.py of a folder is not run."""
    kind = here / "yours/manifolds"
    kind.mkdir(parents=True)
    (kind / "__init__.py").write_text("raise RuntimeError")
    (kind / "_neighbour.py").write_text("import langevin\nnear = langevin.manifolds.ring()\n")
    (kind / "pair.py").write_text("from ._neighbour import near\npair = near\n")
    for folder in ("mine", "yours", here / "mine"):
        registry.add_plugins(folder)
    assert {"helix", "pair", "cube"} <= set(registry.names("manifolds"))
    assert "-neighbour" not in registry.names("manifolds")
    assert registry.factory("manifolds", "pair")().name == "ring"
    assert registry.factory("manifolds", "helix")(pitch=2.0).parameters == (1.0, 2.0)


def test_laws_questions_and_theories_are_entries(here):
    for kind, known in {"dynamics": "soft", "questions": "moments", "theories": "wells"}.items():
        (here / "mine" / kind).mkdir()
        (here / "mine" / kind / "two_words.py").write_text(
            f"from dataclasses import replace\nfrom langevin.{kind}.{known} import {known}\n"
            f"two_words = replace({known}, summary='Said of it.')\n"
        )
    registry.add_plugins("mine")
    for kind in ("dynamics", "questions", "theories"):
        assert "two-words" in registry.names(kind)
        found = registry.entry(kind, "two_words")
        assert registry.entries(kind)["two-words"] is found is registry.entry(kind, "two-words")
    with pytest.raises(UsageError, match="there is no law of motion 'two-word'; did you mean two-words"):
        registry.entry("dynamics", "two-word")
    assert "two-words: Said of it." in call("list", "theories", "--plugins", "mine")


def test_the_plan_of_a_run_names_the_folders_that_were_named_before_its_command(here):
    call("--plugins", "mine", "simulate", *RUN, "--quiet", "--json", "--out", "one.h5")
    assert 'plugins = "mine"' in CliRunner().invoke(main, ["config", "one.h5"]).stdout


def test_points_of_a_sweep_name_the_folders_that_were_named_before_its_command(here):
    words = [word for word in RUN if word != "--force"]
    words += ["--temperature", "0.1,0.2", "--jobs", "1", "--quiet", "--json", "--out", "many"]
    forget()
    result = CliRunner().invoke(main, ["--plugins", "mine", "simulate", *words])
    assert result.exit_code == 0, result.output
    files = sorted((here / "many").glob("*.h5"))
    assert all("--plugins mine" in " ".join(load(file).meta["command"]) for file in files)
    forget()
    assert CliRunner().invoke(main, ["simulate", "--plugins", "mine", *words]).exit_code == 0
    assert sorted((here / "many").glob("*.h5")) == files
    words[words.index("--jobs") + 1] = "2"
    files[0].unlink()
    assert CliRunner().invoke(main, ["simulate", "--plugins", "mine", *words]).exit_code == 0
    assert sorted((here / "many").glob("*.h5")) == files
    (here / "mine/theories").mkdir()
    (here / "mine/theories/other.py").write_text('"""Another text."""')
    forget()
    result = CliRunner().invoke(main, ["simulate", "--plugins", "mine", *words])
    assert result.exit_code == 5, result.output
