"""First passage on closed curves: closed forms, direct quadrature, and walkers in a field with either sign."""

import math

import numpy as np
import pytest

import langevin
from langevin import manifolds, potentials, theory
from langevin.comparison import compare_all
from langevin.dynamics import dynamics_of
from langevin.errors import UsageError
from langevin.experiment.theories import theories_for
from langevin.theories.curve_passage import curve_passage
from langevin.theory.escape.along_curve import curve_edges, curve_passage_time, curve_share
from langevin.theory.surfaces.cached import curve_of
from langevin.types import Case, Curve, Setting, StepLaw
from tests.circle import VARIATION
from tests.circle import jacobian as uneven_jacobian
from tests.circle import residual as uneven_residual

WIDTH = 0.3
#: Half the arc of the target on a unit circle: its chord is `WIDTH`.
HALF = 2.0 * math.asin(0.5 * WIDTH)
SURFACE, GIBBS = theory.surfaces.projection_law(0), theory.surfaces.projection_law(1)


def residual(x, out, parameters):
    a, b = parameters
    for walker in range(x.shape[1]):
        out[0, walker] = (x[0, walker] / a) ** 2 + (x[1, walker] / b) ** 2 - 1.0


def jacobian(x, out, parameters):
    a, b = parameters
    for walker in range(x.shape[1]):
        out[0, 0, walker] = 2.0 * x[0, walker] / a**2
        out[0, 1, walker] = 2.0 * x[1, walker] / b**2


def at_the_right(x, out, parameters):
    for walker in range(x.shape[1]):
        out[walker] = math.sqrt((x[0, walker] - 1.0) ** 2 + x[1, walker] ** 2) - WIDTH


def at_the_top(x, out, parameters):
    for walker in range(x.shape[1]):
        out[walker] = math.sqrt(x[0, walker] ** 2 + (x[1, walker] - 1.0) ** 2) - WIDTH


def circle(*targets, start=(-1.0, 0.0)):
    return manifolds.constraint(residual, jacobian, 2, 1, start=start, parameters=(1.0, 1.0), target=targets)


def uneven_circle():
    return manifolds.constraint(
        uneven_residual, uneven_jacobian, 2, 1, start=(0.0, 1.0), parameters=(VARIATION,), target=at_the_right
    )


def height(x, out, parameters):
    (strength,) = parameters
    for walker in range(x.shape[1]):
        out[walker] = strength * x[0, walker]


def slope(x, out, parameters):
    (strength,) = parameters
    for walker in range(x.shape[1]):
        out[0, walker], out[1, walker] = strength, 0.0


def in_field(surface, strength):
    """The field U = strength x."""
    return manifolds.with_field(surface, potentials.potential(height, slope, 2, parameters=(strength,)))


def time_on(landscape, temperature, law=SURFACE):
    curve = curve_of(landscape)
    *ends, _ = curve_edges(landscape, curve, landscape.start(np.full((1, 2), 0.5), 0.0)[0])
    return curve_passage_time(landscape, curve, law, temperature, tuple(ends))


def by_angles(exponent, temperature, start):
    """The time on a unit circle by the nested integral of Gardiner, section 5.2.7, with the trapezium rule."""
    angles = np.linspace(HALF, 2.0 * math.pi - HALF, 200_001)
    gap, scale = angles[1] - angles[0], np.exp(exponent(angles))

    def running(values):
        return np.concatenate([[0.0], np.cumsum(0.5 * (values[1:] + values[:-1]))]) * gap

    way, inner = running(scale), running(scale * running(1.0 / scale)) / temperature
    here = int(np.argmin(abs(angles - start)))
    return way[here] / way[-1] * inner[-1] - inner[here]


def test_free_motion_on_a_circle_has_its_closed_form():
    for theta in (0.1, 2.0):
        found = time_on(circle(at_the_right), theta)
        # (L / 2)^2 / 2 theta from the middle of an arc of length L; the traced curve is known to about 1e-8
        assert found.value == pytest.approx(0.5 * (math.pi - HALF) ** 2 / theta, rel=1e-6)


def test_the_share_of_two_targets_is_that_of_the_ways():
    landscape = circle(at_the_right, at_the_top)
    curve = curve_of(landscape)
    *ends, owners = curve_edges(landscape, curve, np.array([-1.0, 0.0]))
    share = curve_share(landscape, curve, SURFACE, 0.5, tuple(ends)).value
    to_top, to_right = 0.5 * math.pi - HALF, math.pi - HALF
    nearer = to_right / (to_right + to_top)
    assert sorted(owners) == [0, 1]
    assert (share if owners[1] == 1 else 1.0 - share) == pytest.approx(nearer, rel=1e-6)


@pytest.mark.parametrize("strength", [1.0, -1.0])
def test_the_time_in_a_field_is_the_nested_integral(strength):
    found = time_on(in_field(circle(at_the_right), strength), 0.5)
    wanted = by_angles(lambda angles: strength * np.cos(angles) / 0.5, 0.5, math.pi)
    assert found.value == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(("law", "power"), [(SURFACE, 0.0), (GIBBS, 1.0)])
def test_the_law_of_the_step_pulls_beside_the_field(law, power):
    """Phi is the log of the stiffness 1 + 0.8 cos phi, once with det(J J^T)^(-1/2)."""
    found = time_on(in_field(uneven_circle(), 0.4), 0.6, law)
    wanted = by_angles(
        lambda angles: 0.4 * np.cos(angles) / 0.6 + power * np.log(1.0 + VARIATION * np.cos(angles)),
        0.6,
        0.5 * math.pi,
    )
    assert found.value == pytest.approx(wanted, rel=1e-5)


def test_a_start_in_the_target_and_a_target_off_the_curve_have_no_time():
    inside = circle(at_the_right, start=(1.0, 0.0))
    assert curve_edges(inside, curve_of(inside), np.array([1.0, 0.0])) is None

    def beyond(x, out, parameters):
        for walker in range(x.shape[1]):
            out[walker] = 3.0 - x[0, walker]

    missed = circle(beyond)
    assert curve_edges(missed, curve_of(missed), np.array([-1.0, 0.0])) is None
    still = theory.surfaces.noise_law(1.0, heat=0.0)
    with pytest.raises(UsageError, match="no heat"):
        curve_passage_time(missed, curve_of(missed), still, 1.0, (-1.0, 0.0, 1.0))


def test_coarse_steps_in_a_field_are_out_of_range():
    along = StepLaw(across=False, pull=0.0)
    case = Case(in_field(circle(at_the_right), 40.0), dynamics_of("projected"), along, watched=True)
    assert set(theories_for("first passage", case)) == {"curve-passage"}
    assert not curve_passage.coarse(Setting(case, 1.0, 1e-4))
    assert "curvature of the field" in curve_passage.coarse(Setting(case, 1.0, 0.02))


def test_walkers_in_a_field_take_its_time_and_not_that_of_the_field_with_the_other_sign():
    theta, landscape = 0.5, in_field(circle(at_the_right), -1.0)
    report = langevin.ask(landscape, temperature=theta, walkers=1500, seed=2, dt=2e-3)
    assert [row.verdict for row in report.comparisons] == ["agrees"]
    broken = {
        "other sign": lambda t: time_on(in_field(circle(at_the_right), 1.0), t),
        "no field": lambda t: time_on(circle(at_the_right), t),
    }
    curves = [Curve(name, predict, "", "") for name, predict in broken.items()]
    rows = compare_all([theta], [report.measured["mean arrival time"]], curves, 0.05, logarithmic=True)
    assert [row.verdict for row in rows] == ["excluded"] * 2


def test_walkers_on_an_ellipse_reach_two_targets_in_their_shares():
    def ends(side):
        def tip(x, out, parameters):
            for walker in range(x.shape[1]):
                out[walker] = 1.7 - side * x[0, walker]

        return tip

    ellipse = manifolds.constraint(
        residual, jacobian, 2, 1, start=(0.0, 1.0), parameters=(2.0, 1.0), target=(ends(1.0), ends(-1.0))
    )
    report = langevin.ask(in_field(ellipse, 0.4), temperature=0.5, walkers=3000, seed=4, dt=2e-3)
    assert [row.verdict for row in report.comparisons] == ["agrees"] * 3
    share = report.measured["share of target 1"]
    assert share.value - 0.5 > 4 * share.error  # the force -0.4 drives to the left
