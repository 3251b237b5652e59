"""Recorded frames, observables, progress, and the records that are written during a run."""

from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, Start, potentials, simulate
from langevin.ensemble import advance, keeping
from langevin.types import Status, Watch
from tests.engine import digest, run

FRAMED = ["soft", "soft ring", "reflected", "first passage", "surface"]


@pytest.mark.parametrize("law", FRAMED)
@pytest.mark.parametrize("every", [1, 6, 10])
def test_frames_are_the_final_states_of_shorter_runs(law, every, monkeypatch):
    """Times, steps and shapes too; the last frame is at the last step."""
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


@pytest.mark.parametrize("chunk", [13, 10**6])
def test_a_run_whose_walkers_have_all_arrived_records_no_more(chunk, monkeypatch):
    """For all chunks the last frame but one is at the last arrival, or at the last multiple before it."""
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + chunk, plan.last))
    passage = run("first passage", steps=50_000, every=3)
    assert (passage.events["status"] == Status.HIT).all()
    assert list(passage.steps[-2:]) == [passage.events["step"].max() // 3 * 3, 50_000]


@pytest.mark.parametrize("chunk", [13, 10**6])
def test_a_walker_that_is_lost_is_nowhere_in_all_frames_from_then_on(chunk, monkeypatch):
    """For all chunks: it is lost within ten steps, and this is detected only at the last step."""
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + chunk, plan.last))
    start = np.where(np.arange(20) % 2, 0.1, 60.0)[:, None]
    problem = Problem(potentials.quartic(), 0.3)
    lost = simulate(problem, walkers=20, steps=60, dt=0.01, every=1, seed=1, start=Start(start, first_step=0))
    assert (lost.events["status"][::2] == Status.DIVERGED).all()
    first = lost.events["step"][:, None]
    nowhere = (lost.steps >= first) & (lost.events["status"] == Status.DIVERGED)[:, None]
    np.testing.assert_array_equal(np.isnan(lost.states[:, :, 0]), nowhere)
    assert np.isfinite(lost.states[~nowhere]).all()


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


class Memory:
    """A journal that keeps its records in memory; `kept` are the records from before."""

    def __init__(self, kept=None, due=True):
        self.presents, self.pieces, self.kept, self.is_due = [], [], kept, due

    def open(self, identity):
        self.identity = identity()
        return self.kept

    def due(self):
        return self.is_due

    def cut(self, piece, part):
        assert piece == len(self.pieces)
        self.pieces.append(part)

    def write(self, pieces, present):
        assert pieces == len(self.pieces)
        state = {name: values.copy() for name, values in present.state.items()}
        self.presents.append(replace(present, state=state))

    def close(self, pieces, last):
        assert pieces == len(self.pieces)
        return last


def test_progress_and_presents_between_chunks(monkeypatch):
    """Each record is the run up to this step, marked as not complete."""
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 20, plan.last))
    told, journal = [], Memory()
    done = run(
        "soft", steps=60, every=10, watch=Watch(progress=lambda *report: told.append(report), journal=journal)
    )
    assert told == [(20, 20), (40, 20), (60, 20)]
    assert [part.steps[-1] for part in journal.presents] == [20, 40, 60]
    assert [part.meta["complete"] for part in journal.presents] == [False] * 3
    assert done.meta["complete"]
    for part in journal.presents:
        np.testing.assert_array_equal(part.states, done.states[:, : part.steps.size])


def test_an_interruption_leaves_the_present(monkeypatch):
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 20, plan.last))
    journal = Memory(due=False)

    def interrupt(step, active):
        if step == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("soft", steps=100, every=10, watch=Watch(progress=interrupt, journal=journal))
    (part,) = journal.presents
    assert part.steps[-1] == 40
    np.testing.assert_array_equal(part.states[:, -1], run("soft", steps=40).states[:, -1])


def test_an_interruption_amid_a_chunk_leaves_nothing_that_is_half_of_it(monkeypatch):
    """No record has the states of one step with the counts of another."""
    monkeypatch.setattr(advance, "_record", lambda *rest: (_ for _ in ()).throw(KeyboardInterrupt))
    journal = Memory(due=False)
    with pytest.raises(KeyboardInterrupt):
        run("soft", steps=100, every=10, watch=Watch(journal=journal))
    assert not journal.presents


def test_frames_leave_the_memory_in_pieces(monkeypatch):
    """Pieces and the last frames are the frames of a run that keeps all; the last frame is in no piece."""
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 20, plan.last))
    whole = run("soft", steps=100, every=5)
    monkeypatch.setattr(keeping, "PIECE_BYTES", 3 * whole.states[:, 0].nbytes)
    journal = Memory(due=False)
    last = run("soft", steps=100, every=5, watch=Watch(journal=journal))
    assert len(journal.pieces) > 2
    assert last.states.shape[1] < 6
    parts = [*journal.pieces, last]
    np.testing.assert_array_equal(np.concatenate([part.states for part in parts], axis=1), whole.states)
    np.testing.assert_array_equal(np.concatenate([part.times for part in parts]), whole.times)


def test_one_frame_larger_than_a_piece_stays(monkeypatch):
    """Only the last frame is in memory, and it is not written."""
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 20, plan.last))
    monkeypatch.setattr(keeping, "PIECE_BYTES", 1)
    journal = Memory(due=False)
    last = run("soft", steps=100, every=50, watch=Watch(journal=journal))
    parts = [*journal.pieces, last]
    np.testing.assert_array_equal(
        np.concatenate([part.states for part in parts], axis=1), run("soft", steps=100, every=50).states
    )


def half(x, out, parameters):
    for walker in range(x.shape[1]):
        out[walker] = 0.5 * x[0, walker] ** 2


def lost_beyond(x, out, parameters):
    for walker in range(x.shape[1]):
        out[0, walker] = x[0, walker] if abs(x[0, walker]) < 1.5 else np.nan


def losing(journal=None):
    problem = Problem(potentials.potential(half, lost_beyond, dim=1), 0.5)
    return simulate(problem, walkers=30, steps=200, every=50, dt=0.01, seed=1, watch=Watch(journal=journal))


def test_lost_walkers_are_lost_at_the_same_step_after_a_stop(monkeypatch):
    """The stop comes after a walker is lost, and before the step of its loss has been searched."""
    whole = losing()
    assert (whole.events["status"] == Status.DIVERGED).any()
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 20, plan.last))
    journal = Memory()
    losing(journal)
    amid = [kept for kept in journal.presents if "sound states" in kept.state]
    assert amid
    for kept in journal.presents:
        again = losing(Memory(kept))
        for name, values in whole.events.items():
            np.testing.assert_array_equal(again.events[name], values)
        np.testing.assert_array_equal(again.states, whole.states)
