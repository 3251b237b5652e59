"""Rows are declared once: the views of compiled and of plain steps are the same memory."""

import numba
import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.kernels.fingerprint import fingerprint
from langevin.kernels.views import views_of
from langevin.types import Rows

ROWS = Rows(kick=2, matrix=(2, 3), clock=(), nothing=0, scratch=1)


def numbered():
    return np.arange(float(10 * 5)).reshape(10, 5)


def test_the_views_lie_one_after_another():
    assert ROWS.count == 10
    work = numbered()
    kick, matrix, clock, nothing, scratch = views_of(ROWS)(work)
    assert [part.shape for part in (kick, matrix, clock, nothing, scratch)] == [
        (2, 5), (2, 3, 5), (5,), (0, 5), (1, 5),
    ]  # fmt: skip
    np.testing.assert_array_equal(matrix[1, 2], work[7])
    clock[:] = -1.0
    assert (work[8] == -1.0).all()


def test_compiled_views_are_those_of_plain_python():
    views = views_of(ROWS)

    def mark(work):
        kick, matrix, clock, nothing, scratch = views(work)
        for lane in range(work.shape[1]):
            kick[1, lane] = 1.0
            matrix[1, 2, lane] = 2.0 * matrix.shape[0] + matrix.shape[1]
            clock[lane] = 3.0 + nothing.shape[0]
            scratch[0, lane] = 4.0

    plain, compiled = numbered(), numbered()
    mark(plain)
    numba.njit(mark)(compiled)
    np.testing.assert_array_equal(plain, compiled)


def test_too_few_rows_are_noticed_in_plain_python():
    with pytest.raises(IndexError, match="10 rows are declared, the array has 9"):
        views_of(ROWS)(numbered()[:9])


def test_another_layout_is_another_content():
    def step_of(rows):
        views = views_of(rows)

        def step(work):
            return views(work)

        return step

    same, other = Rows(kick=2, clock=()), Rows(kick=1, clock=())
    assert fingerprint(step_of(same)) == fingerprint(step_of(Rows(kick=2, clock=())))
    assert fingerprint(step_of(same))[0] != fingerprint(step_of(other))[0]
    assert fingerprint(step_of(same))[1]


@pytest.mark.parametrize("shape", [-1, 1.5, (2, -1), "2"])
def test_what_is_no_shape_is_refused(shape):
    with pytest.raises(UsageError, match="rows kick must be a whole number of at least 0"):
        Rows(kick=shape)
