"""Recorded frames, observables, progress and checkpoints."""

import numpy as np
import pytest

from langevin.ensemble import advance, door
from langevin.types import Status, Watch
from tests.engine import digest, run

FRAMED = ["soft", "soft ring", "reflected", "first passage", "surface"]


@pytest.mark.parametrize("law", FRAMED)
@pytest.mark.parametrize("every", [1, 6, 10])
def test_frames_are_the_final_states_of_shorter_runs(law, every, monkeypatch):
    """Times, steps and shapes too; a last frame stands at the last step."""
    full = run(law, steps=40, every=every)
    assert full.steps[-1] == 40
    assert full.steps[0] == 0
    assert (np.diff(full.steps)[:-1] == every).all()
    np.testing.assert_array_equal(full.times, full.steps * full.meta["dt"])
    assert full.states.shape == (20, full.steps.size, full.states.shape[2])
    for draw in (1, 2, -2, -1):
        shorter = run(law, steps=int(full.steps[draw]))
        np.testing.assert_array_equal(full.states[:, draw], shorter.states[:, -1])
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 7, plan.last))
    assert digest(run(law, steps=40, every=every)) == digest(full)


def test_without_every_the_first_and_the_last_frame_are_kept():
    assert list(run("soft", steps=40).steps) == [0, 40]
    assert list(run("soft", steps=40, every=100).steps) == [0, 40]


def test_a_walker_that_has_stopped_stands_still_where_it_arrived():
    passage = run("first passage", walkers=200, steps=300, every=1)
    arrived = passage.events["status"] == Status.HIT
    assert 0 < arrived.sum() < 200
    margin = passage.meta["target_shift"]
    for walker in np.flatnonzero(arrived):
        stop = passage.events["step"][walker]
        frames = passage.states[walker]
        assert (frames[stop:] == frames[stop]).all()
        inside = (frames[:, 1:] <= 0.25 + (margin if stop else 0.0)).all(axis=1)
        assert inside[stop]
        assert not inside[1:stop].any()
    moving = passage.states[~arrived]
    assert (np.diff(moving, axis=1) != 0).any(axis=2).all()


def test_a_start_can_be_given_for_all_or_for_each():
    one = run("surface", start=[0.0, -1.0])
    np.testing.assert_array_equal(one.states[:, 0], np.tile([0.0, -1.0], (20, 1)))
    angles = np.linspace(0, 6, 20)
    each = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    np.testing.assert_array_equal(run("surface", start=each).states[:, 0], each)


def test_a_start_that_was_given_is_left_alone():
    given = np.full((20, 1), -1.0)
    run("soft", start=given)
    assert (given == -1.0).all()


def test_observables_are_functions_of_the_frames():
    watched = run("soft ring", steps=40, every=10, watch=Watch({"height": lambda states: states[:, 2] ** 2}))
    np.testing.assert_array_equal(watched.observables["height"], watched.states[:, :, 2] ** 2)


def test_progress_and_checkpoints_between_chunks(monkeypatch):
    """A checkpoint is the run so far; what it says is not complete."""
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 20, plan.last))
    monkeypatch.setattr(door, "CHECKPOINT_SECONDS", 0.0)
    told, kept = [], []
    done = run(
        "soft",
        steps=60,
        every=10,
        watch=Watch(progress=lambda *report: told.append(report), checkpoint=kept.append),
    )
    assert told == [(20, 20), (40, 20), (60, 20)]
    assert [part.steps[-1] for part in kept] == [20, 40, 60]
    assert [part.meta["complete"] for part in kept] == [False] * 3
    assert done.meta["complete"]
    for part in kept:
        np.testing.assert_array_equal(part.states, done.states[:, : part.steps.size])


def test_an_interruption_leaves_a_checkpoint(monkeypatch):
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 20, plan.last))
    kept = []

    def interrupt(step, active):
        if step == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("soft", steps=100, every=10, watch=Watch(progress=interrupt, checkpoint=kept.append))
    (part,) = kept
    assert part.steps[-1] == 40
    np.testing.assert_array_equal(part.states[:, -1], run("soft", steps=40).states[:, -1])
