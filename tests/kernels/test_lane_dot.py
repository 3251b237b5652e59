"""Sums of products over lanes: compiled code has the bits of plain Python, for every division of the lanes."""

import numba
import numpy as np
import pytest
from numba.core.errors import TypingError

from langevin.kernels import rounding
from langevin.kernels.compile import OPTIONS
from langevin.kernels.lane_matrices import add_dot, add_squares_and_dot, subtract_dot

FIRST, STRIDE, OTHER, JUMP = 2, 3, 1, 2
ROWS = 40


def both(out, left, right, count):
    add_dot(out[0], left, FIRST, STRIDE, right, OTHER, JUMP, count)
    subtract_dot(out[1], left, FIRST, STRIDE, right, OTHER, JUMP, count)


@pytest.fixture(autouse=True)
def _exact(monkeypatch):
    monkeypatch.setattr(rounding, "EXACT", True)


def in_one_pass(own, mixed, other, left, right):
    add_squares_and_dot(own, mixed, other, left, right)  # without this driver it would run in plain Python


compiled, compiled_pass = (numba.njit(function, **OPTIONS) for function in (both, in_one_pass))


def arrays(lanes, shared, seed=0):
    generator = np.random.default_rng(seed)
    left = generator.standard_normal(ROWS if shared else (ROWS // 4, 4, lanes))
    return generator.standard_normal((2, lanes)), left, generator.standard_normal((ROWS, lanes))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("lanes", [1, 5, 16, 32, 48, 64, 77])
@pytest.mark.parametrize("count", [0, 1, 2, 11])
def test_compiled_and_plain_sums_agree_to_the_last_bit(lanes, shared, count):
    """77 lanes have two whole turns, a turn of half their size or less, and single lanes."""
    out, left, right = arrays(lanes, shared)
    plain = out.copy()
    compiled(out, left, right, count)
    both(plain, left, right, count)
    np.testing.assert_array_equal(out, plain)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_terms_are_those_of_numpy(shared, exact, monkeypatch):
    """Eleven products of normals agree to round-off."""
    monkeypatch.setattr(rounding, "EXACT", exact)
    out, left, right = arrays(5, shared)
    before = out.copy()
    both(out, left, right, 11)
    factors = np.broadcast_to(left[:, None], (ROWS, 5)) if shared else left.reshape(ROWS, 5)
    terms = (factors[FIRST::STRIDE][:11] * right[OTHER::JUMP][:11]).sum(axis=0)
    np.testing.assert_allclose(out, [before[0] + terms, before[1] - terms], rtol=0, atol=1e-14)


@pytest.mark.parametrize("lanes", [1, 16, 77])
@pytest.mark.parametrize("count", [0, 1, 9])
def test_squares_and_dot_of_one_pass_are_those_of_three(lanes, count):
    left, right = np.random.default_rng(2).standard_normal((2, count, lanes))
    sums = np.zeros((3, 3, lanes))
    compiled_pass(*sums[0], left, right)
    add_squares_and_dot(*sums[1], left, right)
    for out, (one, other) in zip(sums[2], ((left, left), (left, right), (right, right))):
        add_dot(out, one, 0, 1, other, 0, 1, count)
    np.testing.assert_array_equal(sums[0], sums[2])
    np.testing.assert_array_equal(sums[1], sums[2])


@pytest.mark.parametrize(
    ("shape", "kind"), [((slice(None), slice(0, 8, 2)), np.float64), ((), np.float32)], ids=["gaps", "single"]
)
def test_what_is_not_contiguous_doubles_is_refused(shape, kind):
    out, left, right = arrays(8 if shape else 4, False)
    with pytest.raises(TypingError, match="contiguous array of float64"):
        compiled(out[:, :4].copy(), left[..., :4].copy(), right.astype(kind)[shape], 1)
