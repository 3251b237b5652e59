"""Times to a target on a line from kernels alone, compared with quadrature, symmetry and series."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import dblquad

from langevin.errors import UsageError
from langevin.potentials import double_well, periodic, potential, quadratic
from langevin.theory.escape.any_line import line_escape_curves, target_edge
from langevin.types import Facts


def well(x):
    return (x * x - 1) ** 2


def value(x, out, parameters):
    for i in range(x.shape[1]):
        out[i] = (x[0, i] ** 2 - 1) ** 2


def gradient(x, out, parameters):
    for i in range(x.shape[1]):
        out[0, i] = 4 * x[0, i] * (x[0, i] ** 2 - 1)


def own(start, distance):
    """The double well with a target where distance(x) <= 0."""

    def target(x, out, parameters):
        for i in range(x.shape[1]):
            out[i] = distance(x[0, i])

    return potential(value, gradient, 1, start=[start], stiffness=8.0, target=target)


def by_double_integral(start, target, lower, theta):
    """(1 / theta) int_start^target int_lower^y e^((f(y) - f(z)) / theta), by adaptive quadrature."""
    return (
        dblquad(lambda z, y: math.exp((well(y) - well(z)) / theta), start, target, lower, lambda y: y)[0]
        / theta
    )


def test_over_the_pass_to_the_right_and_to_the_left():
    exact = by_double_integral(-1.0, 1.0, -2.5, 0.3)
    right = line_escape_curves(own(-1.0, lambda x: 1.0 - x))
    left = line_escape_curves(own(1.0, lambda x: x + 1.0))
    for curves in (right, left):
        assert [curve.name for curve in curves] == ["exact quadrature", "Eyring-Kramers"]
        assert curves[0].predict(0.3).value == pytest.approx(exact, rel=1e-7)
        # 2 pi / sqrt(8 x 4) e^(1 / theta): curvatures 8 in the well and -4 on the pass, in range from theta = 1/5 on.
        assert curves[1].predict(0.3).value == pytest.approx(
            2 * math.pi / math.sqrt(32) * math.exp(1 / 0.3), rel=1e-5
        )
        assert [curves[1].predict(theta).in_range for theta in (0.1, 0.3)] == [True, False]


def raised_value(x, out, parameters):
    value(x, out, ())
    for i in range(x.shape[1]):
        out[i] += parameters[0]


def raised_gradient(x, out, parameters):
    gradient(x, out, ())


@pytest.mark.parametrize("height", [-3.0, 5.0])
def test_where_the_loss_is_zero_does_not_matter(height):
    """Times and their range depend only on differences of the loss, so a bottom that is not 0 has no effect."""
    plain = own(-1.0, lambda x: 1.0 - x)
    raised = potential(
        raised_value,
        raised_gradient,
        1,
        start=[-1.0],
        parameters=(height,),
        stiffness=8.0,
        target=plain.target,
    )
    for curve, other in zip(line_escape_curves(plain), line_escape_curves(raised), strict=True):
        for theta in (0.1, 0.19, 0.21, 0.3):
            found = other.predict(theta)
            assert found.value == pytest.approx(curve.predict(theta).value, rel=1e-6)
            assert found.in_range == curve.predict(theta).in_range


def test_facts_that_were_written_down_say_the_same():
    """The built-in well with and without its facts; a target at 0.5 instead of 1 has another time."""
    named = line_escape_curves(replace(double_well(), facts=Facts()))
    assert named[0].predict(0.2).value == pytest.approx(by_double_integral(-1.0, 1.0, -2.5, 0.2), rel=1e-7)
    nearer = line_escape_curves(own(-1.0, lambda x: 0.5 - x))
    assert abs(nearer[0].predict(0.2).value / named[0].predict(0.2).value - 1) > 1e-3


def test_a_target_before_or_little_beyond_the_pass_is_out_of_the_law_s_range():
    """From x = 0.5 the loss still falls by 0.5625 to the bottom, 0.4375 down from the pass: 5 theta at 0.0875."""
    law = line_escape_curves(own(-1.0, lambda x: 0.5 - x))[1]
    assert [law.predict(theta).in_range for theta in (0.087, 0.088)] == [True, False]
    before = line_escape_curves(own(-1.0, lambda x: -0.2 - x))[1]
    assert not before.predict(0.02).in_range


def test_a_target_on_either_side():
    """Symmetric: |x| walks from 0.5 to 1.5 with a mirror at 0."""
    (curve,) = line_escape_curves(own(-0.5, lambda x: 1.5 - abs(x)))
    found = curve.predict(0.25)
    exact = by_double_integral(0.5, 1.5, 0.0, 0.25)
    assert abs(found.value - exact) <= 2 * found.remainder
    assert found.remainder < 1e-3 * exact
    assert abs(curve.predict(0.26).value - exact) > 10 * found.remainder


def test_without_a_well_in_the_target_there_is_no_law_from_well_to_well():
    slope = line_escape_curves(replace(quadratic(), target=own(0.0, lambda x: 2.0 - x).target))
    assert [curve.name for curve in slope] == ["exact quadrature"]


def test_edges_of_targets():
    far = own(-1.0, lambda x: 1.0 - x)
    assert target_edge(far, -1.0, 1) == pytest.approx(1.0, abs=1e-12)
    assert target_edge(far, -1.0, -1) is None
    short = own(
        -1.0, lambda x: 0.3 * (1.0 - x)
    )  # a distance that is too small by a factor still leads to the target
    assert target_edge(short, -1.0, 1) == pytest.approx(1.0, abs=1e-9)


def test_what_has_no_time_is_refused():
    with pytest.raises(UsageError, match="one coordinate and a target"):
        line_escape_curves(periodic())
    with pytest.raises(UsageError, match="starts in its target"):
        line_escape_curves(own(1.5, lambda x: 1.0 - x))
    assert line_escape_curves(own(0.0, lambda x: 1.0 + 0.0 * np.abs(x))) == []
