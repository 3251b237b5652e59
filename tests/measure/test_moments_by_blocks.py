"""Measures of a run in a file read it by blocks, and give the bits of the same measures of a run in memory."""

import math

import numpy as np
import pytest

from langevin import measure
from langevin.errors import UsageError
from langevin.measure.displacement import mean_squared_displacement
from langevin.measure.moments import over_states
from langevin.store import load, save, stored
from langevin.types import Status, arrays, blocks
from tests.synthetic import brownian

WALKERS, FRAMES, DIM = 60, 50, 3
#: Smaller than three of the walkers' paths of 1200 bytes, and than their 1440 bytes in one frame.
BLOCK = 3000
WINDOW = {"first_time": 0.3}


def far(x):
    return x[:, 0] + x[:, 1] > 0.3


def first(x):
    return x[:, 0] * 2


MEASURES = {
    "mean": lambda run: measure.ensemble_mean(run, first),
    "mean at a frame": lambda run: measure.ensemble_mean(run, first, 7),
    "time mean": lambda run: measure.time_mean(run, first, 0.3),
    "occupation": lambda run: measure.occupation(run, far, **WINDOW),
    "exit rate": lambda run: measure.exit_rate(run, far, **WINDOW),
    "residence": lambda run: measure.residence_time(run, far, **WINDOW),
    "found and kept": lambda run: measure.found_and_kept(run, far, after=0.1, **WINDOW),
    "density": lambda run: measure.stationary_density(run, first, [-1, 0, 1], **WINDOW),
    "correlation": lambda run: measure.integrated_autocorrelation_time(run, first, **WINDOW),
    "effective size": lambda run: measure.effective_sample_size(run, first, **WINDOW),
    "R-hat": lambda run: measure.split_r_hat(run, first, **WINDOW),
    "relaxation": lambda run: measure.relaxation_time(run, first, lags=(0.02, 0.3), **WINDOW),
    "area rate": lambda run: measure.area_rate(run, first, lambda x: x[:, 1], **WINDOW),
    "Kramers-Moyal": lambda run: measure.kramers_moyal_coefficients(
        run, first, [-1, 0, 1], lag=1 / 49, **WINDOW
    ),
    "displacement": lambda run: measure.mean_displacement(run, 1),
    "drift": lambda run: measure.drift_velocity(run, 1, 20),
    "squared displacement": lambda run: mean_squared_displacement(run, 3),
    "exponents": lambda run: measure.displacement_exponents(run),
    "path length": lambda run: measure.mean_path_length(run, **WINDOW),
    "late diffusion": lambda run: measure.late_diffusion(run),
}


@pytest.fixture
def run():
    """Two walkers are lost, so that those that are measured have gaps between them."""
    status = np.full(WALKERS, Status.FINISHED, dtype=np.int8)
    status[[5, 31]] = Status.DIVERGED
    run = brownian(WALKERS, FRAMES, DIM, events={"status": status})
    run.states[[5, 31], 20:] = math.inf
    return run


@pytest.mark.parametrize("of", MEASURES.values(), ids=MEASURES)
def test_a_measure_reads_by_blocks_and_keeps_every_bit(tmp_path, monkeypatch, run, of):
    """No read of states is larger than a block plus the gap of a lost walker in it."""
    expected, sizes, path = of(run), [], save(tmp_path / "run.h5", run)

    def counted(data, part=()):
        values = original(data, part)
        sizes.append(values.nbytes if data.name == "/trajectory/states" else 0)
        return values

    original = stored.read
    monkeypatch.setattr(stored, "read", counted)
    monkeypatch.setattr(arrays, "BLOCK_BYTES", BLOCK)
    found = of(load(path))
    assert repr(found) == repr(expected)
    assert 0 < max(sizes) <= BLOCK + FRAMES * DIM * 8
    assert repr(of(run)) == repr(expected)  # a run in memory too


def test_a_measure_that_takes_all_states_at_once_would_be_caught(tmp_path, monkeypatch, run):
    """Control: the count above detects a function that reads all states."""
    monkeypatch.setattr(arrays, "BLOCK_BYTES", BLOCK)
    path, sizes, original = save(tmp_path / "run.h5", run), [], stored.read
    monkeypatch.setattr(
        stored, "read", lambda *given: sizes.append(original(*given).nbytes) or original(*given)
    )
    load(path).states.mean()
    assert max(sizes) == WALKERS * FRAMES * DIM * 8


@pytest.mark.parametrize("shape", [(0,), (0, 5), (5, 0), (1, 1), (7,), (7, 11), (1, 1000), (1000, 1)])
@pytest.mark.parametrize("itemsize", [0, 1, 8, 400, 10_000])
def test_blocks_cover_an_array_once_and_in_order(monkeypatch, shape, itemsize):
    monkeypatch.setattr(arrays, "BLOCK_BYTES", 800)
    seen, parts = np.zeros(shape, int), list(blocks(shape, itemsize))
    for part in parts:
        seen[part] += 1
        assert seen[part].size * itemsize <= max(800, itemsize)
    assert (seen == 1).all()
    assert len(parts) == 1 or seen.size * itemsize > 800
    starts = [tuple(along.start for along in part) for part in parts]
    assert starts == sorted(starts)


def test_a_function_of_the_wrong_shape_is_named(run):
    with pytest.raises(UsageError, match=r"gives \(3000, 3\) for states \(3000, 3\)"):
        over_states(run.states, lambda x: x)
