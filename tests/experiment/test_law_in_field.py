"""The law in a field: closed forms, quadratures and triangles agree with one another and with walks."""

import math
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import manifolds, potentials, theory
from langevin.dynamics import dynamics_of, usual_dynamics
from langevin.errors import UsageError
from langevin.experiment.theories import theories_for
from langevin.questions.law_in_field import law_in_field
from langevin.theories.field_means import field_means
from langevin.theory.surfaces.cached import triangles_of
from langevin.theory.surfaces.fields import box_means, fisher_cosine, fisher_spreads
from langevin.theory.surfaces.generator import coordinates_of
from langevin.types import Case, Setting, StepLaw
from tests.circle import circle

ALONG = StepLaw(across=False, pull=0.0, exact=True)


def predicted(landscape, theta, law=ALONG, dynamics="projected"):
    """Means by the theory, by name."""
    case = Case(landscape, dynamics_of(dynamics), law)
    assert field_means.applies(case)
    return {curve.quantity: curve.predict(theta) for curve in field_means.curves(Setting(case, theta, 1e-5))}


@pytest.mark.parametrize("kappa", [0.01, 1.0, 30.0])
def test_the_mean_cosine_in_three_dimensions_and_on_a_circle(kappa):
    """coth(kappa) - 1 / kappa, and I_1 / I_0 of SciPy; to round-off."""
    from scipy.special import ive

    assert fisher_cosine(kappa, 3) == pytest.approx(1.0 / math.tanh(kappa) - 1.0 / kappa, rel=1e-10)
    assert fisher_cosine(kappa, 2) == pytest.approx(ive(1, kappa) / ive(0, kappa), rel=1e-13)
    assert fisher_cosine(0.0, 5) == 0.0


def test_means_in_a_box_by_direct_integration():
    theta, slope = 0.7, np.array([2.0, -3.0, 1e-6])
    nodes, weights = np.polynomial.legendre.leggauss(40)
    x = 1.0 + 2.0 * (0.5 * nodes + 0.5)
    exact = [np.average(x, weights=weights * np.exp(-g * x / theta)) for g in slope]
    np.testing.assert_allclose(box_means(slope, [1.0] * 3, [3.0] * 3, theta), exact, rtol=1e-9)


def test_a_sphere_by_triangles_and_a_circle_by_quadrature_agree_with_the_closed_form():
    """The fact that the set is a sphere is removed; the means differ by less than the stated remainder."""
    for surface in (manifolds.sphere(3), manifolds.ring(2)):
        known = manifolds.with_field(surface, potentials.linear(surface.dim, 2.0))
        blind = replace(known, facts=replace(known.facts, radius=None))
        closed, numeric = predicted(known, 0.8), predicted(blind, 0.8)
        for name, one in closed.items():
            assert abs(one.value - numeric[name].value) <= numeric[name].remainder + 1e-3
            assert numeric[name].remainder < 0.01


def test_the_law_of_the_step_is_a_factor():
    """On a circle of changing stiffness: exp(-U / theta) alone, and with det(J J^T)^(-1/2)."""
    from tests.circle import VARIATION

    landscape = manifolds.with_field(circle(), potentials.linear(2, 1.0, direction=(0.0, 1.0)))
    angles = np.arange(2000) * (2.0 * math.pi / 2000)
    for pull in (0, 1):
        weights = np.exp(np.sin(angles) / 0.6) * (1.0 + VARIATION * np.cos(angles)) ** -pull
        found = predicted(landscape, 0.6, replace(ALONG, pull=float(pull)))
        assert found["E x_1"].value == pytest.approx(np.average(np.cos(angles), weights=weights), abs=1e-5)
        assert found["E x_2"].value == pytest.approx(np.average(np.sin(angles), weights=weights), abs=1e-5)


def test_theories_without_a_field_are_not_laid_beside_a_walk_in_one():
    landscape = manifolds.with_field(manifolds.sphere(), potentials.linear())
    case = Case(landscape, dynamics_of("projected"), ALONG)
    assert theories_for("displacement", replace(case, landscape=manifolds.sphere()))
    for question in ("displacement", "moments", "flatness", "drift"):
        assert not theories_for(question, case)
    assert set(theories_for("law in a field", case)) == {"field-means"}


@pytest.mark.parametrize(
    ("manifold", "settings"),
    [
        (manifolds.sphere(), {"temperature": 0.5}),
        (manifolds.cube(2), {"question": "law in a field", "temperature": 2.0}),
    ],
)
def test_a_walk_agrees_with_its_means_and_not_with_those_of_half_the_field(manifold, settings):
    field = manifolds.with_field(manifold, potentials.linear(manifold.dim, 2.0))
    report = langevin.ask(field, seed=3, **settings)
    assert {row.verdict for row in report.comparisons} == {"agrees"}
    assert "E U" in {row.quantity for row in report.comparisons}
    half = manifolds.with_field(manifold, potentials.linear(manifold.dim, 1.0))
    answer = langevin.review(report.trajectory, half)
    assert "excluded" in {row.verdict for row in answer.comparisons}


def test_a_walk_on_a_surface_in_a_field_keeps_to_it_unless_another_law_is_named():
    field = potentials.linear()
    assert usual_dynamics(manifolds.with_field(manifolds.sphere(), field)).name == "projected"
    assert usual_dynamics(manifolds.with_field(manifolds.cube(3), field)).name == "reflected"
    assert usual_dynamics(manifolds.sphere()).name == "soft"


def test_relaxation_on_a_surface_knows_the_field():
    """Correlations and means on a torus in a quadratic field, by triangles."""
    torus = manifolds.with_field(manifolds.torus(), potentials.quadratic(3, 0.2))
    report = langevin.ask(torus, seed=2, question="relaxation", temperature=0.2, walkers=2000)
    assert report.comparisons
    assert "excluded" not in {row.verdict for row in report.comparisons}


def test_walkers_that_stay_in_the_valley_of_their_start_are_not_mixed():
    """Two deep valleys: by symmetry E x is 0, and no walker crosses."""
    settings = {"walkers": 400, "seed": 1, "threads": 1, "integrator": "metropolis"}
    ring = manifolds.with_field(manifolds.ring(), potentials.quadratic(dim=2, stiffness=20.0, condition=20.0))
    report = langevin.ask(ring, **settings)
    assert {row.verdict for row in report.comparisons if row.theory.startswith("law of E x")} == {"not mixed"}


def test_a_distribution_narrower_than_the_triangles_is_out_of_range():
    """On the torus at theta = 0.005, where remainders can be 40 times too small; at theta = 0.3 they are bounds."""
    torus = manifolds.torus()
    surface, law = triangles_of(torus), theory.surfaces.projection_law(0.0)
    direction = np.array([-0.4324, 0.1308, -0.8921])
    angles = 2.0 * np.pi * (np.arange(400) + 0.5) / 400
    tube, round_ = np.meshgrid(angles, angles, indexing="ij")
    far = 2.0 + np.cos(tube)
    points = np.stack([far * np.cos(round_), far * np.sin(round_), np.sin(tube)], axis=-1).reshape(-1, 3)

    def height(states):
        return states @ direction

    for temperature, fine in ((0.3, True), (0.005, False)):
        masses = far.ravel() * np.exp(-(height(points) - height(points).min()) / temperature)
        exact = float(np.average(height(points), weights=masses))
        found = theory.surfaces.surface_mean(surface, law, height, temperature, height)
        assert found.in_range == fine
        assert not fine or abs(found.value - exact) <= found.remainder


def test_the_default_step_to_a_target_resolves_the_drift_in_a_body():
    """From a start uniform in [0, 1] with drift F to the target x <= 1/4, the mean time is E max(x - 1/4, 0) / F."""
    force = 1000.0
    body = manifolds.with_field(
        manifolds.cube(dim=1), potentials.linear(dim=1, strength=force, direction=(-1.0,))
    )
    report = langevin.ask(body, temperature=1.0, walkers=1000, seed=1, threads=1)
    time = langevin.measure.mean_first_passage_time(report.trajectory)
    assert abs(time.value - 0.28125 / force) <= 4.0 * time.error
    assert time.error < 0.04 * time.value


@pytest.mark.parametrize(("kappa", "dim"), [(0.0, 3), (0.5, 2), (2.0, 3), (40.0, 3), (3.0, 12)])
def test_fluctuations_under_fisher_are_those_of_quadrature(kappa, dim):
    angle = (np.arange(20_000) + 0.5) * np.pi / 20_000
    weights = np.sin(angle) ** (dim - 2) * np.exp(kappa * (np.cos(angle) - 1.0))
    mean, square = (float(np.average(np.cos(angle) ** k, weights=weights)) for k in (1, 2))
    along, across = fisher_spreads(kappa, dim)
    assert along == pytest.approx(math.sqrt((square - mean**2) * max(1.0, (dim - 1) / 2)), rel=1e-5)
    assert across == pytest.approx(math.sqrt((1.0 - square) / (dim - 1)), rel=1e-5)


def test_weight_decay_is_not_added_to_a_field():
    with pytest.raises(UsageError, match=r"has a field, with which.*to the field"):
        potentials.with_weight_decay(manifolds.with_field(manifolds.sphere(), potentials.linear()), 1.0)


@pytest.mark.parametrize(
    ("manifold", "told"),
    [
        (
            manifolds.hyperbola(),
            "no theory gives the means on hyperbola in the field linear: they are known on",
        ),
        (
            manifolds.chambers(),
            "no theory gives the means in chambers in the field linear: they are known in boxes",
        ),
    ],
)
def test_why_no_theory_is_known_is_a_sentence(manifold, told):
    landscape = manifolds.with_field(manifold, potentials.linear(manifold.dim))
    dynamics = dynamics_of("reflected" if landscape.is_body else "projected")
    assert told in law_in_field.without_theory(Case(landscape, dynamics, ALONG))


def test_the_coordinate_along_the_force_is_shown_in_many_dimensions():
    """The first three coordinates are shown, and the one along which the force is strongest."""
    for manifold in (manifolds.sphere(5), manifolds.cube(5)):
        field = manifolds.with_field(manifold, potentials.linear(5, direction=(0.0, 0.0, 1.0, 0.0, -2.0)))
        assert list(coordinates_of(field)) == ["x_1", "x_2", "x_3", "x_5"]
        dynamics = "reflected" if field.is_body else "projected"
        means = predicted(field, 1.0, dynamics=dynamics)
        slope = np.array(field.facts.slope)
        assert set(means) == {"E U", "E x_1", "E x_2", "E x_3", "E x_5"}
        assert means["E U"].value == pytest.approx(
            slope[[2, 4]] @ [means["E x_3"].value, means["E x_5"].value]
        )
        along_first = manifolds.with_field(
            manifold, potentials.linear(5, direction=(1.0, 0.0, 0.0, 0.0, 0.0))
        )
        assert list(coordinates_of(along_first)) == ["x_1", "x_2", "x_3"]


def test_a_kink_in_a_field_has_the_curvature_of_its_slope():
    """U = 3 |z| changes by theta over the length theta / 3: its curvature is 9 / theta, independent of differences."""

    def value(x, out, parameters):
        for walker in range(x.shape[1]):
            out[walker] = 3.0 * abs(x[2, walker])

    def gradient(x, out, parameters):
        for walker in range(x.shape[1]):
            out[0, walker] = out[1, walker] = 0.0
            out[2, walker] = 3.0 if x[2, walker] > 0.0 else -3.0

    sharp = manifolds.with_field(
        manifolds.sphere(), potentials.potential(value, gradient, dim=3, stiffness=1.0)
    )
    assert sharp.field.stiffness(0.5) == pytest.approx(18.0, rel=0.02)
