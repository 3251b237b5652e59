"""Curves traced from a residual map, compared with closed forms: length, stationary laws, drift along them."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ellipe

from langevin import manifolds, theory
from langevin.errors import NumericalError, UsageError
from langevin.manifolds.ellipsoid import axes_of, eccentric_angle
from langevin.theory.surfaces.cached import closed_curve_of
from langevin.types import StepLaw

LAWS = {kappa: theory.surfaces.projection_law(kappa) for kappa in (0.0, 1.0, 2.0)}


@pytest.mark.parametrize(("aspect", "radius"), [(1.0, 1.0), (3.0, 1e-6), (20.0, 1e5)])
def test_an_ellipse_has_its_length_and_its_bends(aspect, radius):
    place = manifolds.ellipsoid(2, aspect=aspect, radius=radius)
    a, b = axes_of(place)
    curve = theory.surfaces.trace_curve(place)
    assert curve.closed
    # a step turns by 0.04 at most: what is left of the length is of order 0.04^4
    assert curve.length == pytest.approx(4 * a * ellipe(1 - (b / a) ** 2), rel=1e-6)
    assert curve.bends.max() == pytest.approx(a / b**2, rel=1e-2)
    assert curve.bends.min() == pytest.approx(b / a**2, rel=1e-2)
    assert np.abs((curve.points**2 / axes_of(place) ** 2).sum(axis=1) - 1).max() < 1e-4


def test_gibbs_along_an_ellipse_is_uniform_in_the_eccentric_angle():
    place = manifolds.ellipsoid(2, aspect=3.0)
    a, b = axes_of(place)
    curve = theory.surfaces.trace_curve(place)
    angle = eccentric_angle(place, curve.points)
    for kappa, law in LAWS.items():
        speed = np.hypot(a * np.sin(angle), b * np.cos(angle))  # ds / dt; J J^T ~ speed^2 as a b = 1
        norm = quad(
            lambda t, k=kappa: math.hypot(a * math.sin(t), b * math.cos(t)) ** (1 - k), 0, 2 * math.pi
        )[0]
        density = theory.surfaces.stationary_density(curve, law)
        for index in (0, 300, 900, 1700):
            found = density.predict(float(curve.arcs[index]))
            assert found.value == pytest.approx(speed[index] ** -kappa / norm, rel=1e-5)
            assert found.remainder < 1e-6


def test_shares_of_a_valley_by_quadrature():
    curve = theory.surfaces.trace_curve(manifolds.valley(amplitude=2.0))
    shares = theory.surfaces.share_curves(curve, list(LAWS.values()))
    for kappa, law in zip(LAWS, shares):
        # flattest at phi = pi; the quarters lie |phi - pi| < pi/4, pi/2 ...; the density is exp(-kappa cos phi)
        masses = [
            quad(lambda u, k=kappa: math.exp(k * math.cos(u)), q * math.pi / 4, (q + 1) * math.pi / 4)[0]
            for q in range(4)
        ]
        for quarter in range(4):
            found = law.predict(quarter + 1)
            # a border falls between two of 2000 points
            assert found.value == pytest.approx(masses[quarter] / sum(masses), abs=1e-3)
            assert found.remainder < 2e-3
    assert abs(shares[1].predict(1).value - shares[2].predict(1).value) > 0.1


def test_the_trace_has_its_own_place_where_curvatures_differ():
    curve = theory.surfaces.trace_curve(manifolds.quadrics(dim=3, equations=2))
    # two random ellipsoids: the least of a_1 + a_2 lies where a_1 a_2 is among its largest
    trace, det = curve.curvatures.sum(axis=1), curve.curvatures.prod(axis=1)
    assert (det < det[trace.argmin()]).mean() > 0.75
    (law,) = theory.surfaces.share_curves(curve, [theory.surfaces.noise_law(1.0, 0.0)])
    shares = [law.predict(quarter).value for quarter in (1, 2, 3, 4)]
    assert shares == [0.0, 0.0, 0.0, 1.0]


def test_a_period_of_a_valley_is_traced_once():
    """The distance of the last point from the first, one period later, equals the others."""
    floor = closed_curve_of(manifolds.canal())
    assert floor.closed
    gaps = np.diff([*floor.arcs, floor.arcs[0] + floor.length])
    assert gaps == pytest.approx(floor.length / len(floor.arcs), rel=1e-9)


def circle_with_a_wall():
    """The upper half of the unit circle."""

    def residual(x, out, parameters):
        for lane in range(x.shape[1]):
            out[0, lane] = x[0, lane] ** 2 + x[1, lane] ** 2 - 1.0

    def jacobian(x, out, parameters):
        for lane in range(x.shape[1]):
            out[0, 0, lane] = 2.0 * x[0, lane]
            out[0, 1, lane] = 2.0 * x[1, lane]

    def walls(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = -x[1, lane]

    return manifolds.constraint(residual, jacobian, 2, 1, start=[0.6, 0.8], walls=walls)


def test_a_curve_may_end_at_walls():
    curve = theory.surfaces.trace_curve(circle_with_a_wall())
    assert not curve.closed
    assert curve.length == pytest.approx(math.pi, rel=1e-7)
    assert abs(curve.points[[0, -1], 1]).max() < 1e-7
    assert theory.surfaces.is_even(curve)
    (law,) = theory.surfaces.share_curves(curve, [theory.surfaces.projection_law(1.0)])
    assert law.predict(1).value == pytest.approx(0.25, abs=1e-3)


def test_positions_and_quarters_of_states_beside_the_curve():
    curve = theory.surfaces.trace_curve(manifolds.ring(radius=2.0))
    angle = np.array([0.3, 2.0, 4.0, 6.2])
    states = np.outer([1.9, 2.0, 2.1, 2.05], np.ones(2)) * np.column_stack([np.cos(angle), np.sin(angle)])
    arcs = theory.surfaces.arc_positions(curve, states)
    if curve.tangents[0, 1] < 0:  # traced clockwise
        arcs = -arcs % curve.length
    # seen along the tangent of a point half a gap away: 0.1 off the curve x 1.6e-3 of angle
    assert arcs == pytest.approx(2 * angle, abs=2e-4)
    assert sorted(theory.surfaces.quarter_of(curve, states)) == [1, 2, 3, 4]


def test_the_drift_along_the_curve_is_that_of_the_surface():
    place = manifolds.quadrics(dim=3, equations=2, spread=0.5)
    curve = theory.surfaces.trace_curve(place)
    some = slice(100, None, 400)
    for law in (
        theory.surfaces.noise_law(),
        theory.surfaces.noise_law(1.0, 0.0),
        theory.surfaces.projection_law(2.0),
    ):
        drift, _ = theory.surfaces.effective_drift(place, curve.points[some], law, 0.3)
        expected = (drift * curve.tangents[some]).sum(axis=1)
        found = theory.surfaces.curve_drift(curve, law, 0.3)(curve.arcs[some])
        assert found == pytest.approx(expected, abs=1e-4 * np.abs(expected).max())


def test_displacements_along_a_valley_are_those_of_its_profile():
    curve = theory.surfaces.trace_curve(manifolds.valley(stiffness=400.0, amplitude=1.0))
    start = 2.0  # by symmetry the sense in which the curve is traced does not matter
    for step in (
        StepLaw(widening=theory.surfaces.EULER),
        StepLaw(exponent=1.0, heat=0.0, widening=theory.surfaces.EULER),
    ):
        known = theory.surfaces.drift_curves(
            lambda x: 400 * np.exp(np.cos(x)), lambda x: -400 * np.sin(x) * np.exp(np.cos(x)), 1, 0.01, 5e-4, start,
            step,
        )  # fmt: skip
        found = theory.surfaces.curve_drift_curves(curve, 0.01, 5e-4, start, step)
        for one, other in zip(known, found, strict=True):
            assert one.name == other.name
            left, right = one.predict(0.2), other.predict(0.2)
            assert right.in_range
            assert right.value == pytest.approx(left.value, abs=2e-4 * abs(left.value) + 1e-7)


def test_the_looseness_of_a_valley_is_that_of_its_width():
    """theta / a for soft motion, theta for label noise; times 1 for the curvature and sin^2 for (d log a / ds)^2."""
    curve = theory.surfaces.trace_curve(manifolds.valley(stiffness=400.0, amplitude=1.0))
    places = np.linspace(0, 2 * math.pi, 10_000)
    widths = (0.1 * np.exp(-np.cos(places)) / 400, 0.1)
    for exponent, heat, width in zip((0.0, 1.0), (1.0, 0.0), widths):
        step = StepLaw(exponent=exponent, heat=heat, widening=theory.surfaces.EULER)
        expected = (width * (1 + np.sin(places) ** 2)).max()
        for law in theory.surfaces.curve_drift_curves(curve, 0.1, 1e-5, 2.0, step):
            assert law.validity.startswith(f"looseness {expected:.2g} <= ")


def figure_of_eight():
    """(x^2 + y^2)^2 = x^2 - y^2, which crosses itself at the origin."""

    def residual(x, out, parameters):
        s = x[0] ** 2 + x[1] ** 2
        out[0] = s * s - x[0] ** 2 + x[1] ** 2

    def jacobian(x, out, parameters):
        s = x[0] ** 2 + x[1] ** 2
        out[0, 0], out[0, 1] = 4 * s * x[0] - 2 * x[0], 4 * s * x[1] + 2 * x[1]

    return manifolds.constraint(residual, jacobian, 2, 1, start=[1.0, 0.0])


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (manifolds.hyperbola, UsageError, "does not close"),
        (lambda: manifolds.canal(transverse=1, amplitude=0.0), UsageError, "does not close"),
        (manifolds.torus, UsageError, "is no curve"),
        (lambda: manifolds.cube(2), UsageError, "is no curve"),
        (figure_of_eight, NumericalError, "depend on one another"),
    ],
)
def test_what_is_no_closed_curve_is_refused(make, error, words):
    place = make()
    with pytest.raises(error, match=words):
        theory.surfaces.trace_curve(place)


def test_laws_without_a_place_are_refused():
    curve = theory.surfaces.trace_curve(manifolds.ring())
    with pytest.raises(UsageError, match="no heat"):
        theory.surfaces.stationary_density(curve, theory.surfaces.noise_law(1.0, 0.0))
    with pytest.raises(UsageError, match="0 to the length"):
        theory.surfaces.stationary_density(curve, theory.surfaces.noise_law()).predict(7.0)
    with pytest.raises(UsageError, match="closed curve"):
        theory.surfaces.curve_drift(
            theory.surfaces.trace_curve(circle_with_a_wall()), theory.surfaces.noise_law(), 1.0
        )
    assert theory.surfaces.share_curves(curve, [theory.surfaces.noise_law(1.0, 0.0)]) == []


def test_too_loose_is_out_of_range():
    curve = theory.surfaces.trace_curve(manifolds.ring(radius=0.1))
    assert theory.surfaces.looseness(curve, 1e-3) == pytest.approx(0.1, rel=1e-3)  # the bend is 10
    (law,) = theory.surfaces.share_curves(curve, [theory.surfaces.projection_law(1.0)], 0.1)
    assert not law.predict(1).in_range


@pytest.mark.parametrize("stiffness", [1e-12, 1e60])
def test_neither_stiffness_nor_length_has_a_unit(stiffness):
    """The end of the law without heat is found for every size of the trace."""
    curve = theory.surfaces.trace_curve(manifolds.ellipsoid(2, stiffness=stiffness))
    (law,) = theory.surfaces.share_curves(curve, [theory.surfaces.noise_law(1.0, 0.0)])
    assert [law.predict(quarter).value for quarter in (1, 2, 3, 4)] == [1.0, 0.0, 0.0, 0.0]
