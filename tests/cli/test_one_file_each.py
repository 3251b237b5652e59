"""A landscape, a step, a theory, a law of motion and a question are one short file each, run from the command line."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.engine import ROOT

PLUGINS = ROOT / "tests/plugins"
HELIX = "--manifold helix -p pitch=20 --walkers 400 --seed 1"
#: Largest number of lines of a file, the words to run with it, and the question of this run.
FILES = {
    "manifolds/helix.py": (60, f"{HELIX} --dynamics projected --question flatness --horizon 0.1", "flatness"),
    "integrators/averaged_gradient.py": (
        50, "--potential quadratic --integrator averaged-gradient --walkers 400 --seed 1", "stationary law",
    ),
    "theories/helix_displacement.py": (30, f"{HELIX} --dynamics projected", "displacement"),
    "dynamics/warm_labels.py": (
        40, "--manifold valley --dynamics warm-labels --walkers 4 --horizon 1 --seed 1", "law of uneven noise",
    ),
    "questions/equipartition.py": (60, f"{HELIX} --question equipartition", "equipartition"),
}  # fmt: skip


def simulated(*words):
    """What `langevin simulate` prints as JSON in the working folder."""
    done = langevin("simulate", *words, "--json", "-q")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def langevin(*words):
    """What the command line answers in the working folder."""
    command = [sys.executable, "-m", "langevin", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("file", FILES)
def test_a_new_thing_is_one_file(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    most, words, question = FILES[file]
    assert len((PLUGINS / file).read_text().splitlines()) <= most
    for needed in {file, "manifolds/helix.py"}:  # only the files that the run needs
        (tmp_path / needed).parent.mkdir(exist_ok=True)
        shutil.copy(PLUGINS / needed, tmp_path / needed)
    record = simulated("--plugins", ".", *words.split())
    assert record["question"] == question
    assert record["counts"]["finished"] == int(words.split("--walkers ")[1].split()[0])
    if question == "displacement":
        assert record["verdicts"]["helix"] in ("agrees", "inconclusive")


def test_a_helix_of_another_rise_is_told_apart(tmp_path, monkeypatch):
    """The theory of the helix with a rise of 20 is excluded by a walk on one that hardly rises."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(PLUGINS, tmp_path / "mine")
    theory = tmp_path / "mine/theories/helix_displacement.py"
    theory.write_text(theory.read_text().replace("2 * rate * time * pitch**2", "rate * time * pitch**2"))
    record = simulated("--plugins", "mine", *HELIX.split(), "--dynamics", "projected")
    assert record["verdicts"] == {"helix": "excluded"}


BROKEN = """
from langevin.types import Theory

broken = Theory(question="{question}", summary="", applies=lambda case: True, curves=lambda setting: 1 / 0)
"""


def test_a_theory_that_fails_takes_nothing_else_down(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine/theories").mkdir(parents=True)
    broken = tmp_path / "mine/theories/broken.py"
    broken.write_text(BROKEN.format(question="stationary law"))
    words = "--plugins mine --potential quadratic --walkers 400 --seed 1 --out run.h5".split()
    assert simulated(*words)["verdicts"]["Gibbs E f"] in ("agrees", "inconclusive")
    compared = langevin("compare", "run.h5", "--plugins", "mine")
    assert "broken has no number here: ZeroDivisionError" in compared.stdout
    broken.write_text(BROKEN.format(question="stationary lore"))
    refused = langevin("compare", "run.h5", "--plugins", "mine")
    assert "which there is not" in refused.stdout + refused.stderr
