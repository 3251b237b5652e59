"""Perceptron: volumes by Monte Carlo, Cover's count, Wendel's probability, the Gibbs learning curve."""

import itertools
import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.landscapes.closed_forms import cap_fraction, fraction_left
from langevin.manifolds import perceptron
from langevin.manifolds.perceptron import dichotomies, samples_of, teacher_of, volume_fraction
from tests.landscapes.walks import beyond, conforms, deviation, moment, walk


def error_of(made):
    """The moment of the test error."""
    return moment(made, "test error")


def on_sphere(points, dim, seed=0):
    """Uniform unit vectors (points, dim)."""
    states = np.random.default_rng(seed).standard_normal((points, dim))
    return states / np.linalg.norm(states, axis=1, keepdims=True)


def inside(made, points=400_000, seed=0):
    """Uniform weights that classify all samples, and their fraction among all weights."""
    states = on_sphere(points, made.dim, seed)
    allowed = beyond(made, states) <= 0.0
    return states[allowed], allowed.mean()


@pytest.mark.parametrize("dials", [{}, {"dim": 2, "samples": 0}, {"dim": 20, "samples": 30, "margin": 0.05}])
def test_contracts(dials):
    made = perceptron(**dials)
    assert conforms(made)
    start = made.start(np.full((2, made.dim), 0.5), 1.0)
    assert (beyond(made, start) < 0.0).all()
    inputs, labels = samples_of(made)
    if made.samples:
        agree = labels * (inputs @ start[0])
        assert agree.min() == pytest.approx(made.dials["margin"] - beyond(made, start)[0])
    assert np.linalg.norm(inputs, axis=1) == pytest.approx(np.ones(made.samples))


def test_more_samples_are_fewer_and_some_more():
    """Sets are nested: weights that classify seven samples classify six of them."""
    six, seven = perceptron(samples=6, seed=3), perceptron(samples=7, seed=3)
    np.testing.assert_array_equal(samples_of(six)[0], samples_of(seven)[0][:6])
    np.testing.assert_array_equal(teacher_of(six), teacher_of(seven))
    assert (beyond(six, inside(seven)[0]) <= 0.0).all()


CASES = [
    (2, 1, 0.3), (2, 5, 0.0), (2, 4, 0.1), (2, 6, -0.4), (3, 1, -0.2), (3, 2, 0.0), (3, 3, 0.0),
    (3, 9, 0.0), (7, 1, 0.25),
]  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize(("dim", "samples", "margin"), CASES)
def test_volume_against_monte_carlo(dim, samples, margin):
    """Within 4.5 standard errors; not so without the sample that removes most."""
    made = perceptron(dim, samples, margin, seed=1)
    _, share = inside(made)
    fraction = volume_fraction(made)
    error = math.sqrt(fraction * (1.0 - fraction) / 400_000)
    assert abs(share - fraction) <= 4.5 * error + 1e-12
    area = 2.0 * math.pi ** (0.5 * dim) / math.gamma(0.5 * dim)
    assert made.facts.volume == pytest.approx(area * fraction)
    normals, place = made.parameters[0], made.start(np.full((1, dim), 0.5), 1.0)[0]
    fewer = [fraction_left(np.delete(normals, k, axis=0), margin, place) for k in range(samples)]
    assert max(fewer) - share > 8 * error


def test_volume_is_left_out_where_it_is_not_known():
    for dials in ({"dim": 4, "samples": 2}, {"dim": 3, "samples": 2, "margin": 0.1}):
        assert perceptron(**dials).facts.volume is None


def test_a_cap_in_the_plane_is_an_arc_and_in_space_a_slice():
    for margin in (-0.7, 0.0, 0.4):
        assert cap_fraction(2, margin) == pytest.approx(math.acos(margin) / math.pi)
        assert cap_fraction(3, margin) == pytest.approx(0.5 * (1.0 - margin))


@pytest.mark.parametrize(("dim", "samples"), [(2, 1), (2, 6), (3, 2), (3, 3), (3, 7)])
def test_cells_are_as_many_as_cover_counts_and_fill_the_sphere(dim, samples):
    """Every labelling that some weights give is a cell; their fractions add up to 1 to round-off.

    So the mean of 1 / fraction over uniform teachers is their number.
    """
    inputs = on_sphere(samples, dim, seed=2)
    weights = on_sphere(200_000, dim, seed=3)
    labels, first = np.unique(weights @ inputs.T > 0.0, axis=0, return_index=True)
    assert len(labels) == dichotomies(samples, dim)
    fractions = [
        fraction_left(np.where(row, 1.0, -1.0)[:, None] * inputs, 0.0, weights[k])
        for row, k in zip(labels, first)
    ]
    assert sum(fractions) == pytest.approx(1.0, abs=1e-9)


def test_counts_of_cover():
    assert [dichotomies(k, 2) for k in range(1, 6)] == [2, 4, 6, 8, 10]
    assert [dichotomies(k, 9) for k in range(10)] == [2**k for k in range(10)]
    assert dichotomies(8, 4) == 2**7  # capacity: half of all labellings at k = 2 d


@pytest.mark.statistical
def test_chance_of_random_labels_is_that_of_wendel():
    """Normals in space lie in a hemisphere if one of the crossings of two planes is on its edge or inside."""
    trials, samples = 4000, 6
    normals = on_sphere(trials * samples, 3, seed=4).reshape(trials, samples, 3)
    found = np.zeros(trials, bool)
    for i, j in itertools.combinations(range(samples), 2):
        crossing = np.cross(normals[:, i], normals[:, j])
        others = np.delete(normals, (i, j), axis=1)
        products = np.einsum("tki,ti->tk", others, crossing)
        found |= (products > 0.0).all(axis=1) | (products < 0.0).all(axis=1)
    chance = dichotomies(samples, 3) / 2**samples
    assert chance == pytest.approx(0.5)
    assert abs(found.mean() - chance) < 4 * math.sqrt(chance * (1.0 - chance) / trials)


@pytest.mark.statistical
@pytest.mark.parametrize("samples", [0, 1, 4])
def test_gibbs_learning_curve_in_the_plane(samples):
    """Over seeds, by three methods: the fraction that one more sample removes, the test error, the closed form."""
    made = [[perceptron(2, samples + more, seed=seed) for more in (0, 1)] for seed in range(800)]
    removed = np.array([1.0 - volume_fraction(more) / volume_fraction(less) for less, more in made])
    errors = np.array([error_of(less).surface for less, _ in made])
    curve = 0.5 if samples == 0 else 2.0 / (3.0 * (samples + 1.0))
    if samples == 0:
        np.testing.assert_allclose(removed, 0.5)
        np.testing.assert_allclose(errors, 0.5)
    else:
        assert deviation(removed, curve) < 4
        assert deviation(errors, curve) < 4
        assert deviation(errors, 2.0 / (3.0 * (samples + 2.0))) > 4


@pytest.mark.parametrize("seed", range(4))
def test_mean_test_error_in_the_plane(seed):
    made = perceptron(2, 3, seed=seed)
    allowed, _ = inside(made)
    assert deviation(error_of(made).function(allowed), error_of(made).surface) < 4


@pytest.mark.statistical
@pytest.mark.parametrize(("dim", "samples"), [(2, 3), (3, 5)])
def test_a_projected_walk_between_the_walls_is_uniform(dim, samples):
    """The mean test error of walkers agrees; with one sample fewer it does not."""
    made = perceptron(dim, samples, seed=0)
    states = walk(made, "surface", time=0.8, dt=1e-3, walkers=3000)
    assert (beyond(made, states) <= 0.0).all()
    assert np.linalg.norm(states, axis=1) == pytest.approx(np.ones(3000), abs=1e-9)
    errors, exact = error_of(made).function(states), error_of(made).function(inside(made)[0])
    assert deviation(errors, exact.mean()) < 4
    fewer = perceptron(dim, samples - 1, seed=0)
    assert deviation(errors, error_of(fewer).function(inside(fewer)[0]).mean()) > 8


def test_the_target_is_a_distance_on_the_sphere():
    made = perceptron(5, 3, error=0.1)
    teacher, out = teacher_of(made), np.empty(3)
    side = np.linalg.svd(teacher[None])[2][1]
    angles = np.array([0.0, 0.1 * math.pi, 1.0])
    states = 1.3 * (np.cos(angles)[:, None] * teacher + np.sin(angles)[:, None] * side)
    made.target(np.ascontiguousarray(states.T), out, made.parameters)
    np.testing.assert_allclose(out, angles - 0.1 * math.pi, atol=1e-7)
    np.testing.assert_allclose(error_of(made).function(states), angles / math.pi, atol=1e-7)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"dim": 1}, "perceptron needs"), ({"samples": -1}, "perceptron needs"), ({"margin": 1.0}, "perceptron needs"),
        ({"error": 0.5}, "perceptron needs"), ({"seed": -1}, "perceptron needs"),
        ({"dim": 2, "samples": 12, "margin": 0.9}, "no weights found that keep margin=0.9 from all 12"),
    ],
)  # fmt: skip
def test_dials_out_of_range_are_refused(bad, words):
    with pytest.raises(UsageError, match=words):
        perceptron(**bad)
