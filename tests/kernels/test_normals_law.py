"""The noise is standard normal and independent: moments, tails, distribution, correlations.

Each statistic gives a two-sided p-value. The bound is Bonferroni's, 0.001 over the number of statistics,
so correct noise fails for one seed in a thousand.
"""

import math

import numpy as np
import pytest
from scipy import stats

from tests.engine import normals, words

pytestmark = pytest.mark.statistical
WALKERS, NUMBERS = 2048, 4096


def z_scores(z):
    """Scores, standard normal if z (numbers, walkers) has independent normals in groups of four numbers."""
    count = z.size
    squares = z * z
    cubes, fourths = squares * z, squares * squares
    centred = (squares - 1) / math.sqrt(2)
    scores = {
        "mean": z.mean() * math.sqrt(count),
        "variance": (squares.mean() - 1) * math.sqrt(count / 2),
        "third moment": cubes.mean() * math.sqrt(count / 15),
        "fourth moment": (fourths.mean() - 3) * math.sqrt(count / 96),
        "sixth moment": (np.square(cubes).mean() - 15) * math.sqrt(count / 10170),
    }
    sine, cosine, other = z[0::4], z[1::4], z[2::4]
    products = {
        "in a pair": (sine, cosine),
        "across pairs": (cosine, other),
        "sines of a group": (sine, other),
        "cosines of a group": (cosine, z[3::4]),
        "next group": (z[3:-1:4], z[4::4]),
        "next number": (z[:-1], z[1:]),
        "16 numbers on": (z[:-16], z[16:]),
        "next lane": (z[:, :-1], z[:, 1:]),
        "next block": (z[:, :-256], z[:, 256:]),
        "squares in a pair": (centred[0::4], centred[1::4]),
        "squares across pairs": (centred[0::4], centred[2::4]),
        "squares of the next number": (centred[:-1], centred[1:]),
        "squares of the next lane": (centred[:, :-1], centred[:, 1:]),
        "number and next square": (z[:-1], centred[1:]),
    }
    for name, (one, two) in products.items():
        scores[name] = np.vdot(one, two) / math.sqrt(one.size)
    return scores


def tails(z):
    """The two-sided p-value of each count beyond 3, 4, 5 on each side, which is a Poisson number."""
    found = {}
    for bound in (3, 4, 5, -3, -4, -5):
        count = stats.poisson(stats.norm.sf(abs(bound)) * z.size)
        seen = np.count_nonzero(z > bound) if bound > 0 else np.count_nonzero(z < bound)
        found[f"beyond {bound}"] = 2 * min(count.cdf(seen), count.sf(seen - 1))
    return found


def chances(z):
    """The p-values of scores and tails, and of a Kolmogorov-Smirnov test on a million numbers."""
    found = {name: 2 * stats.norm.sf(abs(score)) for name, score in z_scores(z).items()}
    sample = z.ravel()[:: max(1, z.size // 1_000_000)]
    return found | tails(z) | {"distribution": stats.kstest(sample, "norm").pvalue}


def failures(found):
    return [name for name, chance in found.items() if not chance > 0.001 / len(found)]


@pytest.fixture(scope="module")
def noise():
    """8.4 million normals."""
    return normals(np.arange(WALKERS), NUMBERS, seed=20).astype(np.float64)


def test_normals_are_normal(noise):
    found = chances(noise)
    assert len(found) == 26
    assert failures(found) == []


def test_streams_and_seeds_and_distant_walkers_are_independent(noise):
    """A correlation of n pairs of independent normals has a standard error of n^(-1/2)."""
    others = {
        "stream": normals(np.arange(WALKERS), NUMBERS, seed=20, stream=1),
        "seed": normals(np.arange(WALKERS), NUMBERS, seed=21),
        "high half of the seed": normals(np.arange(WALKERS), NUMBERS, seed=20 + 2**32),
        "walkers": normals(np.arange(2**31, 2**31 + WALKERS), NUMBERS, seed=20),
        "far groups": normals(np.arange(WALKERS), NUMBERS, seed=20, first=4 * 2**33),
    }
    found = {
        name: 2 * stats.norm.sf(abs(np.vdot(noise, other)) / math.sqrt(noise.size))
        for name, other in others.items()
    }
    assert failures(found) == []


def reference(factor=1.0, turn=1.0, twice=False, walkers=WALKERS // 4):
    """Box-Muller in double precision from the same words, possibly broken, (NUMBERS, walkers)."""
    w0, w1, w2, w3 = words(np.arange(walkers), range(NUMBERS // 4), seed=20)
    z = np.empty((NUMBERS, walkers))
    for row, radius, angle in [(0, w0, w1), (2, w2, w1 if twice else w3)]:
        length = np.sqrt(-2 * factor * np.log((radius.astype(float) + 0.5) / 2**32))
        phase = turn * 2 * math.pi * angle.astype(float) / 2**32
        z[row::4], z[row + 1 :: 4] = length * np.sin(phase), length * np.cos(phase)
    return z


def flat_top(z):
    """Normals with tails cut at 4."""
    return np.clip(z, -4, 4)


@pytest.mark.parametrize(
    ("broken", "noticed"),
    [
        (lambda: reference(), None),
        (lambda: reference(factor=1.01), "variance"),
        (lambda: reference(turn=0.99), "mean"),
        (lambda: reference(twice=True), "sines of a group"),
        (lambda: flat_top(reference()), "beyond 4"),
        (lambda: np.repeat(reference(walkers=256), 2, axis=1), "next lane"),
        (lambda: np.round(reference(), 2), "distribution"),
        (lambda: np.random.default_rng(0).uniform(-(3**0.5), 3**0.5, (NUMBERS, 512)), "fourth moment"),
    ],
    ids=[
        "sound",
        "factor in the log",
        "short turn",
        "angle used twice",
        "cut",
        "lanes in pairs",
        "coarse",
        "uniform",
    ],
)
def test_a_broken_transform_is_caught(broken, noticed):
    """The statistics detect each fault by its effect; they detect none in the correct transform."""
    found = failures(chances(broken()))
    assert (noticed in found) if noticed else found == []
