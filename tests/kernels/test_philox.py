"""Philox4x32-10 against the known answers of Random123 (kat_vectors), and its diffusion of bits."""

import numba
import numpy as np
import pytest

from langevin.kernels import streams as module
from langevin.kernels.streams import philox

KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def numbers(text):
    return [np.uint64(int(word, 16)) for word in text.split()]


@pytest.fixture(scope="module")
def compiled():
    @numba.njit
    def call(c0, c1, c2, c3, k0, k1):
        return philox(c0, c1, c2, c3, k0, k1)

    return call


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_known_answers(counter, key, expected, compiled):
    arguments = numbers(counter) + numbers(key)
    assert list(philox(*arguments)) == numbers(expected)
    assert list(compiled(*arguments)) == numbers(expected)


def test_whole_arrays_of_counters_give_the_same_words(compiled):
    counters = np.random.default_rng(0).integers(0, 2**32, (4, 50), dtype=np.uint64)
    key = numbers("0badcafe deadbeef")
    together = np.array(philox(*counters, *key))
    for column in range(50):
        assert list(together[:, column]) == list(compiled(*counters[:, column], *key))


def avalanche(rounds, monkeypatch):
    """Mean number of the 128 bits that change with one bit of counter or key, in standard errors from 64."""
    monkeypatch.setattr(module, "ROUNDS", rounds)
    generator = np.random.default_rng(1)
    inputs = generator.integers(0, 2**32, (6, 4000), dtype=np.uint64)
    flipped = inputs.copy()
    rows, bits = generator.integers(0, 6, 4000), generator.integers(0, 32, 4000, dtype=np.uint64)
    flipped[rows, np.arange(4000)] ^= np.uint64(1) << bits
    changed = np.bitwise_count(np.array(philox(*inputs)) ^ np.array(philox(*flipped))).sum(axis=0)
    return (changed.mean() - 64) / np.sqrt(32 / 4000)


@pytest.mark.statistical
def test_one_bit_of_input_changes_half_of_the_output(monkeypatch):
    assert abs(avalanche(10, monkeypatch)) < 4
    assert avalanche(3, monkeypatch) < -10, "too few rounds would be noticed"
