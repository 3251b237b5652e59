"""The polynomial Box-Muller transform against NumPy's logarithm, sine and cosine in double precision."""

import itertools
import math

import numpy as np
import pytest

from langevin.kernels import normals as module
from tests.engine import normals, plain_fill, words

#: The largest normal, from the smallest radius word.
LARGEST = math.sqrt(64 * math.log(2))


def exact(radius_word, angle_word):
    """(sine, cosine, radius) from the same single-precision uniforms, whose rounding is no error of the polynomials."""
    half = np.float32(0.5)
    uniform = (np.float32(radius_word >> np.uint64(1)) + half) * np.float32(2**-31)
    signed = angle_word.astype(np.uint32).view(np.int32)
    turn = (np.float32(signed) * np.float32(2**-31)).astype(np.float64)
    sign = np.where(signed & 1, -1.0, 1.0)
    radius = np.sqrt(-2 * np.log(uniform.astype(np.float64)))
    return sign * radius * np.sin(math.pi / 2 * turn), sign * radius * np.cos(math.pi / 2 * turn), radius


@pytest.mark.parametrize("pair", [0, 1])
def test_polynomials_are_those_of_logarithm_sine_and_cosine(pair):
    """Within 4e-7 of the radius: about three roundings of 6e-8 and the fits' 1e-7, over two million normals."""
    walkers, groups = np.arange(512), 1024
    drawn = (
        normals(walkers, 4 * groups, seed=3)[2 * pair :: 4],
        normals(walkers, 4 * groups, seed=3)[2 * pair + 1 :: 4],
    )
    radius_word, angle_word = words(walkers, range(groups), seed=3)[2 * pair : 2 * pair + 2]
    sine, cosine, radius = exact(radius_word, angle_word)
    for single, double in zip(drawn, (sine, cosine)):
        assert (np.abs(single - double) / radius).max() < 4e-7


def test_extreme_words(monkeypatch):
    """Radius and angle at the ends of their ranges, in plain Python: finite, of the right size and sign."""
    ends = [0, 1, 2, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1]
    for radius, angle in itertools.product(ends, ends):
        fixed = tuple(np.uint64(word) for word in (radius, angle, radius, angle))
        monkeypatch.setattr(module, "philox", lambda *counter, fixed=fixed: fixed)
        drawn = normals([0], 4, fill=plain_fill)[:2, 0]
        sine, cosine, length = exact(np.array([radius], np.uint64), np.array([angle], np.uint64))
        np.testing.assert_allclose(drawn, [sine[0], cosine[0]], rtol=0, atol=4e-7 * float(length[0]) + 1e-30)
        assert np.abs(drawn).max() <= LARGEST * (1 + 1e-6)
