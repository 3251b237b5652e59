"""A splitting that continues from a round has the bits of one in one piece, and all stored arrays are checked."""

import signal
import threading
import time

import numpy as np
import pytest

import langevin
from langevin import stopping
from langevin.ensemble import splitting_walks
from langevin.ensemble.splitting import measured, walked
from langevin.ensemble.splitting_halfway import pack, unpack
from langevin.ensemble.splitting_task import kernels_hash, task_of
from tests import engine

WELL = langevin.potentials.double_well()
REPLICAS, WALKERS = 10, 40


def place_of(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = x[0, lane]


def task(landscape=WELL, temperature=0.15, dt=4e-3, law="soft", **sets):
    effort = langevin.Effort(walkers=WALKERS, kill=5, replicas=REPLICAS)
    return task_of(
        langevin.Problem(landscape, temperature, law), dt=dt, sets=langevin.Sets(**sets), effort=effort,
        correction="shift", seed=5,
    )  # fmt: skip


def rounds_of(of):
    """The walks, and the states after every round, copied at that time and read at the end."""
    known, packed = [], []

    def after(now):
        known.append(now)
        packed.append({name: array.copy() for name, array in pack(now).items()})

    return walked(of, 1, after), known, packed


def same(one, other):
    for name in ("fluxes", "probabilities", "iterations"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    return (one.drift, one.walked, one.meta) == (other.drift, other.walked, other.meta)


@pytest.fixture(scope="module")
def whole():
    return rounds_of(task())


def test_what_is_known_after_a_round_is_never_changed(whole):
    """Later rounds write only after its rows, so an interruption finds it complete."""
    _, known, packed = whole
    for now, then in zip(known, packed, strict=True):
        for name, array in pack(now).items():
            np.testing.assert_array_equal(array, then[name], err_msg=name)


@pytest.mark.parametrize("place", [0, 3, 11, -1])
@pytest.mark.parametrize("threads", [1, 3])
def test_it_goes_on_to_the_same_bits(place, threads, whole):
    walks, _, packed = whole
    assert same(walked(task(), threads, lambda now: None, unpack(task(), packed[place])), walks)


@pytest.mark.parametrize(
    "of",
    [
        task(temperature=0.2, origin=-1.9),
        task(temperature=0.2, score=place_of),
        task(langevin.manifolds.cube(dim=3, fraction=0.3), 1.0, 1e-3, "reflected"),
    ],
    ids=["origin", "score", "body"],
)
def test_other_tasks_go_on_too(of):
    walks, _, packed = rounds_of(of)
    for arrays in (packed[1], packed[len(packed) // 2]):
        assert same(walked(of, 2, lambda now: None, unpack(of, arrays)), walks)


def test_a_state_without_its_last_digits_is_noticed_by_these_tests(whole):
    walks, _, packed = whole
    arrays = packed[3] | {"rows": packed[3]["rows"].copy()}
    arrays["rows"][:, 1] = arrays["rows"][:, 1].astype(np.float16)
    other = walked(task(), 1, lambda now: None, unpack(task(), arrays))
    assert not (other.probabilities == walks.probabilities).all()


def changed(arrays, name, place, value):
    array = arrays[name].copy()
    array.flat[place] = value
    return arrays | {name: array}


BROKEN = {
    "no rows": lambda arrays: {name: array for name, array in arrays.items() if name != "rows"},
    "other rows": lambda arrays: arrays | {"rows": arrays["rows"][1:]},
    "narrow rows": lambda arrays: arrays | {"rows": arrays["rows"][:, 1:]},
    "short numbers": lambda arrays: arrays | {"rows": arrays["rows"].astype(np.float32)},
    "other replicas": lambda arrays: arrays | {"flux": arrays["flux"][1:]},
    "a state that is not finite": lambda arrays: changed(arrays, "rows", 1, np.nan),
    "a height that is not finite": lambda arrays: changed(arrays, "rows", 0, np.nan),
    "a height below all": lambda arrays: changed(arrays, "rows", 0, -np.inf),
    "another summit": lambda arrays: changed(arrays, "summits", 5, 7.0),
    "a summit that is not finite": lambda arrays: changed(arrays, "summits", 5, np.nan),
    "a length below zero": lambda arrays: changed(arrays, "lengths", 5, -1),
    "a length without end": lambda arrays: changed(arrays, "lengths", 5, 2**62),
    "a path without rows": lambda arrays: (
        arrays | {"lengths": np.r_[0, arrays["lengths"][1:]], "rows": arrays["rows"][arrays["lengths"][0] :]}
    ),
    "a share above one": lambda arrays: changed(arrays, "log_weight", 0, 1.0),
    "a probability above one": lambda arrays: changed(arrays, "probability", 0, 2.0),
    "a level that is not finite": lambda arrays: changed(arrays, "level", 0, np.nan),
    "a level above its paths": lambda arrays: changed(arrays, "level", 0, 5.0),
    "rounds to come": lambda arrays: changed(arrays, "iterations", 0, 10**6),
    "rounds below zero": lambda arrays: changed(arrays, "counts", 2, -1),
    "a flux below zero": lambda arrays: changed(arrays, "flux", 0, -1.0),
    "an origin that is not finite": lambda arrays: changed(arrays, "numbers", 0, np.inf),
    "rows that fall": lambda arrays: arrays | {"rows": falling(arrays)},
}


def falling(arrays):
    """Rows whose first path with three of them has its first two exchanged."""
    path = int(np.flatnonzero(arrays["lengths"] > 2)[0])
    first, rows = int(arrays["lengths"][:path].sum()), arrays["rows"].copy()
    rows[[first, first + 1]] = rows[[first + 1, first]]
    return rows


@pytest.mark.parametrize("name", BROKEN)
def test_numbers_that_no_splitting_has_are_refused(name, whole):
    arrays = whole[2][3]
    unpack(task(), arrays)
    with pytest.raises((ValueError, KeyError)):
        unpack(task(), BROKEN[name](arrays))


def test_a_signal_while_blocks_are_walked_ends_the_others(monkeypatch):
    """It waits for blocks that have begun; otherwise a lock could stay closed without end."""
    walk_block, walked_blocks = splitting_walks._walk_block, []

    def signalled(course, blocks, block, *rest):
        if not walked_blocks:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)  # wakes it where it waits
            deadline = time.monotonic() + 20
            while stopping.code() is None and time.monotonic() < deadline:
                time.sleep(0.01)  # the handler runs in the main thread
        walked_blocks.append(block)
        return walk_block(course, blocks, block, *rest)

    monkeypatch.setattr(splitting_walks, "lanes_for", lambda *sizes: 16)
    monkeypatch.setattr(splitting_walks, "_walk_block", signalled)
    with stopping.listening(), pytest.raises(stopping.Terminated):
        walked(task(), 1, lambda now: None)
    assert len(walked_blocks) < 5  # of ten


def test_a_hash_is_that_of_what_is_compiled_in():
    one = kernels_hash(task())
    assert one == kernels_hash(task(temperature=0.2))
    others = [task(score=place_of), task(langevin.potentials.mueller_brown()), task(origin=engine.before)]
    assert len({one, *map(kernels_hash, others)}) == 4


def test_what_was_walked_is_what_splitting_measures(whole):
    found = measured(whole[0])
    assert (
        found.rate
        == langevin.splitting(
            langevin.Problem(WELL, 0.15), dt=4e-3, effort=langevin.Effort(WALKERS, 5, REPLICAS), seed=5
        ).rate
    )
