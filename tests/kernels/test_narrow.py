"""Arrays with lengths known at compile time give the same numbers, in place or on the stack."""

import numba
import numpy as np
import pytest

from langevin.kernels.fingerprint import fingerprint
from langevin.kernels.loop_arrays import held, shaped


def test_a_known_shape_is_the_same_memory_and_a_held_copy_is_not():
    shape, hold = shaped(2, 3), held(2, 3)

    @numba.njit
    def mark(whole, part):
        rows, copy = shape(whole), hold(part)
        rows[1, 1, 2] = rows.shape[0] + 10 * rows.shape[1] + 100 * rows.shape[2]
        copy[0, 0] += 1.0
        return copy[0, 0], copy[1, 2]

    whole, part = np.zeros((4, 2, 3)), np.arange(6.0).reshape(2, 3) + 5.0
    assert mark(whole, part) == (6.0, 10.0)
    assert whole[1, 1, 2] == 4 + 20 + 300
    assert part[0, 0] == 5.0, "the copy was changed, and not this"


def test_plain_python_notices_other_lengths():
    with pytest.raises(IndexError, match="has not the last lengths"):
        shaped(2, 3)(np.zeros((4, 3, 2)))
    with pytest.raises(IndexError, match="has not the shape"):
        held(2, 3)(np.zeros((3, 2)))


def test_other_lengths_are_another_content():
    def user_of(function):
        def user(array):
            return function(array)

        return user

    hashes = {fingerprint(user_of(function))[0] for function in (shaped(2), shaped(3), held(2), held(3))}
    assert len(hashes) == 4
