"""Runs that are written while they are made."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from langevin.errors import InputFileError, OutputError
from langevin.store import append_segment, discard, load, merge, save
from tests.schema import assert_schema
from tests.synthetic import brownian


def cut(run, pieces):
    """The run in pieces along its draws."""
    bounds = np.linspace(0, len(run.times), pieces + 1).astype(int)
    return [
        replace(
            run,
            times=run.times[a:b],
            steps=run.steps[a:b],
            states=run.states[:, a:b],
            observables={name: values[:, a:b] for name, values in run.observables.items()},
        )
        for a, b in pairwise(bounds)
    ]


@pytest.fixture
def run():
    return brownian(6, 20, observables={"loss": np.random.default_rng(0).random((6, 20))})


def test_segments_merge_into_the_very_run(tmp_path, run):
    path = tmp_path / "run.h5"
    for index, part in enumerate(cut(run, 4)):
        append_segment(path, index, part)
        so_far = load(path)
        assert so_far.meta["unfinished"] is True
        np.testing.assert_array_equal(so_far.states, run.states[:, : 5 * (index + 1)])
    merge(path)
    assert os.listdir(tmp_path) == ["run.h5"]
    assert_schema(path)
    whole = load(path)
    assert "unfinished" not in whole.meta
    for name in ("states", "times", "steps"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(run, name))
    np.testing.assert_array_equal(whole.observables["loss"], run.observables["loss"])


def test_a_run_killed_at_any_moment_keeps_what_it_committed(tmp_path):
    """Kill -9 a child that appends; every segment that it announced is there, and equal."""
    program = """
        import sys
        import numpy as np
        from langevin.store import append_segment
        from tests.synthetic import record
        for index in range(10_000):
            part = record(np.full((50, 2, 20), float(index)), [2.0 * index, 2.0 * index + 1])
            append_segment(sys.argv[1], index, part)
            print(index, flush=True)
    """
    for delay in (0.0, 0.011, 0.023, 0.037):
        path = tmp_path / f"run {delay}.h5"
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(path)], stdout=subprocess.PIPE, text=True
        )
        announced = [int(child.stdout.readline()) for _ in range(3)]
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        announced += [int(line) for line in child.stdout.read().split()]
        child.stdout.close()
        child.wait()
        loaded = load(path)
        committed = loaded.states.shape[1] // 2
        assert committed in (len(announced), len(announced) + 1)
        np.testing.assert_array_equal(loaded.states[0, :, 0], np.repeat(np.arange(committed), 2))
        merge(path)
        assert load(path).states.shape[1] == 2 * committed


def test_a_segment_is_never_written_twice(tmp_path, run):
    append_segment(tmp_path / "run.h5", 0, run)
    with pytest.raises(OutputError, match="exists already"):
        append_segment(tmp_path / "run.h5", 0, run)


def test_merging_keeps_the_segments_when_the_file_exists(tmp_path, run):
    path = save(tmp_path / "run.h5", run)
    append_segment(path, 0, cut(run, 2)[0])
    with pytest.raises(OutputError, match="exists already"):
        merge(path)
    assert (tmp_path / "run.h5.partial" / "00000.h5").exists()
    assert load(path).states.shape[1] == 20
    merge(path, force=True)
    assert load(path).states.shape[1] == 10


def test_missing_and_foreign_segments_are_errors(tmp_path, run):
    path = tmp_path / "run.h5"
    with pytest.raises(InputFileError):
        merge(path)
    (tmp_path / "run.h5.partial").mkdir()
    with pytest.raises(InputFileError, match="no segment"):
        load(path)
    append_segment(path, 1, run)
    with pytest.raises(InputFileError, match="lacks a segment"):
        load(path)
    append_segment(path, 0, brownian(5, 20))
    with pytest.raises(InputFileError, match="not of the same run"):
        load(path)
    discard(path)
    assert not os.listdir(tmp_path)
    discard(path)


def test_a_copied_segment_does_not_count_twice(tmp_path, run):
    path = tmp_path / "run.h5"
    for index, part in enumerate(cut(run, 2)):
        append_segment(path, index, part)
    folder = tmp_path / "run.h5.partial"
    (folder / "00000 (copy).h5").write_bytes((folder / "00000.h5").read_bytes())
    assert load(path).states.shape[1] == 20
    (folder / "00002.h5").write_bytes((folder / "00000.h5").read_bytes())
    with pytest.raises(InputFileError, match=r"00002\.h5 repeats steps of the segment before: remove it"):
        load(path)
