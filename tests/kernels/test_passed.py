"""The next process finds that a trial was passed, by its name."""

import pathlib

from langevin import Problem, manifolds, simulate
from langevin.kernels import passed
from langevin.kernels.passed import has_passed, mark_passed, trial_name

SPHERE = Problem(manifolds.sphere(3), 1.0, "projected")
WALK = {"dt": 0.001, "steps": 10, "walkers": 8, "seed": 1}


def test_another_process_knows_what_has_passed(nothing_passed, monkeypatch):
    name = trial_name("step", 3.0)
    assert not has_passed(name)
    mark_passed(name)
    monkeypatch.setattr(passed, "_known", set())
    assert has_passed(name)
    assert not has_passed(trial_name("step", 3.5))


def test_what_has_no_name_is_tried_every_time(nothing_passed):
    name = trial_name("step", pathlib.Path())
    mark_passed(name)
    assert name is None
    assert not has_passed(name)


def test_a_folder_that_cannot_be_written_does_not_stop_a_run(tmp_path, nothing_passed, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(passed, "_folder", lambda: tmp_path / "file" / "trials")
    assert simulate(SPHERE, **WALK).states.shape[0] > 0


def test_all_that_was_tried_is_remembered_on_disk(tmp_path, nothing_passed, monkeypatch):
    monkeypatch.setattr(passed, "_folder", lambda: tmp_path / "trials")
    simulate(SPHERE, **WALK)
    assert len(list((tmp_path / "trials").iterdir())) == 2
