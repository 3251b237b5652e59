"""Round trip, schema, chunks; `save` never overwrites a file, and never writes a part of one."""

import errno
import os
import stat
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.errors import InputFileError, OutputError, UsageError
from langevin.store import atomic, check_writable, load, load_theory, save
from langevin.store.layout import CHUNK_BYTES, chunk_shape
from langevin.types import Comparison, Measurement, Prediction, Status
from tests.schema import assert_schema
from tests.synthetic import brownian, record

COMPARISONS = [
    Comparison("law", 1.0, Measurement(2.0, 0.1, 9, "mean"), Prediction(2.1, 0.01), -1.0, 0.95, "agrees"),
    Comparison(
        *("Würfel", 2.0, Measurement(3.0, np.inf, 1, "mean", False, "one walker")),
        *(Prediction(np.inf, 0.0, False), 0.0, 0.0, "out of range"),
    ),
]


def full(chains=7, draws=5):
    """A run with every kind of content of a file."""
    generator = np.random.default_rng(1)
    return brownian(
        chains,
        draws,
        dim=3,
        observables={
            "train_loss": generator.random((chains, draws)),
            "inside": generator.random((chains, draws)) < 0.5,
            "nearest": generator.integers(0, 9, (chains, draws)).astype(np.int32),
        },
        events={
            "status": generator.integers(0, len(Status), chains).astype(np.int8),
            "samples": np.arange(chains),
            "target": generator.random(chains) < 0.5,
            "label": np.array([f"wählt {i}" for i in range(chains)]),
        },
        meta={"seed": 2**63, "argv": ["langevin", "é"], "config": {"dt": 1e-3, "deep": [None, True]}},
    )


def arrays(trajectory):
    core = {"states": trajectory.states, "times": trajectory.times, "steps": trajectory.steps}
    return {**core, **trajectory.observables, **{f"event {k}": v for k, v in trajectory.events.items()}}


def assert_same(left, right):
    ours, theirs = arrays(left), arrays(right)
    assert list(ours) == list(theirs)
    for name in ours:
        assert ours[name].dtype == theirs[name].dtype
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_round_trip_keeps_every_bit_and_type(tmp_path):
    trajectory = full()
    path = save(tmp_path / "run.h5", trajectory, theory=COMPARISONS)
    loaded = load(path)
    assert_same(trajectory, loaded)
    assert {**loaded.meta, **trajectory.meta} == loaded.meta
    assert load_theory(path) == COMPARISONS
    assert os.listdir(tmp_path) == ["run.h5"]


def test_saving_a_loaded_run_keeps_its_origin(tmp_path):
    first = load(save(tmp_path / "a.h5", record(np.zeros((2, 2, 1)), [0, 1.0], meta={"created": "then"})))
    again = load(save(tmp_path / "b.h5", first))
    assert again.meta == first.meta
    assert again.meta["created"] == "then"


@pytest.mark.parametrize(
    "trajectory",
    [full(), full(1, 1), record(np.zeros((3, 2, 0)), [0, 1.0])],
    ids=["full", "single", "no states"],
)
def test_schema(tmp_path, trajectory):
    assert_schema(save(tmp_path / "run.h5", trajectory, theory=COMPARISONS))


def test_schema_notices_a_missing_dimension_and_a_missing_checksum(tmp_path):
    path = save(tmp_path / "run.h5", full(), theory=COMPARISONS)
    with h5py.File(path, "r+") as file:
        file["observables"].create_dataset("bare", data=np.zeros((7, 5)), dtype="<f8")
    with pytest.raises(AssertionError):
        assert_schema(path)


def test_chunks_hold_at_most_half_a_mebibyte_and_cover_the_rank():
    assert chunk_shape((3, 4), 8) == (3, 4)
    for shape in [(10_000, 1000, 3), (1, 10**7), (10**7,), (65_537, 1, 1), (7, 11, 10_007)]:
        chunk = chunk_shape(shape, 8)
        size = np.prod(chunk) * 8
        assert CHUNK_BYTES / 4 <= size <= CHUNK_BYTES
        assert all(1 <= part <= whole for part, whole in zip(chunk, shape, strict=True))


def test_entries_of_meta_keep_their_order(tmp_path):
    run = load(save(tmp_path / "run.h5", record(np.zeros((1, 1, 1)), [0.0], meta={"z": 1, "a": 2, "m": 3})))
    assert [key for key in run.meta if key in "zam"] == ["z", "a", "m"]


def test_large_meta_entry(tmp_path):
    meta = {"log": "x" * 300_000, **{f"key {i}": i for i in range(50)}}
    loaded = load(save(tmp_path / "run.h5", record(np.zeros((1, 1, 1)), [0.0], meta=meta)))
    assert {**loaded.meta, **meta} == loaded.meta


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"observables": {"loss": np.zeros((3, 3))}}, "shape"),
        ({"observables": {"loss": np.zeros((2, 2), dtype=complex)}}, "complex"),
        ({"observables": {"a/b": np.zeros((2, 2))}}, "a/b"),
        ({"events": {"chain": np.zeros(2)}}, "chain"),
        ({"meta": {"landscape": object()}}, "landscape"),
    ],
)
def test_what_a_file_cannot_hold_is_named(tmp_path, change, words):
    with pytest.raises(UsageError, match=words):
        save(tmp_path / "run.h5", record(np.zeros((2, 2, 1)), [0, 1.0], **change))
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("steps", [[0, 3, 3], [0, 3, 2]])
def test_steps_that_do_not_rise_are_no_run(tmp_path, steps):
    run = replace(brownian(2, 3), steps=np.array(steps))
    with pytest.raises(UsageError, match="the steps do not rise"):
        save(tmp_path / "run.h5", run)
    save(tmp_path / "run.h5", replace(run, steps=np.array([0, 3, 4])))


def test_refuses_to_overwrite_unless_forced(tmp_path):
    path = tmp_path / "run.h5"
    path.write_bytes(b"precious")
    for attempt in (lambda: save(path, full()), lambda: check_writable(path)):
        with pytest.raises(OutputError, match=r"exists already.*--force"):
            attempt()
    assert path.read_bytes() == b"precious"
    check_writable(path, force=True)
    assert path.read_bytes() == b"precious"
    save(path, full(), force=True)
    assert_same(load(path), full())
    assert os.listdir(tmp_path) == ["run.h5"]


def test_content_is_on_the_disk_before_its_name_and_the_name_before_save_returns(tmp_path, monkeypatch):
    done, fsync, link = [], os.fsync, os.link

    def flush(handle):
        done.append(f"flush {'folder' if stat.S_ISDIR(os.fstat(handle).st_mode) else 'file'}")
        fsync(handle)

    monkeypatch.setattr(atomic.os, "fsync", flush)
    monkeypatch.setattr(atomic.os, "link", lambda *names: done.append("name") or link(*names))
    save(tmp_path / "run.h5", full())
    assert done == ["flush file", "name", "flush folder"]


def test_one_of_many_racing_writers_wins(tmp_path):
    path, results = tmp_path / "run.h5", []
    runs = [record(np.full((2, 2, 1), float(i)), [0, 1.0]) for i in range(8)]
    barrier = threading.Barrier(len(runs))

    def write(run):
        barrier.wait()
        try:
            save(path, run)
            results.append(run)
        except OutputError:
            pass

    threads = [threading.Thread(target=write, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 1
    assert_same(load(path), results[0])
    assert os.listdir(tmp_path) == ["run.h5"]


def test_without_hard_links_the_name_is_claimed_first(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(atomic.os, "link", refuse)
    path = save(tmp_path / "run.h5", full())
    assert_same(load(path), full())
    with pytest.raises(OutputError, match="exists already"):
        save(path, full())
    assert os.listdir(tmp_path) == ["run.h5"]


@pytest.mark.parametrize("attempt", [check_writable, lambda path: save(path, full())])
def test_impossible_places_are_explained(tmp_path, attempt):
    (tmp_path / "file").write_text("")
    for place, words in [
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "run.h5", "folder that does not exist"),
        (tmp_path / "file" / "run.h5", "not a folder"),
        (tmp_path / ("x" * 300), "too long"),
    ]:
        with pytest.raises(OutputError, match=words):
            attempt(place)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "permission"),
        (errno.EROFS, "reading only"),
        (errno.ENOSPC, "disk"),
        (errno.EIO, "could not"),
    ],
)
def test_refusals_of_the_system_name_the_remedy(tmp_path, monkeypatch, code, words):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(atomic.os, "fsync", refuse)
    with pytest.raises(OutputError, match=words):
        save(tmp_path / "run.h5", full())
    assert not os.listdir(tmp_path)


def test_a_full_disk_leaves_nothing_and_does_not_crash_the_interpreter(tmp_path):
    program = f"""
        import resource
        from tests.synthetic import brownian
        from langevin.errors import OutputError
        from langevin.store import save
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            save({str(tmp_path / "run.h5")!r}, brownian(100))
        except OutputError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "largest file allowed" in done.stdout
    assert not os.listdir(tmp_path)


def test_an_unfinished_run_is_not_written_over(tmp_path):
    (tmp_path / "run.h5.partial").mkdir()
    with pytest.raises(OutputError, match="unfinished run"):
        check_writable(tmp_path / "run.h5")
    check_writable(tmp_path / "run.h5", force=True)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputFileError, match="cannot be read"):
        load(tmp_path / "none.h5")


def test_a_long_rest_is_opened_again(tmp_path):
    """A file that was saved can be opened: 300 MB of one number are small on disk; commands read it if requested."""
    path = tmp_path / "rest.h5"
    run = brownian(2, 3)
    states = np.broadcast_to(np.float64(0.5), (100, 4000, 100))
    times, steps = np.arange(4000.0), np.arange(4000)
    events = {name: np.resize(values, 100) for name, values in run.events.items()}
    save(
        path,
        replace(
            run, states=np.zeros((100, 4000, 1)), times=times, steps=steps, observables={}, events=events
        ),
    )
    with h5py.File(path, "r+", libver=("v110", "v110")) as file:  # as files of version 1 were packed
        place = file["trajectory"]
        del place["states"]
        place.create_dataset("states", data=states, chunks=(10, 400, 10), compression="gzip")
    assert path.stat().st_size * 32 < states.nbytes
    assert load(path).states.shape == states.shape
    refused = CliRunner().invoke(main, ["info", str(path)])
    assert refused.exit_code == 4
    assert "add --any-size" in refused.output
    assert CliRunner().invoke(main, ["info", str(path), "--any-size"]).exit_code == 0
