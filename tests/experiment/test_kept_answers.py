"""An answer of a sim is kept completely or not at all, in the folder that was checked first, and replaces no other."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from langevin.errors import OutputError
from langevin.experiment.sims import FILES, find_sim, run_sim
from langevin.store import claimed, folders
from tests.experiment.test_gallery import SIM

COUNTED = SIM.replace(
    "    def draw", "    Path('runs').write_text(Path('runs').read_text() + 'x')\n    def draw"
)


@pytest.fixture
def sim(tmp_path, monkeypatch):
    """A sim that notes each of its runs in a file."""
    (tmp_path / "claims_that_count").mkdir()
    (tmp_path / "claims_that_count" / "addition.py").write_text(COUNTED)
    (tmp_path / "runs").write_text("")
    monkeypatch.chdir(tmp_path)
    yield find_sim("claims_that_count.addition")
    for name in [name for name in sys.modules if name.startswith("claims_that_count")]:
        del sys.modules[name]


def seed_in(folder):
    return json.loads((folder / "run.json").read_text())["seed"]


def test_the_folder_is_looked_at_before_the_run(sim, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "notes.md").write_text("")
    for place, said in (("file", "is a file: give"), ("file/below", "file is taken by something else"),
                        ("others", "holds other files, such as notes.md")):  # fmt: skip
        with pytest.raises(OutputError, match=said):
            run_sim(sim, folder=tmp_path / place, force=place == "others")
    for place in (".", ".."):
        with pytest.raises(OutputError, match="has no name that a folder could take"):
            run_sim(sim, folder=Path(place))
    with claimed(tmp_path / "answer"), pytest.raises(OutputError, match="is being written by"):
        run_sim(sim, folder=tmp_path / "answer")
    assert not (tmp_path / "runs").read_text()


def without_library(_):
    raise OSError("no such library")


#: Functions of the C library: if it cannot exchange two names, the old folder is renamed for a moment.
SYSTEMS = {
    "exchanges": None,
    "has no library": without_library,
    "has no such function": lambda _: SimpleNamespace(),
    "refuses": lambda _: SimpleNamespace(renameat2=lambda *_: -1),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_only_an_own_folder_or_force_replaces_an_answer(sim, tmp_path, monkeypatch, system):
    if SYSTEMS[system]:
        monkeypatch.setattr(folders, "ctypes", SimpleNamespace(CDLL=SYSTEMS[system]))
    place = tmp_path / "answer"
    run_sim(sim, folder=place)
    with pytest.raises(OutputError, match="holds an answer already: choose another folder, or pass --force"):
        run_sim(sim, seed=2, folder=place)
    assert seed_in(place) == 1
    run_sim(sim, seed=3, folder=place, force=True)
    assert seed_in(place) == 3
    for seed in (4, 5):
        assert seed_in(run_sim(sim, seed=seed)[1]) == seed
    assert sorted(os.listdir(place)) == sorted(FILES)
    assert sorted(os.listdir(tmp_path)) == ["answer", "claims_that_count", "results", "runs"]
    assert os.listdir(tmp_path / "results") == ["addition"]


def test_an_answer_that_fails_halfway_leaves_the_one_before(sim, tmp_path, monkeypatch):
    run_sim(sim, folder=tmp_path / "answer")

    def full(folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, "_flush", full)
    told = []
    with pytest.raises(OutputError, match="does not fit on the disk"):
        run_sim(sim, seed=2, folder=tmp_path / "answer", force=True, on_answer=told.append)
    assert told
    assert seed_in(tmp_path / "answer") == 1
    assert not list(tmp_path.glob(".*"))


def test_a_folder_that_fills_during_the_run_is_not_replaced(sim, tmp_path):
    def meanwhile(answer):
        (tmp_path / "answer").mkdir()
        (tmp_path / "answer" / "notes.md").write_text("")

    with pytest.raises(OutputError, match=r"notes\.md.*this answer was kept in .*answer-2"):
        run_sim(sim, seed=7, folder=tmp_path / "answer", on_answer=meanwhile)
    assert seed_in(tmp_path / "answer-2") == 7
    assert os.listdir(tmp_path / "answer") == ["notes.md"]
