"""Times and rates of chambers against finite volumes of the same bodies, and against the plane's closed form."""

import pytest

from langevin.errors import UsageError
from langevin.manifolds import chambers
from langevin.theory.fokker_planck.cells import box_mesh
from langevin.theory.fokker_planck.generators import spectral_gap
from langevin.theory.passage.bodies import body_passage_curve
from langevin.theory.passage.chamber_curves import (
    chamber_passage_curve,
    chamber_passage_time,
    two_chambers_curve,
)


def by_finite_volumes(**dials):
    body = chambers(dim=3, **dials)
    found = body_passage_curve(body, body.facts.box.lower, body.facts.box.upper, body.facts.box.grid).predict(
        1.0
    )
    assert found.in_range
    return found


@pytest.mark.parametrize("length", [0.5, 1.0])
def test_time_through_a_channel_in_space(length):
    """A wide channel on a mesh that fits it; the error of the series is (radius / side)^3 = 2 %: tolerance 3 %."""
    mesh = by_finite_volumes(width=0.5, far=1.0, length=length)
    ours = chamber_passage_time(3, 1.0, 0.5, length, 1.0)
    assert abs(ours.value - mesh.value) < ours.remainder + mesh.remainder + 0.03 * mesh.value
    wider = chamber_passage_time(3, 1.0, 0.6, length, 1.0)
    assert abs(wider.value - mesh.value) > wider.remainder + mesh.remainder + 0.03 * mesh.value


def test_a_narrow_is_in_range_and_the_temperature_is_a_clock():
    curve = chamber_passage_curve(4, 1.0, 0.2, 0.5)
    cold, warm = curve.predict(0.5), curve.predict(1.0)
    assert warm.in_range
    assert cold.value == pytest.approx(2 * warm.value)
    assert 0 < warm.remainder < 0.02 * warm.value
    assert not chamber_passage_curve(4, 1.0, 0.5, 0.5).predict(1.0).in_range
    with pytest.raises(UsageError, match="in the plane"):
        chamber_passage_time(2, 1.0, 0.2, 0.5, 1.0)
    with pytest.raises(UsageError, match="positive"):
        chamber_passage_time(3, 1.0, 0.0, 0.5, 1.0)


def test_a_long_channel_is_its_own_resistance():
    """l / (theta w^(d-1)) dominates for a long channel, in any dimension."""
    for dim in (3, 5):
        long = chamber_passage_time(dim, 1.0, 0.1, 100.0, 1.0).value - 100.0**2 / 2
        assert long == pytest.approx(100.0 / 0.1 ** (dim - 1), rel=2e-3)


def test_balance_of_two_squares_with_a_slit():
    """The gap of finite volumes on a body with a wall of one cell; tolerance 4 % for this cell and the mesh."""
    near, far, half = 1.0, 1.5, 0.1
    thickness, cells = 0.025, 101

    def body(x):
        along, across = x
        left = (along < 0) & (abs(across) < near / 2)
        right = (along > thickness) & (abs(across) < far / 2)
        return left | right | ((along >= 0) & (along <= thickness) & (abs(across) < half))

    mesh = box_mesh((-near, -0.75), (far + thickness, 0.75), (cells, 60), body=body)
    curve = two_chambers_curve(near, far, half, thickness, 1.0)
    gap = spectral_gap(mesh, 0.0 * mesh.centres[0], 1.0)
    assert curve.predict(2).value == pytest.approx(gap, rel=0.12)
    assert curve.predict(3).value < curve.predict(2).value / 2
    assert [curve.predict(dim).in_range for dim in (2, 3, 6)] == [False, True, True]
    with pytest.raises(UsageError, match="whole number"):
        curve.predict(2.5)
