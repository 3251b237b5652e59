"""Noise that is a power of the stiffness: its covariance to round-off, its drift, and its stationary law."""

import math

import numpy as np
import pytest

from langevin import Problem, manifolds, simulate, theory
from langevin.errors import UsageError
from langevin.integrators import euler_maruyama, label_noise, power_law
from langevin.landscapes.evaluate import evaluate
from tests.integrators.worked import wedge


def covariance(integrator, landscape, place, theta=0.7, dt=0.01):
    """Covariance of one step from `place`, over 2 theta dt: one unit of noise in each lane, in plain Python."""
    dim = landscape.dim
    noise = np.hstack([np.eye(dim), np.zeros((dim, 1))]).astype(np.float32)
    x = np.tile(np.asarray(place, float)[:, None], dim + 1)
    work = np.empty((integrator.work_rows(landscape), dim + 1))
    step = integrator.build(landscape)
    step(x, noise, noise, work, np.zeros((1, dim + 1)), np.zeros(dim + 1), dt, theta, landscape.parameters)
    image = x[:, :-1] - x[:, -1:]
    return image @ image.T / (2 * theta * dt)


def jacobian(landscape, place):
    return evaluate(landscape, "jacobian", place)


PLACES = {
    "canal": (manifolds.canal(transverse=3, stiffness=2.0), [0.9, 0.4, -0.7, 0.2]),
    "quadrics": (manifolds.quadrics(), None),
    "wedge": (wedge(), [1.3, 0.4]),
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("exponent", [-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 2.7, 3.0, 4.0])
@pytest.mark.parametrize("tangential", [0.0, 2.5])
def test_the_covariance_is_the_power_on_the_normal_space_and_heat_along_the_surface(
    name, exponent, tangential
):
    landscape, place = PLACES[name]
    if place is None:
        place = landscape.start(np.full((1, landscape.dim), 0.4), 1.0)[0] + 0.1
    integrator = power_law(exponent, tangential)
    if landscape.codim > 1 and not exponent.is_integer():
        with pytest.raises(UsageError, match="a whole number for several"):
            integrator.build(landscape)
        return
    _, values, rows = np.linalg.svd(jacobian(landscape, place))
    across, along = rows[: landscape.codim], rows[landscape.codim :]
    exact = (across.T * values ** (2 * exponent)) @ across + tangential * along.T @ along
    np.testing.assert_allclose(
        covariance(integrator, landscape, place), exact, rtol=0.0, atol=1e-9 * np.abs(exact).max()
    )


def test_the_covariance_of_one_equation_is_that_of_label_noise():
    landscape, place = PLACES["wedge"]
    np.testing.assert_allclose(
        covariance(power_law(1.0), landscape, place), covariance(label_noise(), landscape, place), atol=1e-14
    )


def test_exponent_0_with_heat_along_the_surface_is_soft_motion_step_for_step():
    landscape = manifolds.canal(transverse=3, stiffness=20.0)
    soft = simulate(Problem(landscape, 0.2), euler_maruyama(), walkers=20, steps=300, dt=2e-3, seed=1)
    law = simulate(
        Problem(landscape, 0.2, "power-law"), power_law(0.0, 1.0), walkers=20, steps=300, dt=2e-3, seed=1
    )
    np.testing.assert_allclose(law.states, soft.states, rtol=0.0, atol=1e-10)


def drift_law(profile, m, strength, exponent, dt):
    """-(m D / 2) a' a^(gamma - 1) / (1 - dt a / 2)."""

    def drift(x):
        a = profile.stiffness(x)
        return -0.5 * m * strength * profile.slope(x) * a ** (exponent - 1.0) / (1.0 - 0.5 * dt * a)

    return drift


@pytest.mark.statistical
@pytest.mark.parametrize(("m", "exponent"), [(4, 0.0), (4, 1.0), (4, 2.0), (1, 0.5)])
@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
def test_the_drift_of_each_exponent(m, exponent):
    """Time 1 to 5 on the slope of the canal, where a = 4 and dt a = 0.2; 4 standard errors and 1 % of order D a'.

    The neighbouring powers, a factor of 2 or 4 away, and the law without the finite step, 11 %, are excluded.
    """
    landscape, strength, dt = manifolds.canal(transverse=m, stiffness=4.0), 4e-3 * 4.0**-exponent, 0.05
    run = simulate(
        Problem(landscape, strength, "power-law"), power_law(exponent), walkers=6000, steps=100, dt=dt, every=20,
        seed=3,
    )  # fmt: skip
    moved = run.states[:, -1, 0] - run.states[:, 1, 0]
    start, mean, error = run.states[:, 1, 0].mean(), moved.mean(), moved.std() / math.sqrt(moved.size)

    def expected(gamma, step):
        return theory.drift.flow_displacement(
            drift_law(landscape.facts.profile, m, strength, gamma, step), 4.0, start
        ).value

    right = expected(exponent, dt)
    assert abs(mean - right) < 4.0 * error + 0.01 * right
    for wrong in (expected(exponent, 0.0), expected(exponent - 0.5, dt), expected(exponent + 0.5, dt)):
        assert abs(mean - wrong) > 6.0 * error


def mean_cosine(log_density):
    x = np.linspace(0.0, 2 * np.pi, 400, endpoint=False)
    weight = np.exp(log_density(x) - log_density(x).max())
    return (np.cos(x) * weight).sum() / weight.sum()


@pytest.mark.statistical
@pytest.mark.parametrize(("m", "exponent"), [(2, 0.0), (2, 1.0)])
def test_the_stationary_law_with_heat_along_the_floor(m, exponent):
    """exp(-(m D / 2 theta) a^gamma / gamma), with the heat such that the exponent changes by 2 over the period.

    The integrated drift includes the finite step, dt a < 0.17; 4 standard errors and 0.01 for the order 1 / a.
    """
    stiffness, amplitude, theta = 100.0, 0.5, 1.0
    landscape = manifolds.canal(transverse=m, stiffness=stiffness, amplitude=amplitude, start=0.5 * math.pi)
    tangential = 0.5 * m * stiffness**exponent
    dt = 1e-3
    run = simulate(
        Problem(landscape, theta / tangential, "power-law"), power_law(exponent, tangential), walkers=2000,
        steps=4000, dt=dt, seed=5,
    )  # fmt: skip
    cosines = np.cos(run.states[:, -1, 0])
    mean, error = cosines.mean(), cosines.std() / math.sqrt(cosines.size)
    drift = drift_law(landscape.facts.profile, m, theta / tangential, exponent, dt)

    def log_density(x):
        fine = np.linspace(0.0, 2 * np.pi, 4001)
        slopes = drift(fine) / theta
        rise = np.concatenate([[0.0], np.cumsum(0.5 * (slopes[1:] + slopes[:-1]) * np.diff(fine))])
        return np.interp(x, fine, rise)

    def closed_form(x, gamma, factor=1.0):
        a = landscape.facts.profile.stiffness(x) / stiffness
        return -factor * (np.log(a) if gamma == 0.0 else a**gamma / gamma)

    exact = mean_cosine(log_density)
    assert abs(exact - mean_cosine(lambda x: closed_form(x, exponent))) < 0.03
    assert abs(mean - exact) < 4.0 * error + 0.01
    assert abs(mean - mean_cosine(lambda x: closed_form(x, exponent, factor=2.0))) > 8.0 * error + 0.01


@pytest.mark.parametrize(
    ("exponent", "tangential"), [(math.nan, 0.0), (math.inf, 0.0), (1.0, -1.0), (1.0, math.nan)]
)
def test_numbers_out_of_range_are_refused(exponent, tangential):
    with pytest.raises(UsageError, match="power_law needs a finite exponent"):
        power_law(exponent, tangential)
