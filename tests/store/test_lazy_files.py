"""Numbers stay in their file until they are used, and are the same as in memory."""

import os
import pickle

import h5py
import numpy as np
import pytest

from langevin.errors import InputFileError
from langevin.store import load, save, stored
from langevin.types import arrays
from tests.synthetic import brownian

SHAPE = (40, 30, 3)
KEYS = {
    "walkers": slice(3, 9),
    "every third walker": slice(None, None, 3),
    "backwards": slice(None, None, -2),
    "one walker": 4,
    "last walker": -1,
    "walker and frame": (np.int64(2), -1),
    "a number": (1, 2, 0),
    "a frame": (slice(None), -1),
    "a coordinate": (..., 1),
    "a frame of some": (np.arange(40) % 7 == 2, 5),
    "a window of some": (np.arange(40) % 3 > 0, slice(4, 20, 3)),
    "a list of any order": ([5, 1, -1, 5],),
    "no walker": slice(7, 7),
    "no walker of a mask": np.zeros(40, dtype=bool),
    "walkers and frames in pairs": ([1, 2], [3, 4]),
    "frames by a list": (slice(None), [1, 29, 3]),
    "a grid": np.ix_([1, 2], [3, 9]),
    "a new axis": (slice(None), None, 0),
    "by numbers": np.ones(SHAPE, dtype=bool),
    "all": (),
}


@pytest.fixture
def run():
    return brownian(*SHAPE, observables={"loss": np.random.default_rng(3).random(SHAPE[:2])})


@pytest.fixture
def path(tmp_path, run):
    return save(tmp_path / "run.h5", run)


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 2000 bytes: less than three of the forty walkers."""
    monkeypatch.setattr(arrays, "BLOCK_BYTES", 2000)


@pytest.fixture
def read(monkeypatch):
    """Name and size of every dataset, or part of one, that is read."""
    sizes = []

    def counted(data, part=()):
        values = original(data, part)
        sizes.append((data.name, values.nbytes))
        return values

    original = stored.read
    monkeypatch.setattr(stored, "read", counted)
    return sizes


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("block", [2**26, 2000], ids=["kept", "in the file"])
def test_every_index_gives_what_numpy_gives(path, run, key, block, monkeypatch):
    monkeypatch.setattr(arrays, "BLOCK_BYTES", block)
    found = load(path).states[key]
    np.testing.assert_array_equal(np.asarray(found), run.states[key])
    assert np.shape(found) == run.states[key].shape


@pytest.mark.parametrize("key", [40, -41, (0, 30), (slice(None), -31), np.ones(39, dtype=bool), (0, 0, 0, 0)])
def test_an_index_outside_is_an_error(path, key, small_blocks):
    with pytest.raises(IndexError):
        load(path).states[key]


def test_selections_of_selections(path, run, small_blocks):
    keep = np.arange(40) % 4 > 0
    ours, theirs = (states[keep, 5:][2:27:2][:, ::4] for states in (load(path).states, run.states))
    np.testing.assert_array_equal(np.asarray(ours), theirs)
    np.testing.assert_array_equal([row.sum() for row in ours], [row.sum() for row in theirs])


def test_numpy_takes_it_for_an_array(path, run, small_blocks):
    lazy, states = load(path).states, run.states
    assert (lazy.shape, lazy.ndim, lazy.size, lazy.nbytes) == (SHAPE, 3, states.size, states.nbytes)
    assert len(lazy) == 40
    assert lazy.dtype == states.dtype
    for function in (np.mean, np.sin, np.diff, np.linalg.norm, np.zeros_like, np.isfinite, lambda x: x[0] @ x[1].T,
                     lambda x: x.reshape(-1, 3).T, lambda x: 2 * x - x**2, lambda x: states + x, lambda x: x == states,
                     lambda x: np.concatenate([x, x]), lambda x: np.asarray(x, dtype=np.float32)):  # fmt: skip
        # NumPy 2.0 rounds the same numbers differently if they have another layout in memory
        np.testing.assert_allclose(function(lazy), function(states), rtol=1e-14)
    for copied in (pickle.loads(pickle.dumps(load(path))).states, np.array(lazy)):
        assert type(copied) is np.ndarray
        np.testing.assert_array_equal(copied, states)


def test_nothing_is_read_before_it_is_used_and_small_arrays_once(path, read):
    run = load(path)
    assert run.states.shape == SHAPE
    assert not read
    for _ in range(3):
        run.observables["loss"].mean()
    assert [name for name, _ in read] == ["/observables/loss"]


def test_of_a_large_array_only_what_is_asked_for_is_read(path, read, small_blocks):
    part = load(path).states[3:20, 7:9]
    assert not read  # a selection of walkers and frames stays in the file
    np.asarray(part)
    load(path).states[:, -1, 0]
    assert [size for _, size in read] == [17 * 2 * 3 * 8, 40 * 8]


@pytest.mark.parametrize(
    "change",
    [os.remove, lambda path: save(path, brownian(*SHAPE, seed=9), force=True), lambda path: touched(path)],
)
def test_a_file_that_changed_since_is_refused(path, run, change):
    opened = load(path)
    np.testing.assert_array_equal(opened.observables["loss"], run.observables["loss"])
    change(path)
    with pytest.raises(
        InputFileError, match=r"run\.h5 was replaced, changed or removed since .*: load it again"
    ):
        opened.states.mean()
    np.testing.assert_array_equal(opened.observables["loss"], run.observables["loss"])  # was read before


def touched(path):
    with h5py.File(path, "r+") as file:
        file["trajectory/states"][0, 0, 0] = 7.0


def test_the_file_is_closed_and_may_be_replaced_by_its_own_content(path, run):
    opened = load(path)
    save(path, opened, force=True)
    np.testing.assert_array_equal(load(path).states, run.states)


def test_a_name_is_remembered_when_the_folder_changes(path, run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    opened = load("run.h5")
    monkeypatch.chdir("/")
    np.testing.assert_array_equal(opened.states, run.states)


def test_a_file_larger_than_what_may_be_read_at_once_opens(path, run, monkeypatch):
    """Times and steps of states and of observables take 960 bytes, in chunks too; states take 40 000."""
    monkeypatch.setattr("langevin.store.decode.MAX_BYTES", 2000)
    np.testing.assert_array_equal(load(path).states, run.states)
    monkeypatch.setattr("langevin.store.decode.MAX_BYTES", 400)
    with pytest.raises(InputFileError, match="limit"):
        load(path)
