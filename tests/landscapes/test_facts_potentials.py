"""Potentials: their facts by quadrature, Newton and finite differences, and the laws that walks settle in."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import root

import langevin
from langevin.errors import UsageError
from langevin.landscapes.curvature import largest_curvature
from langevin.landscapes.evaluate import evaluate
from langevin.potentials import mueller_brown, periodic, quadratic, saddle, unequal_wells
from langevin.potentials.mueller_brown import MINIMA, SADDLES
from langevin.potentials.periodic import diffusion
from langevin.potentials.quadratic import matrix_of
from langevin.types import Problem, Stop, Watch
from tests.landscapes.walks import conforms, deviation, losses, moment, walk


def slopes(potential, place):
    """Gradient at one point."""
    return evaluate(potential, "gradient", place)


@pytest.mark.parametrize(
    "made",
    [quadratic(4, condition=30.0, seed=3), unequal_wells(), saddle(), periodic(3), mueller_brown(0.3)],
    ids=lambda made: made.name,
)
def test_contracts(made):
    assert conforms(made)


def test_quadratic_matrix_facts():
    made = quadratic(5, stiffness=2.0, condition=50.0, seed=1)
    columns = np.stack([slopes(made, unit) for unit in np.eye(5)])
    curvatures = np.linalg.eigvalsh(columns)
    np.testing.assert_allclose(curvatures, 2.0 * 50.0 ** np.linspace(0.0, 1.0, 5), rtol=1e-12)
    assert curvatures[[0, -1]] == pytest.approx([2.0, 100.0], rel=1e-12)
    assert made.stiffness(1.0) == pytest.approx(100.0)
    np.testing.assert_allclose(made.facts.covariance(0.3) @ columns, 0.3 * np.eye(5), atol=1e-12)
    assert np.abs(columns - np.diag(np.diag(columns))).max() > 1.0
    other = matrix_of(quadratic(5, stiffness=2.0, condition=50.0, seed=2))
    assert np.abs(other - matrix_of(made)).max() > 1.0


@pytest.mark.statistical
def test_a_soft_walk_has_the_covariance_of_the_matrix():
    """Euler-Maruyama widens by 1 / (1 - h K / 2) exactly; the isotropic law of equal trace is excluded."""
    made = quadratic(3, condition=10.0, seed=4)
    dt = 0.02
    states = walk(made, "soft", temperature=0.7, time=6.0, dt=dt, walkers=8000)
    K = matrix_of(made)
    expected = made.facts.covariance(0.7) @ np.linalg.inv(np.eye(3) - 0.5 * dt * K)
    for i in range(3):
        for j in range(i + 1):
            assert deviation(states[:, i] * states[:, j], expected[i, j]) < 4
    worst = max(deviation(states[:, i] ** 2, np.trace(expected) / 3) for i in range(3))
    assert worst > 8


@pytest.mark.parametrize("theta", [0.1, 1.0])
def test_unequal_wells_share_by_quadrature(theta):
    made = unequal_wells(barrier=0.8, left=0.4, right=1.7)

    def density(x):
        return math.exp(-losses(made, [[x]])[0] / theta)

    left, right = (quad(density, *side, epsabs=1e-12)[0] for side in ((-8.0, 0.0), (0.0, 8.0)))
    assert right / (left + right) == pytest.approx(moment(made, "x > 0").soft(theta), rel=1e-8)


def test_unequal_wells_escape_exact_against_eyring_kramers():
    """With the effective curvature at the saddle the error of the law is of order theta: half at half theta."""
    made = unequal_wells()
    barrier, left = made.facts.barrier, made.dials["left"]
    errors = []
    for theta in (0.04, 0.02):
        xs = np.linspace(-1.2, made.facts.wells.target, 40001)
        f = losses(made, xs[:, None]) / theta
        step = xs[1] - xs[0]
        inner = np.cumsum(np.exp(-f)) * step
        path = xs >= -left
        exact = (np.exp(f[path]) * inner[path]).sum() * step / theta
        curvatures = made.facts.wells.curvature_minimum, -made.facts.wells.curvature_saddle
        law = 2 * math.pi / math.sqrt(math.prod(curvatures)) * math.exp(barrier / theta)
        errors.append(exact / law - 1.0)
    assert abs(errors[1]) < 0.02
    assert errors[0] / errors[1] == pytest.approx(2.0, abs=0.3)


@pytest.mark.slow
@pytest.mark.statistical
def test_escape_times_of_unequal_wells_are_as_their_widths():
    """From narrow to wide and back; detailed balance gives the ratio of times left : right (well to well)."""
    times = []
    for left, right in ((0.5, 1.0), (1.0, 0.5)):
        made = unequal_wells(left=left, right=right)
        dt = 0.01 / made.stiffness(0.25)
        run = langevin.simulate(
            Problem(made, 0.25), walkers=3000, steps=10**7, dt=dt, seed=2, stop=Stop(), watch=Watch(threads=2)
        )
        assert run.counts["hit"] == 3000
        times.append(run.events["time"])
    ratio = times[1].mean() / times[0].mean()
    error = ratio * math.sqrt(2.0 / 3000)
    assert abs(ratio - 2.0) < 4 * error
    assert abs(ratio - 1.0) > 8 * error


def test_saddle_free_energy_by_quadrature_over_y():
    made = saddle(barrier=0.7, half_width=1.3, well_stiffness=2.0, saddle_stiffness=9.0)
    theta = 0.4

    def marginal(x):
        return quad(lambda y: math.exp(-losses(made, [[x, y]])[0] / theta), -9, 9, points=[0.0])[0]

    F = made.facts.saddle.free_energy
    for x in (0.0, 0.6, 1.9):
        found = -theta * math.log(marginal(x) / marginal(1.3))
        assert found == pytest.approx(float(F(x, theta) - F(1.3, theta)), abs=1e-8)


@pytest.mark.parametrize("saddle_stiffness", [1.0, 16.0])
def test_saddle_prefactor_by_finite_differences(saddle_stiffness):
    made = saddle(barrier=2.0, half_width=0.8, saddle_stiffness=saddle_stiffness)

    def hessian(place):
        h = 1e-5
        return np.stack(
            [(slopes(made, place + h * e) - slopes(made, place - h * e)) / (2 * h) for e in np.eye(2)]
        )

    top, bottom = hessian(np.zeros(2)), hessian(np.array([-0.8, 0.0]))
    down = np.linalg.eigvalsh(top)[0]
    law = 2 * np.pi / abs(down) * math.sqrt(abs(np.linalg.det(top)) / np.linalg.det(bottom))
    assert made.facts.saddle.prefactor == pytest.approx(law, rel=1e-7)


@pytest.mark.slow
@pytest.mark.statistical
def test_a_soft_walk_over_the_saddle_has_the_marginal_of_the_free_energy():
    """E x^2 by quadrature of exp(-F / theta); without the entropy of y it is excluded."""
    made = saddle(saddle_stiffness=64.0, well_stiffness=1.0)
    theta = 0.5
    dt = 0.1 / made.stiffness(theta)
    states = walk(made, "soft", temperature=theta, time=8.0, dt=dt, walkers=3000)
    x = np.linspace(-3, 3, 6001)
    F = made.facts.saddle.free_energy(x, theta)
    expected = np.average(x**2, weights=np.exp(-F / theta))
    bare = np.average(x**2, weights=np.exp(-((x**2 - 1) ** 2) / theta))
    assert deviation(states[:, 0] ** 2, expected) < 4
    assert deviation(states[:, 0] ** 2, bare) > 8


@pytest.mark.parametrize("theta", [0.2, 3.0])
def test_periodic_facts_by_quadrature(theta):
    made = periodic(1, barrier=1.4, period=0.9)
    x = np.linspace(0, 0.9, 4000, endpoint=False)
    f = losses(made, x[:, None])
    assert f.max() == pytest.approx(1.4)
    weights = np.exp(-f / theta)
    cosine = np.average(np.cos(2 * np.pi * x / 0.9), weights=weights)
    assert moment(made, "cos(2 pi x_1 / L)").soft(theta) == pytest.approx(cosine, rel=1e-10)
    assert diffusion(made, theta) == pytest.approx(theta / (weights.mean() * np.mean(1 / weights)), rel=1e-10)


@pytest.mark.statistical
def test_spread_over_the_washboard():
    """E x^2 grows by 2 D t between two late times; the free rate 2 theta t is excluded."""
    made = periodic(1, barrier=4.0, period=1.0)
    run = langevin.simulate(
        Problem(made, 1.0), walkers=4000, steps=5000, every=2500, dt=4e-4, seed=5, watch=Watch(threads=2)
    )
    x = run.states[:, 1:, 0]
    growth = (x[:, 1] ** 2 - x[:, 0] ** 2) / 2.0
    assert deviation(growth, diffusion(made, 1.0)) < 4
    assert deviation(growth, 1.0) > 8


def test_mueller_brown_facts_by_newton():
    made = mueller_brown(scale=0.5)
    places = np.concatenate([MINIMA, SADDLES])
    energies = losses(made, places)
    for place, energy in zip(places, energies):
        found = root(lambda point: slopes(made, point), place - 0.003, tol=1e-12).x
        np.testing.assert_allclose(place, found, atol=2e-8)
        assert losses(made, [found])[0] == pytest.approx(energy, rel=1e-9)
    # the values of the literature, to three digits
    literature = [-146.70, -80.77, -108.17, -40.66, -72.25]
    np.testing.assert_allclose(2.0 * energies, literature, atol=6e-3)
    assert made.facts.barrier == pytest.approx(energies[3] - energies[0], rel=1e-9)


def test_mueller_brown_curvature_met():
    made = mueller_brown()
    cold = largest_curvature(made.gradient, MINIMA[0], made.parameters)
    assert cold <= made.stiffness(0.01) <= 1.15 * cold
    places = np.random.default_rng(0).uniform([-1.5, -0.5], [1.2, 2.0], (60, 2))
    met = places[losses(made, places) < losses(made, MINIMA[:1]) + 100.0]
    assert len(met) > 9
    for place in met:  # signed: sharp ridges do not limit the step
        hessian = [(slopes(made, place + e) - slopes(made, place - e)) / 2e-5 for e in 1e-5 * np.eye(2)]
        assert np.linalg.eigvalsh(hessian)[-1] <= made.stiffness(10.0)


@pytest.mark.parametrize(
    ("make", "dials", "message"),
    [
        (quadratic, {"condition": 0.5}, "condition >= 1"),
        (quadratic, {"condition": 2.0}, "1 in one dimension"),
        (quadratic, {"seed": -1}, "seed >= 0"),
        (unequal_wells, {"left": 0.0}, "above 0"),
        (saddle, {"saddle_stiffness": math.nan}, "above 0"),
        (periodic, {"dim": 0}, "dim >= 1"),
        (mueller_brown, {"scale": -1.0}, "scale > 0"),
    ],
)
def test_dials_out_of_range_are_refused(make, dials, message):
    with pytest.raises(UsageError, match=message):
        make(**dials)
