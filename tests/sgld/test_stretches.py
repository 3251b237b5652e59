"""A call of compiled code with several recorded steps gives the numbers of calls that each end at one."""

import numpy as np
import pytest

from langevin.sgld import Callbacks, Law, Plan, Protocol, Recording, execute
from langevin.sgld import travel as travelling
from langevin.sgld.observation import EVALUATED, part_size
from langevin.sgld.travel import next_stops
from tests.tiny_network import network

PLAN = Plan(
    Law(0.1, temperature=1e-4, batch=4),
    120,
    chains=4,
    seed=3,
    protocol=Protocol(stop=["train_loss<0.02"]),
    recording=Recording(range(0, 121, 3), weights="frames"),
)


def trained(monkeypatch, stops):
    """A run with `stops` stops in each call, and the weights that its callback receives."""
    shown = []
    monkeypatch.setattr("langevin.sgld.stretch.STOPS", stops)
    callbacks = Callbacks(visit=lambda step, weights: shown.append((step, weights)))
    return execute(network(), PLAN, callbacks), shown


def same(one, other):
    """Whether two runs have the same numbers; sketches are products of vectors or of matrices, and are rounded."""
    (run, shown), (beside, seen) = one, other
    np.testing.assert_allclose(run.states, beside.states, rtol=1e-4, atol=1e-5)
    pairs = [
        (found, getattr(beside, group)[name])
        for group in ("observables", "events", "weights", "state")
        for name, found in getattr(run, group).items()
    ]
    pairs += [
        (mine[leaf], theirs[leaf])
        for (_, nets), (_, others) in zip(shown, seen, strict=True)
        for mine, theirs in zip(nets, others, strict=True)
        for leaf in mine
    ]
    return all(np.array_equal(ours, theirs) for ours, theirs in pairs)


def test_several_recorded_steps_a_call_change_nothing(monkeypatch):
    """Networks stop at different steps in the middle of a call, and keep the weights of these steps."""
    single = trained(monkeypatch, 1)
    assert len(set(single[0].events["step"].tolist())) > 1
    assert same(single, trained(monkeypatch, 16))


def test_a_network_that_keeps_what_lies_behind_its_end_is_caught(monkeypatch):
    single = trained(monkeypatch, 1)
    monkeypatch.setattr(
        travelling, "_places", lambda block, now, stops, place: np.full(len(block.chains), place)
    )
    assert not same(single, trained(monkeypatch, 16))


@pytest.mark.parametrize(
    ("at", "pace", "most", "expected"),
    [
        (0, 7, 16, [3, 6, 7]),
        (0, 6, 16, [3, 6]),
        (3, 2, 16, [5]),
        (0, 100, 2, [3, 6]),
        (0, 7, 1, [3]),
        (117, 3, 16, [120]),
    ],
)
def test_a_call_stops_at_recorded_steps_and_where_python_has_control(at, pace, most, expected):
    assert next_stops(PLAN, at, pace, most) == expected


def test_large_sets_are_cut_into_equal_parts_where_there_are_any():
    assert part_size(60_000) == 4000
    assert part_size(EVALUATED) == EVALUATED
    assert part_size(10_007) == EVALUATED  # a prime number
