"""Reflected walks: uniform law and decay of cosine modes, exact at every step."""

import math

import numpy as np
import pytest
from scipy import stats

import langevin
from langevin.manifolds import cube

pytestmark = pytest.mark.statistical
THETA = 0.8
SIDES = np.array([0.25, 1.0, 1.0])


def walk(dt, steps, theta=THETA, start=None, seed=2):
    """Final states of 60 000 walkers in a box of sides 1/4, 1, 1."""
    problem = langevin.Problem(cube(dim=3, samples=1), theta, "reflected")
    run = langevin.simulate(
        problem, walkers=60_000, steps=steps, dt=dt, seed=seed, start=langevin.Start(start, first_step=0)
    )
    return run.states[:, -1]


@pytest.mark.parametrize("dt", [1e-4, 0.01, 3.0])
def test_the_uniform_law_is_kept(dt):
    """Kolmogorov-Smirnov tests of three coordinates and correlations of three pairs: six p-values above 0.001 / 6.

    The largest step moves a walker by the length of many boxes.
    """
    scaled = walk(dt, 20) / SIDES
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    chances = [stats.kstest(column, "uniform").pvalue for column in scaled.T]
    chances += [stats.pearsonr(scaled[:, a], scaled[:, b]).pvalue for a, b in [(0, 1), (0, 2), (1, 2)]]
    assert min(chances) > 0.001 / len(chances)


def mode_scores(states, start, theta, time):
    """Standard errors between the mean of cos(pi x / L) and cos(pi x_0 / L) exp(-theta pi^2 t / L^2)."""
    cosines = np.cos(math.pi * states / SIDES)
    exact = np.cos(math.pi * start / SIDES) * np.exp(-theta * (math.pi / SIDES) ** 2 * time)
    return (cosines.mean(axis=0) - exact) / (cosines.std(axis=0) / math.sqrt(len(states)))


@pytest.mark.parametrize(("dt", "steps"), [(4e-4, 25), (2e-3, 5), (0.01, 1)])
def test_cosine_modes_decay_exactly_at_any_step(dt, steps):
    """Three scores below 4; with 10 % more or less heat one exceeds 6."""
    start = np.array([0.05, 0.3, 0.9])
    states = walk(dt, steps, start=start)
    assert np.abs(mode_scores(states, start, THETA, dt * steps)).max() < 4
    for wrong in (0.9 * THETA, 1.1 * THETA):
        assert np.abs(mode_scores(states, start, wrong, dt * steps)).max() > 6


def test_a_clipped_walk_would_be_noticed():
    """Clipping instead of folding leaves atoms at the walls."""
    states = walk(1e-4, 20) + np.random.default_rng(0).normal(0, 0.02, (60_000, 3))
    scaled = np.clip(states, 0, SIDES) / SIDES
    assert min(stats.kstest(column, "uniform").pvalue for column in scaled.T) < 1e-9
