"""The same seed gives the same bits for every division of the work: threads, lanes, chunks, more walkers."""

from types import SimpleNamespace

import numpy as np
import pytest

from langevin import Watch
from langevin.ensemble import advance, blocks
from langevin.ensemble.blocks import few_batch
from langevin.integrators import euler_maruyama
from langevin.kernels.few_normals import whole_rows
from langevin.kernels.loop_arrays import Few
from tests.engine import LAWS, digest, run

#: Enough walkers for several blocks, and enough steps for first passages, after which lanes are empty.
MANY = {"walkers": 700, "steps": 150}
CUT = ["soft", "two-point noise", "first passage", "bridge", "variable step"]


@pytest.fixture(scope="module")
def whole():
    """The runs in one piece, on one thread."""
    return {law: run(law, **MANY) for law in LAWS}


@pytest.mark.parametrize("law", CUT)
@pytest.mark.parametrize("threads", [2, 3])
def test_threads(law, threads, whole):
    assert digest(run(law, **MANY, watch=Watch(threads=threads))) == digest(whole[law])


@pytest.mark.parametrize("law", CUT)
@pytest.mark.parametrize("lanes", [16, 48, 256])
def test_lanes(law, lanes, whole, monkeypatch):
    monkeypatch.setattr(advance, "lanes_for", lambda *sizes: lanes)
    assert digest(run(law, **MANY)) == digest(whole[law])


def cut_every(steps, monkeypatch):
    """Force chunks of `steps` steps, independent of the batches of the generator; returns the list of chunk ends."""
    ends = []

    def chunk_end(plan, now, *rest):
        ends.append(min(now.step + steps, plan.last))
        return ends[-1]

    monkeypatch.setattr(advance, "_chunk_end", chunk_end)
    return ends


@pytest.mark.parametrize("law", CUT)
@pytest.mark.parametrize("steps", [1, 7, 64])
def test_chunks(law, steps, whole, monkeypatch):
    """Chunks of 1 and 7 steps end inside batches; with short chunks, stopped walkers often leave their lanes."""
    ends = cut_every(steps, monkeypatch)
    assert digest(run(law, **MANY, watch=Watch(threads=2))) == digest(whole[law])
    assert len(ends) > 1


@pytest.mark.parametrize("law", [law for law in LAWS if law not in CUT])
def test_every_law_cut_in_all_ways(law, whole, monkeypatch):
    monkeypatch.setattr(advance, "lanes_for", lambda *sizes: 32)
    cut_every(13, monkeypatch)
    assert digest(run(law, **MANY, watch=Watch(threads=3))) == digest(whole[law])


@pytest.mark.parametrize("law", LAWS)
def test_more_walkers_leave_the_first_ones_alone(law, whole):
    few = run(law, **MANY | {"walkers": 33})
    np.testing.assert_array_equal(few.states, whole[law].states[:33])
    for name, event in few.events.items():
        np.testing.assert_array_equal(event, whole[law].events[name][:33])


@pytest.mark.parametrize(
    "law", [law if law in ("soft", "bridge") else pytest.param(law, marks=pytest.mark.slow) for law in LAWS]
)
@pytest.mark.parametrize("walkers", [range(1), range(2, 4), range(20, 25)])
def test_few_walkers_have_a_driver_of_their_own_and_the_same_bits(law, walkers, whole, monkeypatch):
    """One lane, one lane in two blocks, eight lanes; also in chunks that end inside batches."""
    few = run(law, **MANY | {"walkers": walkers})
    np.testing.assert_array_equal(few.states, whole[law].states[walkers])
    for name, event in few.events.items():
        np.testing.assert_array_equal(event, whole[law].events[name][walkers])
    cut_every(37, monkeypatch)
    assert digest(run(law, **MANY | {"walkers": walkers}, watch=Watch(threads=2))) == digest(few)


@pytest.mark.parametrize("law", LAWS)
def test_an_ensemble_is_continued_from_its_last_walker(law, whole):
    rest = run(law, **MANY | {"walkers": range(100, 700)})
    np.testing.assert_array_equal(rest.states, whole[law].states[100:])
    np.testing.assert_array_equal(rest.events["time"], whole[law].events["time"][100:])


def test_the_last_walkers_that_the_counter_can_name():
    last = run("soft", walkers=range(2**32 - 2, 2**32))
    assert not (last.states[:, -1] == run("soft", walkers=2).states[:, -1]).any()


def test_another_seed_gives_other_bits(whole):
    for law in LAWS:
        other = run(law, **MANY, seed=6)
        moved = (other.states[:, -1] != whole[law].states[:, -1]).any(axis=1)
        assert moved[whole[law].events["step"] > 0].all()


def test_a_seed_that_was_drawn_is_kept_and_repeats_the_run():
    drawn = run("soft", seed=None)
    assert 0 <= drawn.meta["seed"] < 2**64
    assert digest(run("soft", seed=drawn.meta["seed"])) == digest(drawn)
    assert digest(run("soft", seed=None)) != digest(drawn)


@pytest.mark.parametrize(("dim", "work_rows"), [(1, 1), (3, 20), (100, 100), (3000, 3000), (30_000, 10)])
@pytest.mark.parametrize("walkers", [1, 17, 10_000])
@pytest.mark.parametrize("threads", [1, 2, 7])
def test_lanes_are_whole_vectors_and_fit(dim, work_rows, walkers, threads):
    lanes = blocks.lanes_for(walkers, dim, dim, work_rows, threads)
    assert 16 <= lanes <= blocks.MAX_LANES
    assert lanes % 16 == 0
    assert lanes <= blocks.TURN or lanes * 16 * dim < 2 * blocks.BLOCK_BYTES


def test_packing_and_unpacking_give_the_rows_back():
    generator = np.random.default_rng(0)
    states, memory, index = generator.random((50, 3)), generator.random((50, 2)), np.array([4, 7, 8, 31, 49])
    packed = blocks.pack(states, memory, index, 1000, 4)
    assert packed.states.shape == (2, 3, 4)
    np.testing.assert_array_equal(packed.rows(packed.states), states[index])
    np.testing.assert_array_equal(packed.rows(packed.states[None])[0], states[index])
    np.testing.assert_array_equal(packed.rows(packed.memory), memory[index])
    np.testing.assert_array_equal(packed.flat(packed.walkers), index + 1000)
    assert (packed.status.reshape(-1)[5:] == blocks.PADDING).all()
    assert np.isfinite(packed.states).all(), "padding lanes stay finite"


@pytest.mark.parametrize("lanes", [1, 8])
@pytest.mark.parametrize("numbers", range(1, 70))
def test_a_batch_of_few_walkers_is_whole_turns_and_divides_the_checks(lanes, numbers):
    steps = few_batch(Few(numbers, 0, numbers, lanes))
    assert steps * numbers % whole_rows(lanes) == 0
    assert advance.CHECK_STEPS % steps == 0


@pytest.mark.parametrize("group", [4, 16])
@pytest.mark.parametrize("dim", range(1, 30))
def test_a_batch_is_whole_groups_and_divides_the_checks(dim, group):
    steps = advance.batch_steps(dim, group)
    assert steps * dim % group == 0
    assert advance.CHECK_STEPS % steps == 0


def test_a_chunk_ends_on_a_batch_or_the_last_step_and_on_a_check_where_it_passes_one():
    plan = SimpleNamespace(numbers=3, integrator=euler_maruyama(), targets=(), every=0, last=50_001, few=None)
    packed = SimpleNamespace(index=np.arange(10), states=np.zeros(1))
    for step, rate in [(0, 1.0), (4, 1e4), (8000, 1e6), (8192, 3e6), (10_000, 1.0), (30_000, 1e9)]:
        end = advance._chunk_end(plan, SimpleNamespace(step=step), rate, packed)
        assert step < end <= 50_001
        assert end % advance.batch_steps(3) == 0 or end == 50_001
        passed = end // advance.CHECK_STEPS > step // advance.CHECK_STEPS
        assert not passed or end % advance.CHECK_STEPS == 0 or end == 50_001
