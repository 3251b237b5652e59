"""Rates, laws and means on surfaces of two dimensions, against closed forms and equations of one dimension."""

import math
from functools import cache

import numpy as np
import pytest
from scipy.linalg import eigh

import langevin
from langevin import manifolds, theory
from langevin.errors import UsageError

BROWNIAN, SOFT, DOUBLE = (theory.surfaces.projection_law(kappa) for kappa in (0, 1, 2))


@cache
def sphere():
    return theory.surfaces.triangulate(manifolds.sphere(dim=3))


@cache
def torus():
    return theory.surfaces.triangulate(manifolds.quartic_torus())


def agree(found, exact):
    """Every prediction within its remainder, which is small."""
    for one, true in zip(found, exact, strict=True):
        assert abs(one.value - true) <= one.remainder + 1e-12, (one, true)
        assert one.remainder < 6e-3 * max(true, 0.5)


def torus_rates(count, pull=0.0, major=2.0, minor=1.0):
    """Lowest rates at theta = 1 by separation: u(phi) e^(im psi) with density w^(1 - pull), w = R + r cos phi.

    -(w^(pull - 1) (w^(1 - pull) u')' / r^2 + m^2 u / w^2) = rate u, by Galerkin's method with 41 waves.
    """
    phi = 2 * math.pi * np.arange(128) / 128
    w, waves = major + minor * np.cos(phi), np.arange(-20, 21)
    u = np.exp(1j * np.outer(phi, waves))
    slope, mass = 1j * waves * u, w ** (1 - pull)
    rates = []
    for m in range(5):
        form = (slope.conj().T * mass) @ slope / minor**2 + m**2 * (u.conj().T * mass / w**2) @ u
        found = eigh(form, (u.conj().T * mass) @ u, eigvals_only=True)
        rates += [*found, *(found if m else [])]
    return np.sort(rates)[:count]


def test_a_sphere_relaxes_at_theta_l_l_plus_1():
    rates = theory.surfaces.surface_rates(sphere(), BROWNIAN, 0.3, 9)
    agree(rates, [0.0] + 3 * [0.3 * 2] + 5 * [0.3 * 6])


@pytest.mark.parametrize(("law", "pull"), [(BROWNIAN, 0.0), (SOFT, 1.0), (DOUBLE, 2.0)])
def test_a_torus_relaxes_as_its_separated_equation(law, pull):
    """J J^T is proportional to w^2, so a law of pull k has the density w^(1 - k) in both angles; others fail."""
    rates = theory.surfaces.surface_rates(torus(), law, 1.0, 8)
    agree(rates, torus_rates(8, pull))
    for other in {0.0, 1.0, 2.0} - {pull}:
        with pytest.raises(AssertionError):
            agree(rates, torus_rates(8, other))


@pytest.mark.slow
def test_a_flat_torus_in_four_dimensions_relaxes_as_two_circles():
    from tests.theory.test_theory_triangulation import flat_torus

    rates = theory.surfaces.surface_rates(theory.surfaces.triangulate(flat_torus(1.0, 2.0)), BROWNIAN, 2.0, 9)
    agree(rates, [0.0] + 2 * [0.5] + 4 * [2.0] + 2 * [2.5])


def test_the_angle_on_a_torus_has_the_density_of_its_law():
    def cosine(states):
        return np.hypot(states[:, 0], states[:, 1]) - 2.0

    phi = 2 * math.pi * np.arange(1000) / 1000
    for pull, law in enumerate((BROWNIAN, SOFT, DOUBLE)):
        density = (2.0 + np.cos(phi)) ** (1.0 - pull)
        found = theory.surfaces.surface_mean(torus(), law, cosine)
        assert abs(found.value - (density @ np.cos(phi)) / density.sum()) <= found.remainder < 1e-3
    means = [theory.surfaces.surface_mean(torus(), law, cosine).value for law in (BROWNIAN, SOFT, DOUBLE)]
    assert np.diff(means).max() < -0.2  # 1/4, 0 and less: laws differ by much more than their remainders


def test_means_on_an_ellipsoid_by_quadrature():
    """E x_i^2 of the surface measure on axes 3, 2, 1 by a product rule, and a_i^2 / 3 of the soft law."""
    axes = np.array([3.0, 2.0, 1.0])
    surface = theory.surfaces.triangulate(manifolds.ellipsoid(axes=(3.0, 2.0, 1.0)))
    z, weight = np.polynomial.legendre.leggauss(200)
    psi = 2 * math.pi * np.arange(400) / 400
    flat = np.sqrt(1 - z**2)
    unit = np.array([np.outer(flat, np.cos(psi)), np.outer(flat, np.sin(psi)), np.outer(z, np.ones(400))])
    weights = weight[:, None] * np.sqrt(((unit / axes[:, None, None]) ** 2).sum(axis=0))
    for i in range(3):
        exact = (weights * (axes[i] * unit[i]) ** 2).sum() / weights.sum()
        brownian, soft = (
            theory.surfaces.surface_mean(surface, law, lambda x, i=i: x[:, i] ** 2)
            for law in (BROWNIAN, SOFT)
        )
        agree([brownian, soft], [exact, axes[i] ** 2 / 3])
        assert abs(exact - axes[i] ** 2 / 3) > 10 * (brownian.remainder + soft.remainder)


def test_a_potential_beside_the_law():
    """exp(k z / theta) on the sphere: E z = coth(k / theta) - theta / k (von Mises and Fisher)."""
    found = theory.surfaces.surface_mean(sphere(), BROWNIAN, lambda x: x[:, 2], 0.5, lambda x: -2.0 * x[:, 2])
    agree([found], [1 / math.tanh(4.0) - 0.25])
    wrong = theory.surfaces.surface_mean(sphere(), BROWNIAN, lambda x: x[:, 2], 1.0, lambda x: -2.0 * x[:, 2])
    with pytest.raises(AssertionError):
        agree([wrong], [1 / math.tanh(4.0) - 0.25])


def test_the_generator_keeps_its_law_and_forgets_at_its_rate():
    """On the coarsest mesh: masses are stationary to round-off, and E z decays as exp(-2 theta t)."""
    mesh = sphere().meshes[0]
    generator = theory.surfaces.triangle_generator(mesh, BROWNIAN, 0.3)
    masses = theory.surfaces.surface_masses(mesh, BROWNIAN)
    assert np.abs(generator @ masses).max() < 1e-12
    z = mesh.points[:, 2]
    start = np.zeros(len(z))
    start[z.argmax()] = 1.0
    later = theory.fokker_planck.evolve(generator, start, 1.0, 60)
    assert later.sum() == pytest.approx(1.0, abs=1e-9)
    assert later @ z == pytest.approx(z.max() * math.exp(-0.6), rel=5e-3)  # h^2 of the coarsest mesh


def test_what_has_no_law_is_told():
    with pytest.raises(UsageError, match="no heat"):
        theory.surfaces.surface_rates(sphere(), theory.surfaces.noise_law(1.0, 0.0), 1.0, 2)
    with pytest.raises(UsageError, match="count"):
        theory.surfaces.surface_rates(sphere(), BROWNIAN, 1.0, 0)
    with pytest.raises(UsageError, match="not finite"):
        theory.surfaces.surface_mean(
            sphere(), BROWNIAN, lambda x: x[:, 0], 1.0, lambda x: np.full(len(x), np.nan)
        )
    with pytest.raises(UsageError, match="temperature"):
        theory.surfaces.surface_mean(sphere(), BROWNIAN, lambda x: x[:, 0], 0.0)


@pytest.mark.slow
def test_a_walk_on_an_ellipsoid_forgets_at_the_slowest_rate():
    """x is not even, and contains the slowest mode; the fit begins where the next odd mode is below 1 % of it."""
    place = manifolds.ellipsoid(axes=(3.0, 2.0, 1.0))
    surface = theory.surfaces.triangulate(place)
    problem = langevin.Problem(place, temperature=0.5, dynamics="projected", measure="surface")
    run = langevin.simulate(problem, walkers=1000, steps=37_500, dt=0.0016, every=125, seed=1)
    found = langevin.measure.relaxation_time(run, lambda x: x[:, 0], lags=(2.0, 8.0), first_time=20.0)
    times = [1 / theory.surfaces.surface_rates(surface, law, 0.5, 2)[1].value for law in (BROWNIAN, SOFT)]
    assert found.mixed
    assert abs(found.value - times[0]) < 3 * found.error
    assert abs(found.value - times[1]) > 5 * found.error  # the law of soft motion is another
