"""Positions of a walker: if the square of a coordinate would overflow, it is lost, although it is still a number."""

from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, Start, potentials, simulate
from langevin.ensemble import advance
from langevin.ensemble.positions import FARTHEST, all_somewhere, nowhere
from langevin.errors import InputFileError
from langevin.types import Status, Watch
from tests.engine import digest
from tests.ensemble.test_frames import Memory


def hill(x, out, parameters):
    for walker in range(x.shape[1]):
        out[walker] = -0.5 * x[0, walker] ** 2


def down(x, out, parameters):
    for walker in range(x.shape[1]):
        out[0, walker] = -x[0, walker]


def falling(journal=None):
    """Down a hill x grows by 1.1 in each step: beyond 1e150 at about step 3600, beyond doubles at step 7400."""
    problem = Problem(potentials.potential(hill, down, dim=1), 1.0)
    return simulate(problem, walkers=4, steps=6000, every=10, dt=0.1, seed=1, watch=Watch(journal=journal))


@pytest.mark.parametrize(
    ("far", "lost"),
    [
        ([0.0, -1e149], False),
        ([0.0, FARTHEST], True),
        ([-FARTHEST, 0.0], True),
        ([np.nan, 0.0], True),
        ([0.0, np.inf], True),
        ([-np.inf, 0.0], True),
    ],
)
def test_a_place_has_coordinates_whose_squares_are_numbers(far, lost):
    states = np.array([[1.0, 2.0], far])
    assert nowhere(states).tolist() == [False, lost]
    assert all_somewhere(states) is not lost
    assert lost or np.isfinite(1e8 * states**2).all()
    assert all_somewhere(states[:0])


def test_a_walker_is_lost_at_the_first_step_behind_all_places(monkeypatch):
    """Its frames end there, also after a stop between the loss and the check that detects it."""
    whole = falling()
    assert (whole.events["status"] == Status.DIVERGED).all()
    gone = np.isnan(whole.states[:, :, 0])
    np.testing.assert_array_equal(gone, whole.steps >= whole.events["step"][:, None])
    farthest = np.nanmax(np.abs(whole.states), axis=(1, 2))
    assert ((farthest > FARTHEST / 1.1**10) & (farthest < FARTHEST)).all(), "within the ten steps of a frame"
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 900, plan.last))
    journal = Memory()
    falling(journal)
    unnoticed = [kept for kept in journal.presents if "sound states" in kept.state]
    assert unnoticed
    assert all(np.isfinite(kept.state["states"]).all() for kept in unnoticed), "they are numbers"
    again = falling(Memory(unnoticed[-1]))
    np.testing.assert_array_equal(again.events["step"], whole.events["step"])
    np.testing.assert_array_equal(again.states, whole.states)


@pytest.mark.parametrize("walkers", [1, 12])
def test_walkers_lost_behind_several_checks_of_one_chunk(walkers, monkeypatch):
    """Each starts farther down the hill; chunks that end at each check give the same results and frames."""

    def found():
        problem = Problem(potentials.potential(hill, down, dim=1), 1.0)
        start = Start(10.0 ** np.linspace(1.0, 145.0, walkers)[:, None], first_step=0)
        return simulate(problem, walkers=walkers, steps=60_000, every=500, dt=0.02, seed=1, start=start)

    whole = found()
    assert (whole.events["status"] == Status.DIVERGED).all()
    assert np.unique(whole.events["step"] // advance.CHECK_STEPS).size > min(walkers - 1, 1)
    ends = advance._chunk_end
    monkeypatch.setattr(
        advance,
        "_chunk_end",
        lambda plan, now, *rest: min(ends(plan, now, *rest), (now.step // 8192 + 1) * 8192, now.step + 6000),
    )
    assert digest(found()) == digest(whole)


def present(monkeypatch):
    """The record of an unfinished run in which all walkers have finite coordinates."""
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 900, plan.last))
    journal = Memory()
    falling(journal)
    return journal.presents[0]


@pytest.mark.parametrize("far", [1e300, -np.inf, np.nan])
@pytest.mark.parametrize("where", ["a frame", "the state"])
def test_what_was_kept_from_nowhere_does_not_go_on(far, where, monkeypatch):
    """One walker of four, in one frame or in its present state."""
    kept = present(monkeypatch)
    assert falling(Memory(kept)).meta["complete"]
    states, now = kept.states.copy(), kept.state["states"].copy()
    (states[2, 40] if where == "a frame" else now[2])[:] = far
    with pytest.raises(InputFileError, match="the state of this run is damaged"):
        falling(Memory(replace(kept, states=states, state={**kept.state, "states": now})))


@pytest.mark.parametrize("part", ["times", "steps"])
def test_what_was_kept_of_other_moments_does_not_go_on(part, monkeypatch):
    kept = present(monkeypatch)
    wrong = getattr(kept, part).copy()
    wrong[40] = wrong[40] * 1.001 + 1
    with pytest.raises(InputFileError, match="the state of this run is damaged"):
        falling(Memory(replace(kept, **{part: wrong})))


def test_a_memory_without_a_number_does_not_go_on(monkeypatch):
    """The memory of a walker that has not ended."""
    from langevin.integrators import underdamped

    def moving(journal):
        problem = Problem(potentials.quartic(), 0.3)
        return simulate(
            problem, underdamped(), walkers=4, steps=200, dt=0.1, seed=1, watch=Watch(journal=journal)
        )

    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 90, plan.last))
    journal = Memory()
    moving(journal)
    kept = journal.presents[0]
    assert moving(Memory(kept)).meta["complete"]
    memory = kept.state["memory"].copy()
    memory[2, 0] = np.nan
    with pytest.raises(InputFileError, match="the state of this run is damaged"):
        moving(Memory(replace(kept, state={**kept.state, "memory": memory})))
