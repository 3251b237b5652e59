"""The drift on any surface, compared with closed forms, and with the retraction to the surface itself."""

import numpy as np
import pytest

import langevin
from langevin import integrators, manifolds, theory
from langevin.comparison import compare
from langevin.errors import NumericalError, UsageError
from langevin.manifolds.ellipsoid import axes_of
from langevin.manifolds.factorised import log_det
from langevin.measure import time_mean

ANGLES = np.array([0.2, 0.9, 1.9, 3.3, 5.0])


def along(vectors, directions):
    return np.einsum("pi,pi->p", vectors, directions / np.linalg.norm(directions, axis=1)[:, None])


def ellipse():
    a, b = axes_of(axes := manifolds.ellipsoid(2, stiffness=40.0, aspect=3.0))
    points = np.column_stack([a * np.cos(ANGLES), b * np.sin(ANGLES)])
    forward = np.column_stack([-a * np.sin(ANGLES), b * np.cos(ANGLES)])
    # J J^T = k (x^2 / a^4 + y^2 / b^4) on the ellipse with a b = 1, at (a cos t, b sin t)
    level = 40.0 * (np.cos(ANGLES) ** 2 / a**2 + np.sin(ANGLES) ** 2 / b**2)
    slope = 40.0 * np.sin(2 * ANGLES) * (b**-2 - a**-2) / np.linalg.norm(forward, axis=1)
    return axes, points, forward, level, slope


def canal():
    place = manifolds.canal(transverse=3, stiffness=50.0, amplitude=0.8)
    points = np.zeros((5, 4))
    points[:, 0] = ANGLES
    forward = np.tile(np.eye(4)[0], (5, 1))
    level = 50.0 * np.exp(0.8 * np.cos(ANGLES))
    return place, points, forward, level, -0.8 * np.sin(ANGLES) * level


def hyperbola():
    place, s = manifolds.hyperbola(stiffness=9.0), ANGLES - 2.0
    points = np.column_stack([np.exp(s), np.exp(-s)])
    forward = np.column_stack([np.exp(s), -np.exp(-s)])
    # J J^T = k (w_1^2 + w_2^2) = 2 k cosh 2 s, and ds has the length sqrt(2 cosh 2 s)
    return (
        place, points, forward, 18.0 * np.cosh(2 * s), 36.0 * np.sinh(2 * s) / np.sqrt(2 * np.cosh(2 * s))
    )  # fmt: skip


def quartic_torus():
    rho, z = 2.0 + np.cos(ANGLES), np.sin(ANGLES)
    points = np.column_stack([rho * np.cos(1.0), rho * np.sin(1.0), z])
    forward = np.column_stack([-z * np.cos(1.0), -z * np.sin(1.0), np.cos(ANGLES)])
    return manifolds.quartic_torus(stiffness=7.0), points, forward, 7.0 * rho**2 / 4, -7.0 * rho * z / 2


@pytest.mark.parametrize("case", [ellipse, canal, hyperbola, quartic_torus])
def test_the_drift_is_that_of_the_closed_form(case):
    """`level` is the one normal curvature a, m times, `slope` its derivative along `forward`."""
    place, points, forward, level, slope = case()
    theta, m = 0.7, place.codim
    by_law = {
        theory.surfaces.projection_law(0.0): 0.0 * slope,
        theory.surfaces.projection_law(1.0): -theta * m / 2 * slope / level,
        theory.surfaces.projection_law(2.0): -theta * m * slope / level,
        theory.surfaces.noise_law(0.0): -theta * m / 2 * slope / level,
        theory.surfaces.noise_law(1.0, 0.0): -theta * m / 2 * slope,
        theory.surfaces.noise_law(0.0, 1.0, 0.5 / level.max()):
            -theta * m / 2 * slope / level / (1 - level / 4 / level.max()),
        theory.surfaces.noise_law(-1.5, 1.0): -theta * m / 2 * slope * level**-2.5,
    }  # fmt: skip
    for law, expected in by_law.items():
        drift, error = theory.surfaces.effective_drift(place, points, law, theta)
        size = np.abs(expected).max() + theta  # errors: differences of some 1e-11, here 1e-8
        assert np.abs(along(drift, forward) - expected).max() <= max(error.max(), 1e-12 * size)
        assert error.max() < 1e-8 * size
    wrong = theory.surfaces.effective_drift(place, points, theory.surfaces.projection_law(1.0), theta)[0]
    assert np.abs(along(wrong, forward) + theta * m * slope / level).max() > 0.01


@pytest.mark.parametrize("radius", [1e-7, 1e9])
def test_the_drift_knows_no_unit_of_length(radius):
    place, points, *_ = ellipse()
    scaled = manifolds.ellipsoid(2, stiffness=40.0, radius=radius, aspect=3.0)
    drift = theory.surfaces.effective_drift(place, points, theory.surfaces.noise_law(), 1.0)[0]
    other = theory.surfaces.effective_drift(scaled, radius * points, theory.surfaces.noise_law(), 1.0)[0]
    assert radius * other == pytest.approx(drift, abs=1e-9)


def test_the_distance_loss_of_a_torus_has_no_drift():
    points = quartic_torus()[1]
    drift, error = theory.surfaces.effective_drift(
        manifolds.torus(), points, theory.surfaces.projection_law(2.0), 1.0
    )
    assert np.abs(drift).max() < 1e-8
    assert error.max() < 1e-8


def test_several_different_curvatures_against_singular_values_and_norms():
    # W_2 W_1 = A: log det from singular values of the factors, trace k (inputs |W_2|^2 + outputs |W_1|^2)
    place = manifolds.factorised(outputs=2, hidden=3, inputs=2, stiffness=5.0)
    start = place.start(np.full((1, place.dim), 0.5), 0.0)[0]
    change = np.array([[1.3, 0.2, 0.1], [0.0, 0.7, -0.3], [0.2, 0.1, 1.1]])
    second, first = start[:6].reshape(2, 3) @ change, np.linalg.solve(change, start[6:].reshape(3, 2))
    point = np.concatenate([second.ravel(), first.ravel()])[None]
    assert theory.surfaces.log_det_normal_hessian(place, point)[0] == pytest.approx(
        2 * log_det(second, first, 5.0), rel=1e-12
    )
    assert theory.surfaces.trace_normal_hessian(place, point)[0] == pytest.approx(
        5.0 * 2 * (point**2).sum(), rel=1e-12
    )
    directions = theory.surfaces.tangents(place, point)[0]
    drift, error = theory.surfaces.effective_drift(place, point, theory.surfaces.noise_law(1.0, 0.0), 0.3)
    # -(theta / 2) grad tr = -(theta / 2) 2 x 10 x, projected on the tangent space
    expected = -0.3 * 10.0 * directions.T @ (directions @ point[0])
    assert np.linalg.norm(drift[0] - expected) <= max(error[0], 1e-11)


def descended(place, point, dt):
    """The end of descent with this step; dt = 0 means full Gauss-Newton steps."""
    for _ in range(4000):
        r, J = langevin.evaluate(place, "residual", point), langevin.evaluate(place, "jacobian", point)
        step = np.linalg.lstsq(J, r, rcond=None)[0] if dt == 0 else dt * J.T @ r
        point = point - step
        if np.linalg.norm(step) < 1e-15:
            break
    return point


@pytest.mark.parametrize("equations", [1, 2])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_kicks_and_the_way_back_drift_by_the_law_of_their_step(share, equations):
    """Mean displacement of kicks +-epsilon n after descent with dt = share / stiffest, on curved surfaces."""
    place = manifolds.quadrics(dim=equations + 2, equations=equations, stiffness=4.0, spread=0.6, seed=3)
    point = manifolds.project_to(place, place.start(np.full((1, place.dim), 0.5), 0.0)[0] + 0.2)
    stiffest = theory.surfaces.normal_curvatures(place, point[None])[0, -1]
    dt, size = share / stiffest, 1e-3
    J = langevin.evaluate(place, "jacobian", point)
    normals = np.linalg.qr(J.T)[0].T
    directions = theory.surfaces.tangents(place, point[None])[0]

    def slide(vectors):
        """Sum of d^2 P [v, v], P the limit map: the drift along the surface of noise of covariance 2 v v^T."""
        moved = [
            sum(descended(place, point + side * size * v, dt) for side in (1, -1)) - 2 * point
            for v in vectors
        ]
        return directions @ sum(moved) / size**2

    laws = {
        "isotropic": theory.surfaces.projection_law(2.0)
        if dt == 0
        else theory.surfaces.noise_law(0.0, 1.0, dt)
    }
    if dt:
        laws["labels"] = theory.surfaces.noise_law(1.0, 0.0, dt)
    for name, law in laws.items():
        vectors = normals if name == "isotropic" else J
        drift = directions @ theory.surfaces.effective_drift(place, point[None], law, 1.0)[0][0]
        # fourth order terms of the kick: (1e-3)^2 x curvatures of order 10
        assert slide(vectors) == pytest.approx(drift, abs=1e-4 * np.abs(drift).max())
    if share == 0.8:
        without = (
            directions
            @ theory.surfaces.effective_drift(place, point[None], theory.surfaces.noise_law(), 1.0)[0][0]
        )
        assert np.abs(slide(normals) - without).max() > 0.1 * np.abs(without).max()


@pytest.mark.parametrize("exponent", [-1.5, -1.0, 0.0, 0.5, 1.0, 2.0])
def test_the_potential_of_noise_from_its_stationary_variance(exponent):
    dt, a, h = 0.9, np.array([0.2, 1.0, 1.9]), 1e-5
    variance = np.zeros(3)
    for _ in range(400):  # y <- (1 - dt a) y + sqrt(2 dt a^gamma) xi, theta = 1
        variance = (1 - dt * a) ** 2 * variance + 2 * dt * a**exponent
    law = theory.surfaces.noise_law(exponent, 0.0, dt)
    slope = (law.potential((a + h)[:, None]) - law.potential((a - h)[:, None])) / (2 * h)
    assert slope == pytest.approx(variance / 2, rel=1e-7)  # the mean force is a' y^2 / 2


@pytest.mark.statistical
@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
def test_power_law_noise_with_heat_settles_in_its_law_and_in_no_other():
    # exp(-(1 / 2 heat) sum of the potential) on the valley exp(A cos phi): E cos phi by the rule of trapezoids
    place, heat, dt = manifolds.valley(stiffness=1.0, amplitude=1.0), 0.25, 0.65
    step = integrators.power_law(1.0, heat)
    run = langevin.simulate(
        langevin.Problem(place, 0.004, "power-law"), step, walkers=400, steps=20_000, dt=dt, every=500, seed=5
    )  # fmt: skip
    cosine = time_mean(run, lambda states: states[:, 0] / np.hypot(*states.T), 6_500.0)
    circle = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    points = np.column_stack([np.cos(circle), np.sin(circle)])

    def mean(law):
        weights = np.exp(theory.surfaces.log_density(place, points, law))
        # normal variance 0.004 against a bend of 1 and slopes of up to 1: corrections below 0.005
        return langevin.Prediction(float(np.average(np.cos(circle), weights=weights)), 0.005)

    assert compare(cosine, mean(theory.surfaces.noise_law(1.0, heat, dt)), yardstick=0.5).verdict == "agrees"
    for other in (
        theory.surfaces.noise_law(1.0, heat),
        theory.surfaces.noise_law(0.0, heat, dt),
        theory.surfaces.projection_law(1.0),
    ):
        assert compare(cosine, mean(other), yardstick=0.5).verdict == "excluded"


def test_what_cannot_be_computed_is_refused():
    place, points = manifolds.ellipsoid(2), np.array([[1.0, 0.0]])
    with pytest.raises(UsageError, match="no residual map"):
        theory.surfaces.normal_curvatures(manifolds.cube(2), points)
    with pytest.raises(UsageError, match="points of shape"):
        theory.surfaces.normal_curvatures(place, [1.0, 0.0])
    with pytest.raises(NumericalError, match="depend on one another"):
        theory.surfaces.normal_curvatures(place, [[0.0, 0.0]])
    with pytest.raises(UsageError, match="smaller dt"):
        theory.surfaces.effective_drift(place, points, theory.surfaces.noise_law(0.0, 1.0, 1.0), 1.0)
    with pytest.raises(UsageError, match="no heat"):
        theory.surfaces.log_density(place, points, theory.surfaces.noise_law(1.0, 0.0))
    with pytest.raises(UsageError, match="temperature"):
        theory.surfaces.effective_drift(place, points, theory.surfaces.noise_law(), -1.0)
    with pytest.raises(UsageError, match="reach"):
        theory.surfaces.effective_drift(place, points, theory.surfaces.noise_law(), 1.0, reach=0.0)
    with pytest.raises(UsageError, match="finite exponent"):
        theory.surfaces.noise_law(np.nan)
    with pytest.raises(UsageError, match="kappa"):
        theory.surfaces.projection_law(np.inf)
