"""The early change of means on surfaces, compared with closed forms and with walks."""

import math

import numpy as np
import pytest

import langevin
from langevin import manifolds
from langevin.errors import NumericalError, UsageError
from langevin.integrators import euler_maruyama, label_noise
from langevin.manifolds.ellipsoid import axes_of
from langevin.measure import ensemble_mean
from langevin.theory import drift, surfaces
from langevin.theory.surfaces.change import looseness_at

EVEN, GIBBS, LABELS = surfaces.projection_law(0.0), surfaces.projection_law(1.0), surfaces.noise_law(1.0, 0.0)


def start_of(place):
    return surfaces.on_surface(place, place.start(np.full((1, place.dim), 0.5), 0.0))[0]


def log_det(place):
    return lambda states: surfaces.log_det_normal_hessian(place, states)


def trace(place):
    return lambda states: surfaces.trace_normal_hessian(place, states)


def balance(states):
    return states[:, 0] ** 2 - states[:, 1] ** 2


@pytest.mark.parametrize(
    ("place", "lengths"),
    [
        (manifolds.sphere(3), 1.0),
        (manifolds.sphere(6, radius=2.0), 2.0),
        (manifolds.special_orthogonal(), 1.0),
        (manifolds.stiefel(), 1.0),
    ],
)
@pytest.mark.parametrize("law", [EVEN, GIBBS, surfaces.noise_law(0.0, 1.0, 1e-3)])
def test_coordinates_of_round_surfaces_are_harmonics(place, lengths, law):
    """Lap x = -decay_rate x, so E x(t) is an exponential; no law drifts where all points are the same."""
    point, weights = start_of(place), np.cos(np.arange(place.dim))
    theta, rate = 0.3, place.facts.decay

    def function(states):
        return states @ weights

    found, error = surfaces.mean_rate(place, point[None], law, theta, function)
    expected = -theta * rate * (point @ weights)
    assert abs(found[0] - expected) <= error[0] < 1e-7 * abs(expected) + 1e-8
    curve = surfaces.mean_change(place, point, law, theta, function)
    time = surfaces.usual_time(place, point, law, theta, function)
    least, widest = (0.998, 0.1) if place.codim == 1 else (0.5, 0.2)  # later orders count among frames
    latest = 0.2 / (theta * rate)
    assert least * latest < time < 1.002 * latest
    for share in (0.0, 0.3, 1.0):
        answer = curve.predict(share * time)
        exact = math.expm1(-theta * rate * share * time) * (point @ weights)
        assert answer.in_range
        # t x rate = 0.2: a third order of 0.2^2 / 6, and as much again or some times that as it is estimated
        assert abs(answer.value - exact) <= answer.remainder <= widest * abs(exact) + 1e-9
    assert not curve.predict(2.1 * latest).in_range


def test_laws_of_the_hyperbola():
    place, theta = manifolds.hyperbola(), 0.3
    point = start_of(place)
    (moment,) = place.facts.moments
    for law, expected in ((EVEN, moment.surface_rate), (GIBBS, moment.gibbs_rate)):
        found, error = surfaces.mean_rate(place, point[None], law, theta, balance)
        assert abs(found[0] - theta * expected) <= error[0] < 1e-8
    # Phi = k cosh 2s, |dx/ds|^2 = 2 cosh 2s and q = 2 sinh 2s: ds/dt = -theta k tanh 2s, dq/dt = -4 theta k sinh 2s
    tilt, k = place.dials["tilt"], place.dials["stiffness"]
    found, error = surfaces.mean_rate(place, point[None], LABELS, theta, balance)
    assert abs(found[0] + 4 * theta * k * math.sinh(2 * tilt)) <= error[0] < 1e-6
    # d sinh 2s / dt = -2 theta k sinh 2s
    for time in (0.0, 0.002, 0.05):
        answer = surfaces.mean_change(place, point, LABELS, theta, balance).predict(time)
        exact = 2 * math.sinh(2 * tilt) * math.expm1(-2 * theta * k * time)
        assert abs(answer.value - exact) <= max(1e-7, answer.remainder)
        assert answer.value == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize(("outputs", "hidden", "inputs"), [(1, 2, 2), (3, 3, 1)])
def test_the_balance_of_linear_networks(outputs, hidden, inputs):
    place = manifolds.factorised(outputs, hidden, inputs)
    point = start_of(place)
    rate = 2.0 * (outputs - inputs)
    for i in range(hidden):

        def entry(states, i=i):
            second = states[:, : outputs * hidden].reshape(-1, outputs, hidden)
            first = states[:, outputs * hidden :].reshape(-1, hidden, inputs)
            return (second[:, :, i] ** 2).sum(axis=1) - (first[:, i] ** 2).sum(axis=1)

        found, error = surfaces.mean_rate(place, point[None], GIBBS, 0.4, entry)
        assert abs(found[0] - 0.4 * rate) <= error[0] < 1e-7


@pytest.mark.parametrize("x", [0.4, 1.6, 3.1])
def test_the_position_along_a_canal(x):
    """L x is the drift; with log det = m log a, L log det = -m theta (A^2 (m/2) sin^2 + A cos)."""
    amplitude, m, theta = 0.8, 3, 0.05
    place = manifolds.canal(transverse=m, stiffness=50.0, amplitude=amplitude)
    point = np.array([x, 0.0, 0.0, 0.0])
    law = surfaces.noise_law(0.0, 1.0, 0.01)

    def profile(s):
        return place.facts.profile.stiffness(s)

    slope = place.facts.profile.slope
    found, error = surfaces.mean_rate(place, point[None], law, theta, lambda states: states[:, 0])
    expected = drift.log_det_drift(profile, slope, m, theta, 0.01)(np.array([x]))
    assert abs(found - expected) <= error[0] < 1e-8
    by_labels = surfaces.noise_law(1.0, 0.0, 0.01)
    found, error = surfaces.mean_rate(place, point[None], by_labels, theta, lambda states: states[:, 0])
    assert abs(found - drift.trace_drift(profile, slope, m, theta, 0.01)(np.array([x]))) <= error[0] < 1e-6
    found, error = surfaces.mean_rate(place, point[None], GIBBS, theta, log_det(place))
    expected = -m * theta * (amplitude**2 * m / 2 * math.sin(x) ** 2 + amplitude * math.cos(x))
    assert abs(found[0] - expected) <= error[0] < 1e-8


@pytest.mark.parametrize("law", ["log-det", "none", "trace"])
def test_the_mean_displacement_along_a_canal_is_that_of_the_line(law):
    place, theta, dt = manifolds.canal(transverse=2, stiffness=400.0, amplitude=0.7, start=1.2), 1e-4, 1e-4
    point = np.array([1.2, 0.0, 0.0])
    laws = {
        "log-det": surfaces.noise_law(0.0, 1.0, dt),
        "none": EVEN,
        "trace": surfaces.noise_law(1.0, 0.0, dt),
    }
    step = label_noise() if law == "trace" else euler_maruyama()
    profile = place.facts.profile
    known = surfaces.drift_curves(profile.stiffness, profile.slope, 2, theta, dt, 1.2, step.law)
    line = next(curve for curve in known if curve.name == law)

    def position(states):
        return states[:, 0]

    curve = surfaces.mean_change(place, point, laws[law], theta, position, settles=law == "trace")
    usual = surfaces.usual_time(place, point, laws[law], theta, position)
    for time in (0.2 * usual, usual):
        left, right = line.predict(time), curve.predict(time)
        assert right.in_range
        assert abs(left.value - right.value) <= 2e-4 * abs(left.value) + right.remainder
        if law == "trace":
            assert right.value == pytest.approx(left.value, rel=1e-5)
            # read on the surface, a tenth of the line's burn-in is left, and looseness
            assert 0.1 * left.remainder < right.remainder < left.remainder + 0.05 * abs(left.value)


def test_an_ellipse_in_its_eccentric_angle():
    """ds = w dt: with w^2 = a^2 sin^2 + b^2 cos^2, J J^T = k w^2 / (a b)^2 x ..., g = cos t is followed in t."""
    place, theta, angle = manifolds.ellipsoid(2, stiffness=40.0, aspect=2.0), 0.2, 0.7
    a, b = axes_of(place)
    point = np.array([[a * math.cos(angle), b * math.sin(angle)]])
    width = math.hypot(a * math.sin(angle), b * math.cos(angle))
    turn = (a**2 - b**2) * math.sin(angle) * math.cos(angle) / width  # dw / dt
    # J J^T = k w^2 (R = 1, a b = 1), so grad Phi = kappa dw/dt / w along t; Lap g = (g'' - g' w'/w) / w^2
    for kappa in (0.0, 1.0, 2.0):
        law = surfaces.projection_law(kappa)
        found, error = surfaces.mean_rate(place, point, law, theta, lambda s: s[:, 0] / a)
        first, second = -math.sin(angle), -math.cos(angle)
        expected = theta / width**2 * (second - first * turn / width - kappa * first * turn / width)
        assert abs(found[0] - expected) <= error[0] < 1e-7


@pytest.mark.parametrize("stiffness", [1e-12, 1e60])
@pytest.mark.parametrize("radius", [1e-7, 1e9])
def test_neither_length_nor_stiffness_has_a_unit(radius, stiffness):
    def rates(size, k):
        place = manifolds.ellipsoid(3, stiffness=k, radius=size)
        point = surfaces.on_surface(place, size * np.array([[0.9, 0.5, 0.4]]))
        rate = surfaces.mean_rate(place, point, GIBBS, size**2, log_det(place))[0][0]
        return rate, surfaces.usual_time(place, point[0], GIBBS, size**2, log_det(place))

    # the time depends on a third order of nested differences, correct to 7e-5 here
    assert rates(radius, stiffness) == pytest.approx(rates(1.0, 100.0), rel=2e-4)


def test_where_nothing_moves_there_is_a_usual_time():
    sphere = manifolds.sphere(3)
    point = start_of(sphere)
    assert 0 < surfaces.usual_time(sphere, point, EVEN, 0.1, trace(sphere)) < 10.0
    assert 0 < surfaces.usual_time(sphere, point, LABELS, 0.1, trace(sphere)) < 10.0
    answer = surfaces.mean_change(sphere, point, LABELS, 1e-3, lambda s: s @ np.ones(3), True).predict(1.0)
    assert abs(answer.value) <= max(answer.remainder, 1e-12)
    with pytest.raises(UsageError, match="nothing moves"):
        surfaces.usual_time(
            sphere, point, surfaces.SurfaceLaw("still", EVEN.potential, 0.0, ""), 0.1, balance
        )


def test_loose_motion_and_walls_are_out_of_range():
    place = manifolds.ellipsoid(2, stiffness=40.0, aspect=2.0)
    point = start_of(place)
    shape = surfaces.surface_shape(place, point)
    a, b = axes_of(place)
    # at the end of the long axis the bend is a / b^2 and nothing else changes; variance theta / (k / a^2)
    assert shape.bends == pytest.approx([a / b**2], rel=1e-6)
    assert looseness_at(shape, surfaces.noise_law(), 1e-3) == pytest.approx(
        1e-3 / (40.0 / a**2) * (a / b**2) ** 2, rel=1e-5
    )
    for theta, fits in ((0.3, False), (1e-3, True)):
        curve = surfaces.mean_change(place, point, surfaces.noise_law(), theta, balance, settles=True)
        assert curve.predict(1e-3 / theta).in_range == fits
    walled = manifolds.perceptron()
    at = start_of(walled)
    gap = (walled.parameters[0] @ at).min()
    curve = surfaces.mean_change(walled, at, EVEN, 1.0, lambda s: s @ at)
    assert curve.predict(1e-4 * gap**2).in_range
    assert not curve.predict(gap**2).in_range


def test_what_cannot_be_computed_is_refused():
    place, point = manifolds.sphere(3), np.array([1.0, 0.0, 0.0])
    with pytest.raises(UsageError, match="temperature"):
        surfaces.mean_rate(place, point[None], EVEN, 0.0, balance)
    with pytest.raises(UsageError, match="not on the surface"):
        surfaces.mean_rate(place, 1.01 * point[None], EVEN, 1.0, balance)
    with pytest.raises(UsageError, match="must have values"):
        surfaces.mean_rate(place, point[None], EVEN, 1.0, lambda states: states)
    with pytest.raises(UsageError, match="one point"):
        surfaces.mean_change(place, point[None], EVEN, 1.0, balance)
    with pytest.raises(UsageError, match="no residual map"):
        surfaces.mean_rate(manifolds.cube(2), [[0.5, 0.5]], EVEN, 1.0, balance)
    with pytest.raises(NumericalError, match="was not found"):
        surfaces.mean_rate(place, point[None], EVEN, 1.0, lambda x: np.where(x[:, 1] == 0, 0.0, np.nan))
    with pytest.raises(UsageError, match="time"):
        surfaces.mean_change(place, point, EVEN, 1.0, balance).predict(-1.0)


def test_a_rough_function_has_a_large_error():
    place = manifolds.sphere(3)
    point = np.array([[0.6, 0.0, 0.8]])
    found, error = surfaces.mean_rate(place, point, EVEN, 1.0, lambda states: np.abs(states[:, 1]) ** 1.5)
    assert error[0] > 0.1 * abs(found[0])


@pytest.mark.statistical
@pytest.mark.parametrize("measure", ["surface", "gibbs"])
def test_projected_walks_change_as_their_law_says_and_no_other(measure):
    place, theta = manifolds.ellipsoid(3), 0.02
    law, other = (EVEN, GIBBS) if measure == "surface" else (GIBBS, EVEN)
    point = surfaces.on_surface(place, [[1.0, 0.45, 0.3]])[0]
    for function in (log_det(place), trace(place)):
        time = surfaces.usual_time(place, point, law, theta, function)
        run = langevin.simulate(
            langevin.Problem(place, theta, "projected", measure), walkers=40_000, steps=100, dt=time / 100,
            start=langevin.Start(point, first_step=0), seed=7,
        )  # fmt: skip
        agrees_with_one(run, place, point, function, time, theta, law, other)


@pytest.mark.statistical
@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.parametrize("dynamics", ["label-noise", "soft"])
def test_walks_with_a_width_change_as_their_law_says_and_no_other(dynamics):
    place = manifolds.factorised(stiffness=100.0)
    soft = dynamics == "soft"
    point = start_of(place)
    change = np.array([[1.3, 0.2, 0.1], [0.0, 0.7, -0.3], [0.2, 0.1, 1.1]])
    point = np.concatenate(
        [(point[:6].reshape(2, 3) @ change).ravel(), np.linalg.solve(change, point[6:].reshape(3, 2)).ravel()]
    )
    theta, dt, walkers = (0.02, 1e-3, 4000) if soft else (1e-3, 1e-3, 1000)
    law = surfaces.noise_law(0.0, 1.0, dt) if soft else surfaces.noise_law(1.0, 0.0, dt)
    other = EVEN if soft else surfaces.noise_law(0.0, 0.0, dt)
    for function in (log_det(place), trace(place)):
        time = surfaces.usual_time(place, point, law, theta, function)
        steps = round(time / dt)
        run = langevin.simulate(
            langevin.Problem(place, theta, dynamics),
            walkers=walkers,
            steps=steps,
            dt=dt,
            start=langevin.Start(point, first_step=0),
            seed=3,
        )
        agrees_with_one(run, place, point, function, steps * dt, theta, law, other)


def agrees_with_one(run, place, point, function, time, theta, law, other):
    """Whether the change in a run agrees with its law within four standard errors, and not with the other law."""
    settles = run.meta["dynamics"] != "projected"
    measured = ensemble_mean(run, lambda states: function(surfaces.on_surface(place, states)))
    change = measured.value - function(point[None])[0]
    right, wrong = (
        surfaces.mean_change(place, point, each, theta, function, settles).predict(time)
        for each in (law, other)
    )
    assert right.in_range
    assert abs(change - right.value) <= 4 * measured.error + right.remainder
    assert abs(change - wrong.value) > 4 * measured.error + right.remainder
