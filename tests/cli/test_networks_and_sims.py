"""Networks and sims that come with langevin: found by name, after those of the working directory."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.registry import content_names, content_text, dotted
from tests.project.documents import ROOT

WHERE = "from langevin.registry import dotted, module_here; print(module_here(dotted('models', {name!r}), '').__file__)"


def where(name, folder):
    """The file of the network of this name, for a process in the folder that has no checkout on its path."""
    done = subprocess.run(
        [sys.executable, "-c", WHERE.format(name=name)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("name", ["parity", "models.parity"])
def test_a_network_is_found_from_any_folder(name, tmp_path):
    assert where(name, tmp_path) == str(ROOT / "models/parity.py")


@pytest.mark.parametrize("file", ["__init__.py", "other.py"])
def test_a_folder_models_of_the_reader_hides_what_it_contains_and_nothing_else(file, tmp_path):
    """It may be a package, or a folder without `__init__.py`, which Python finds only after all packages."""
    own = tmp_path / "models"
    own.mkdir()
    for name in (file, "tanh.py", "mine.py"):
        (own / name).touch()
    assert where("models.mine", tmp_path) == str(own / "mine.py")
    assert where("tanh", tmp_path) == str(own / "tanh.py")
    assert where("parity", tmp_path) == str(ROOT / "models/parity.py")


def test_a_module_of_the_reader_has_its_own_name(tmp_path):
    (tmp_path / "parity.py").touch()
    assert where("parity", tmp_path) == str(tmp_path / "parity.py")
    assert where("models.parity", tmp_path) == str(ROOT / "models/parity.py")


def test_a_module_called_models_is_one_sentence(tmp_path):
    (tmp_path / "models.py").touch()
    assert "no module models.parity here" in where("parity", tmp_path)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("parity", "models.parity"), ("parity:model", "models.parity:model"), ("models.parity", "models.parity"),
        ("nothing", "nothing"), ("my.parity", "my.parity"), ("../parity", "../parity"), ("__init__", "__init__"),
    ],
)  # fmt: skip
def test_a_short_name_stands_for_the_module(name, full, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert dotted("models", name) == full


def test_names_and_texts_are_read_without_an_import(monkeypatch):
    assert content_names("sims") == sorted(path.stem for path in (ROOT / "sims").glob("[!_]*.py"))
    assert content_text("models", "parity").startswith("(n, k)-parity")


def test_the_list_shows_them():
    said = CliRunner().invoke(main, ["list", "sims"]).output
    assert "cube_grokking_time: Does the time to grok grow" in said
    said = CliRunner().invoke(main, ["list", "cube-grokking-time"]).output
    assert "cube_grokking_time (sim)" in said
    assert "langevin run cube_grokking_time --quick" in said
    assert "models.tanh (network)" in CliRunner().invoke(main, ["list", "tanh"]).output


@pytest.mark.parametrize("words", [["run", "nothing"], ["run", "sims.nothing"], ["list", "sims.nothing"]])
def test_a_sim_that_there_is_not_is_one_sentence(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert "langevin list sims" in done.stderr
