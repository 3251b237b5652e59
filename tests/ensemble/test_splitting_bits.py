"""A seed gives the same bits of a rate for every division of the work."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin.ensemble import splitting_rounds, splitting_walks
from langevin.ensemble.splitting import Walks, measured
from langevin.ensemble.splitting_rounds import first_above, no_histories, rewrite
from tests import engine

WELL = langevin.potentials.double_well()
OPTIONS = {"dt": 4e-3, "walkers": 60, "kill": 5, "replicas": 10, "origin": -1.9, "seed": 5, "threads": 1}


def split(**changes):
    return engine.split(langevin.Problem(WELL, 0.15), **OPTIONS | changes)


@pytest.fixture(scope="module")
def whole():
    return split()


def same(one, other):
    np.testing.assert_array_equal(one.probabilities, other.probabilities)
    np.testing.assert_array_equal(one.fluxes, other.fluxes)
    np.testing.assert_array_equal(one.iterations, other.iterations)
    return one.rate == other.rate and one.walked == other.walked


@pytest.mark.parametrize("threads", [2, 3])
def test_threads(threads, whole):
    assert same(split(threads=threads), whole)


@pytest.mark.parametrize("lanes", [16, 48, 256])
def test_lanes(lanes, whole, monkeypatch):
    monkeypatch.setattr(splitting_walks, "lanes_for", lambda *sizes: lanes)
    assert same(split(), whole)


def test_chunks_of_a_climb(whole, monkeypatch):
    monkeypatch.setattr(splitting_walks, "CHUNK", 37)
    assert same(split(), whole)


def test_logs_that_overflow_all_the_time(whole, monkeypatch):
    monkeypatch.setattr(splitting_walks, "LOG_BYTES", 1)
    assert same(split(), whole)


def test_a_store_that_forgets_as_often_as_it_can(whole, monkeypatch):
    rewritten = []

    def forget(histories, least, wanted):
        found = with_room(histories, least, wanted)
        rewritten.append(found.used)
        return replace(found, rows=found.rows[: found.used + wanted])

    with_room = splitting_rounds._with_room
    monkeypatch.setattr(splitting_rounds, "_with_room", forget)
    assert same(split(), whole)
    assert len(rewritten) == whole.iterations.max() + 1


def test_more_replicas_leave_the_first_ones_alone(whole):
    more = split(replicas=12)
    np.testing.assert_array_equal(more.probabilities[:10], whole.probabilities)
    np.testing.assert_array_equal(more.fluxes[:10], whole.fluxes)


def test_another_seed_gives_other_bits(whole):
    other = split(seed=6)
    assert not (other.probabilities == whole.probabilities).any()


def test_a_seed_that_was_drawn_is_kept_and_repeats_the_run():
    drawn = split(seed=None)
    assert same(split(seed=drawn.meta["seed"]), drawn)


def test_a_flux_that_changes_while_it_is_measured_is_told(whole):
    for drift, mixed in ((-3.0, True), (7.0, False)):
        told = measured(Walks(whole.fluxes, whole.probabilities, whole.iterations, drift, 1, whole.meta)).rate
        assert told.mixed is mixed
        assert ("+7.0 standard errors" in told.note) is not mixed


def test_the_first_row_strictly_above_a_height():
    nothing = no_histories(3, 2)
    rows = np.array([[1.0, 0], [2, 1], [3, 2], [2, 3], [5, 4]])
    low = np.full(3, -np.inf)
    histories = rewrite(nothing, np.array([0, 2]), rows, np.array([0, 0, 0, 1, 1]), low)
    found = first_above(histories, np.array([0, 0, 0, 2, 2]), np.array([0.0, 2.0, 2.5, 2.0, 1.0]))
    np.testing.assert_array_equal(histories.rows[found, 1], [0, 2, 2, 4, 3])
    assert first_above(histories, np.array([0]), np.array([3.0]))[0] == histories.end[0]
    histories = replace(histories, rows=histories.rows[: histories.used])  # full, so that it must drop rows
    histories = rewrite(histories, np.array([1]), rows[3:], np.array([0, 0]), np.array([1.5, 2.0, 2.0]))
    np.testing.assert_array_equal(histories.end - histories.begin, [2, 2, 1])
    assert histories.rows[histories.begin, 0].tolist() == [2, 2, 5]
