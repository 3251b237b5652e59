"""One addressing rule: number s * dim + i of a walker's stream, for all lanes, batches and chunks."""

import numba
import numpy as np
import pytest

import langevin
from langevin.kernels.compile import OPTIONS
from langevin.kernels.driver import BEFORE
from langevin.kernels.few_normals import few_normals, whole_rows
from langevin.kernels.streams import split_key
from langevin.potentials import quadratic
from langevin.types import Integrator, Rows
from tests.engine import normals, plain_fill, words

WALKERS = np.array([0, 1, 5, 255, 256, 2**31, 2**32 - 1], np.uint64)


def test_a_number_does_not_depend_on_what_is_drawn_beside_it():
    together = normals(WALKERS, 64)
    np.testing.assert_array_equal(normals(WALKERS, 64, lanes=3), together)
    np.testing.assert_array_equal(normals(WALKERS, 20, first=36), together[36:56])
    for column, walker in enumerate(WALKERS):
        np.testing.assert_array_equal(normals([walker], 64)[:, 0], together[:, column])


def test_seed_stream_and_walker_all_count():
    one = normals([3], 32)
    for other in (
        normals([4], 32),
        normals([3], 32, stream=1),
        normals([3], 32, seed=2),
        normals([3], 32, seed=2**63),
    ):
        assert not (one == other).any()


def test_numbers_far_along_a_stream_and_the_same_in_plain_python():
    """Beyond 2^32 groups the high word of the counter is used."""
    for first in (0, 4 * (2**32 - 2), 4 * 2**40):
        compiled = normals(WALKERS, 16, first=first)
        np.testing.assert_array_equal(normals(WALKERS, 16, first=first, fill=plain_fill), compiled)
        assert np.unique(compiled).size == compiled.size
    assert not (normals(WALKERS, 16) == normals(WALKERS, 16, first=4 * 2**32)).any()


def test_group_of_a_number_is_the_number_over_four():
    """The sign of the first normal of a pair is the lowest bit of its angle word, which identifies the group."""
    angles = np.stack(words([9], range(8)))[[1, 3], :, 0].T.reshape(-1)
    cosines = normals([9], 32)[1::2, 0]
    np.testing.assert_array_equal(cosines < 0, angles.astype(np.uint64) % 2 == 1)


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_normals_of_few_walkers_are_those_of_many(width):
    """Also if the upper word of a group changes inside a turn, and for a number of turns that is not a multiple."""
    few = few_normals(width)
    compiled = numba.njit(lambda *arguments: few(*arguments), **OPTIONS)
    walkers = WALKERS[np.arange(width) % WALKERS.size]
    rows = 11 * whole_rows(width)
    for first in (0, 2**32 - 5, 2**40 + 3):
        out = np.empty((rows, width), np.float32)
        compiled(out, first, walkers, np.uint64(0), *split_key(1))
        np.testing.assert_array_equal(out, normals(walkers, rows, first=4 * first))
    with pytest.raises(IndexError, match=f"{whole_rows(width)} rows of {width} lanes"):
        few(out[1:], 0, walkers, np.uint64(0), *split_key(1))


def record_noise(x, noise, previous, work, memory, status, dt, temperature, parameters):
    """A step that writes its noise, and the noise of the step before, into the state."""
    half = x.shape[0] // 2
    for i in range(half):
        for lane in range(x.shape[1]):
            x[i, lane] = noise[i, lane]
            x[half + i, lane] = previous[half + i, lane]


RECORDER = Integrator(
    name="recorder",
    dynamics="soft",
    weak_order=1.0,
    build=lambda landscape: record_noise,
    rows=lambda landscape: Rows(),
    uses_previous_noise=True,
)


@pytest.mark.parametrize("dim", [2, 3, 4, 6, 20])
@pytest.mark.parametrize("forced", [None, 5])
@pytest.mark.parametrize("walkers", [20, 1])
def test_the_driver_draws_number_s_times_dim_plus_i(dim, forced, walkers, monkeypatch):
    """Also the noise of the step before, which in the first step comes from a separate stream."""
    if forced:
        ends = "langevin.ensemble.advance._chunk_end"
        monkeypatch.setattr(ends, lambda plan, now, rate, blocks: min(now.step + forced, plan.last))
    problem = langevin.Problem(quadratic(dim), 1.0)
    run = langevin.simulate(
        problem,
        RECORDER,
        walkers=range(7, 7 + walkers),
        steps=41,
        dt=1e-3,
        every=1,
        seed=1,
        watch=langevin.Watch(threads=1),
    )
    names = np.arange(7, 7 + walkers)
    drawn = normals(names, 44 * dim).reshape(44, dim, walkers).transpose(2, 0, 1)
    before = normals(names, 4 * dim, stream=BEFORE).reshape(4, dim, walkers).transpose(2, 0, 1)[:, :1]
    half = dim // 2
    np.testing.assert_array_equal(run.states[:, 1:, :half], drawn[:, :41, :half])
    earlier = np.concatenate([before, drawn], axis=1)
    np.testing.assert_array_equal(run.states[:, 1:, half : 2 * half], earlier[:, :41, half : 2 * half])
