"""The mean time to a cap of a sphere."""

import math

import pytest
from scipy.integrate import dblquad

from langevin.errors import UsageError
from langevin.theory.passage import cap_passage_time


@pytest.mark.parametrize(
    ("dim", "angle", "start"), [(2, 0.2, 3.0), (3, 0.3, 2.0), (4, 0.5, 3.1), (7, 1.0, 2.5)]
)
def test_the_double_integral(dim, angle, start):
    """Adaptive quadrature of both integrals, to 1e-8."""
    power = dim - 2
    value, _ = dblquad(
        lambda v, u: math.sin(v) ** power / math.sin(u) ** power,
        angle,
        start,
        lambda u: u,
        math.pi,
        epsabs=1e-10,
    )
    assert cap_passage_time(dim, 2.0, angle, start, 0.5).value == pytest.approx(8.0 * value, rel=1e-8)


def test_closed_forms():
    """A circle is an interval with a mirror at the far point; a sphere has the logarithm; inside the time is 0."""
    assert cap_passage_time(2, 1.0, 0.2, math.pi).value == pytest.approx((math.pi - 0.2) ** 2 / 2, rel=1e-10)
    assert cap_passage_time(3, 1.0, 0.2, math.pi).value == pytest.approx(4.6085, abs=5e-5)
    assert cap_passage_time(3, 1.0, 0.2, 0.1).value == 0
    with pytest.raises(UsageError, match="0 < angle < pi"):
        cap_passage_time(3, 1.0, 0.0, 1.0)
