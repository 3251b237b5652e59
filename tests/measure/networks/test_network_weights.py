"""Spectral norms, sparsity and density of weights; pictures and Fourier content of representations."""

import subprocess
import sys

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.measure import networks


def test_spectral_norms_are_by_path_and_of_matrices_only():
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    weights = {"hidden": 2 * rotation, "bias": np.ones(3), "deep": [np.diag([1.0, 5.0])]}
    norms = networks.spectral_norms(weights)
    assert norms == pytest.approx({"['hidden']": 2.0, "['deep'][0]": 5.0})


@pytest.mark.statistical
def test_spectral_norm_of_random_weights_is_that_of_marchenko_and_pastur():
    """Uniform in +-1/sqrt(n): the edge (sqrt(W) + sqrt(n)) / sqrt(3 n), less 1.2 % at this size (Tracy and Widom).

    The next orders, in 1/n = 2 %, were measured at 0.6 %: 1 % are allowed.
    """
    n, width = 50, 500
    generator = np.random.default_rng(0)
    matrices = {number: generator.uniform(-1, 1, (n, width)) / n**0.5 for number in range(36)}
    norms = list(networks.spectral_norms(matrices).values())
    edge = (width**0.5 + n**0.5) ** 2
    scale = (width**0.5 + n**0.5) * (width**-0.5 + n**-0.5) ** (1 / 3)  # Johnstone 2001
    expected = ((edge - 1.2065 * scale) / (3 * n)) ** 0.5
    assert np.std(norms, ddof=1) / 36**0.5 < 0.002 * expected
    assert np.mean(norms) == pytest.approx(expected, rel=0.01)
    assert np.mean(norms) < 0.985 * (edge / (3 * n)) ** 0.5  # the edge itself is excluded


def test_sparsity_from_one_weight_to_all_alike():
    one, alike = np.eye(1, 100), [np.ones(60), -np.ones((4, 10))]
    assert networks.hoyer_sparsity(one) == pytest.approx(1)
    assert networks.hoyer_sparsity(alike) == pytest.approx(0, abs=1e-14)
    assert networks.participation(one) == pytest.approx(0.01)
    assert networks.participation(alike) == pytest.approx(1)
    assert networks.fraction_below(one, 1e-3) == 0.99
    assert networks.fraction_below(alike, 1e-3) == 0


@pytest.mark.statistical
def test_gaussian_weights_have_their_participation_and_density():
    """Participation 1/3: relative error sqrt(Var w^4 / 9 n), about 1 %. Density within 2 % of the peak."""
    weights = np.random.default_rng(1).normal(scale=0.1, size=(100, 100))
    assert networks.participation(weights) == pytest.approx(1 / 3, rel=0.04)
    grid, density = networks.weight_density(weights)
    # Scott's bandwidth widens the law; standard error of the density ~ sqrt(peak / (2 sqrt(pi) n h)).
    width = np.hypot(weights.std(), weights.std() * 10_000**-0.2)
    peak = 1 / (width * np.sqrt(2 * np.pi))
    assert np.abs(density - peak * np.exp(-(grid**2) / (2 * width**2))).max() < 0.04 * peak
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-3)
    _, broken = networks.weight_density(0.9 * weights, grid)
    assert np.abs(broken - density).max() > 0.08 * peak


def test_the_bandwidth_of_a_density_is_a_standard_deviation():
    grid, density = networks.weight_density([-1.0, 1.0], grid=[1.0], bandwidth=0.1)
    assert grid.tolist() == [1.0]
    assert density[0] == pytest.approx(0.5 / (0.1 * np.sqrt(2 * np.pi)))


def test_principal_components_of_a_plane_in_many_dimensions():
    generator = np.random.default_rng(2)
    axes = np.linalg.qr(generator.normal(size=(7, 2)))[0]
    inside = generator.normal(size=(40, 2)) * [3, 1]
    coordinates, shares = networks.principal_components(inside @ axes.T + 5)
    assert shares.sum() == pytest.approx(1)
    distances = [np.linalg.norm(points[:, None] - points[None], axis=2) for points in (inside, coordinates)]
    np.testing.assert_allclose(distances[0], distances[1], atol=1e-12)
    assert (coordinates[np.abs(coordinates).argmax(axis=0), [0, 1]] > 0).all()


def test_t_sne_keeps_clusters_apart_and_its_seed():
    generator = np.random.default_rng(3)
    centres = np.repeat(10 * np.eye(4), 12, axis=0)
    features = centres + generator.normal(size=(48, 4))
    points = networks.t_sne(features, perplexity=8)
    assert points.shape == (48, 2)
    distance = np.linalg.norm(points[:, None] - points[None], axis=2) + np.where(np.eye(48), np.inf, 0)
    assert (distance.argmin(axis=1) // 12 == np.arange(48) // 12).all()
    np.testing.assert_array_equal(points, networks.t_sne(features, perplexity=8))


def test_without_scikit_learn_t_sne_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    with pytest.raises(UsageError, match="pip install"):
        networks.t_sne(np.eye(5), perplexity=2)


def table(p, frequencies, width=6, seed=0):
    """Embeddings of the residues on circles of these frequencies, in random planes, off the origin."""
    generator = np.random.default_rng(seed)
    planes = np.linalg.qr(generator.normal(size=(width, width)))[0]
    angles = 2 * np.pi * np.outer(np.arange(p), frequencies) / p
    circles = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    return circles @ planes[: 2 * len(frequencies)] + generator.normal(size=width)


@pytest.mark.parametrize("p", [23, 24])
def test_pure_frequencies_are_found_with_their_shares(p):
    power = networks.fourier_power(table(p, [5]))
    assert power.argmax() == 4
    assert power[4] == pytest.approx(1)
    power = networks.fourier_power(table(p, [3, 7]))
    assert power[[2, 6]] == pytest.approx([0.5, 0.5])
    assert networks.top_share(table(p, [3, 7])) == pytest.approx(0.5)
    assert networks.top_share(table(p, [3, 7]), 2) == pytest.approx(1)


@pytest.mark.parametrize("p", [7, 8])
def test_one_residue_alone_has_all_frequencies_alike(p):
    """A delta is white: each pair of cos and sin has 2 / (p - 1), the highest of even p half of that."""
    power = networks.fourier_power(np.eye(1, p).T)
    expected = np.full(p // 2, 2 / (p - 1))
    if p % 2 == 0:
        expected[-1] /= 2
    np.testing.assert_allclose(power, expected)


def test_neurons_have_their_own_frequencies():
    angle = 2 * np.pi * np.arange(11) / 11
    columns = np.stack(
        [np.cos(2 * angle + 0.3), 3 * np.sin(4 * angle) + np.sin(angle), 0 * angle + 2], axis=1
    )
    frequency, share = networks.neuron_frequencies(columns)
    assert frequency.tolist() == [2, 4, 0]
    np.testing.assert_allclose(share, [1, 0.9, 0], atol=1e-12)


def test_the_plane_of_the_best_frequency_shows_the_circle():
    p = 23
    points, frequency = networks.frequency_plane(table(p, [5]) + 0.1 * table(p, [2], seed=1))
    assert frequency == 5
    points, _ = networks.frequency_plane(table(p, [5, 8]), 8)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1)
    turn = np.angle((points[1:] @ [1, 1j]) / (points[:-1] @ [1, 1j]))
    np.testing.assert_allclose(np.abs(turn), 2 * np.pi * 8 / p)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: networks.spectral_norms(np.ones(3)), "none of the weights is a matrix"),
        (lambda: networks.spectral_norms(np.full((2, 2), np.inf)), "not all finite"),
        (lambda: networks.fraction_below(np.ones(3), 0), "above 0"),
        (lambda: networks.fraction_below({}, 1), "no weights"),
        (lambda: networks.hoyer_sparsity(np.zeros(3)), "not zero"),
        (lambda: networks.participation(np.zeros(3)), "zero"),
        (lambda: networks.weight_density(np.ones(3)), "2 different"),
        (lambda: networks.weight_density(np.arange(3.0), bandwidth=-1), "above 0"),
        (lambda: networks.principal_components(np.ones((4, 2))), "same representation"),
        (lambda: networks.principal_components(np.eye(3), 4), "between 1 and 3"),
        (lambda: networks.t_sne(np.eye(3)), "perplexity"),
        (lambda: networks.t_sne(np.ones(3)), "features"),
        (lambda: networks.fourier_power(np.ones((2, 2))), "3 or more"),
        (lambda: networks.fourier_power(np.ones((5, 2)) / 3), "alike"),
        (lambda: networks.top_share(np.eye(5), 3), "1 to 2"),
        (lambda: networks.frequency_plane(np.eye(5), 3), "1 to 2"),
        (lambda: networks.frequency_plane(np.eye(5)[:, :1]), "one column"),
    ],
)
def test_what_has_no_answer_is_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_measure_knows_no_jax_until_asked_for_networks():
    code = "import sys, langevin.measure; sys.exit('jax' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
