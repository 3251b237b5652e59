"""The normals of a training step: their words, their transform, their law."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from langevin.kernels import arrays
from langevin.kernels.box_muller import box_muller
from langevin.sgld import noise
from langevin.sgld.computation import precision

#: Threefry-2x32-20 of Random123 (kat_vectors) for the counter (0, 0) under the key (0, 0).
KNOWN = (0x6B200159, 0x99BA4EFE)


def drawn(shape, step=3, sd=1.0, wanted=True, dtype="float32", seed=0):
    """Noise of one step, compiled."""
    like = jnp.zeros(shape, dtype)
    return np.asarray(jax.jit(noise.draw)(wanted, jax.random.key(seed), step, sd, like))


def test_words_are_the_known_answer_and_those_of_jax():
    from jax.extend.random import threefry_2x32

    words = noise.threefry(np.zeros(2, np.uint32), jnp.zeros(1, jnp.uint32))
    assert tuple(int(word[0]) for word in words) == KNOWN
    key, counter = np.array([5, 7], np.uint32), jnp.arange(1000, dtype=jnp.uint32)
    both = jnp.concatenate(
        [jnp.zeros_like(counter), counter]
    )  # JAX takes the two words of a counter from two halves
    assert np.array_equal(jnp.concatenate(noise.threefry(key, counter)), threefry_2x32(key, both))


def test_traced_pairs_are_those_of_plain_numpy():
    """Equal within some roundings: the compiler may round a product and a sum together."""
    key = jax.random.key(11)
    words = noise.threefry(jax.random.key_data(key), jnp.arange(5000, dtype=jnp.uint32))
    expected = np.stack(box_muller(arrays, *(np.asarray(word).view(np.int32) for word in words)), axis=1)
    found = np.asarray(jax.jit(noise.normal_pairs, static_argnums=1)(key, 5000))
    length = np.hypot(*expected.T)[:, None]
    assert found.dtype == np.float32
    assert (np.abs(found - expected) / length).max() < 1e-6


@pytest.mark.parametrize("shape", [(), (1,), (3, 5), (4, 4)])
def test_shapes_and_numbers_of_odd_size(shape):
    assert drawn(shape).shape == shape
    assert np.array_equal(drawn(shape).ravel(), drawn((16,)).ravel()[: int(np.prod(shape))])


def test_nothing_is_drawn_where_none_is_wanted():
    assert not drawn((7,), wanted=False).any()


def test_double_precision_has_the_normals_of_single():
    with precision("float64"):
        double = drawn((9,), sd=0.5, dtype="float64")
    assert double.dtype == np.float64
    np.testing.assert_allclose(double, 0.5 * drawn((9,)), rtol=1e-7)


def moments(sample):
    """Largest error of the first four moments of normals, in standard errors; p of the Kolmogorov-Smirnov test."""
    n, variances = sample.size, (1, 2, 15, 96)
    expected = (0, 1, 0, 3)
    scores = [
        (np.mean(sample**power) - expected[power - 1]) / np.sqrt(variances[power - 1] / n)
        for power in range(1, 5)
    ]
    return np.abs(scores).max(), stats.kstest(sample, "norm").pvalue


@pytest.mark.statistical
def test_they_are_standard_normal_and_independent_of_step_and_partner():
    rows = np.stack([drawn((100_000,), step=step, seed=2).astype(float) for step in range(10)])
    worst, p = moments(rows.ravel())
    assert worst < 4
    assert p > 1e-4
    even, odd = rows[:, ::2], rows[:, 1::2]
    for one, other in ((even, odd), (rows[:-1], rows[1:]), (even**2 - 1, odd**2 - 1)):
        assert abs(np.mean(one * other)) < 4 * np.sqrt(np.mean(one**2) * np.mean(other**2) / one.size)
    assert moments(1.005 * rows.ravel())[0] > 4  # a variance one per cent too large is detected
