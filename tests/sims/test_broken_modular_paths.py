"""True Brownian motion, unnecessary noise, a true escape, and a walk as long as the path before it are detected."""

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, WHERE
from langevin.types import Status, Trajectory
from sims import modular_paths as sim

MEMORISED, FRAMES, NETWORKS = 10, 400, 100


def run(generalised, states):
    """Networks that memorise at one frame and generalise at another one (networks,)."""
    steps = np.arange(FRAMES)
    accuracy = {
        "train_accuracy": np.tile(1.0 * (steps >= MEMORISED), (NETWORKS, 1)),
        "test_accuracy": 1.0 * (steps >= np.asarray(generalised)[:, None]),
    }
    events = {"status": np.full(NETWORKS, Status.HIT), "time": np.asarray(generalised, dtype=float)}
    events["rank"] = np.zeros(NETWORKS)
    return Trajectory(steps.astype(float), steps, states, accuracy, events, {})


def test_an_exponential_law_is_told_from_a_clock():
    generator = np.random.default_rng(1)
    states = np.zeros((NETWORKS, FRAMES, 1))
    for times, verdict in (
        (generator.exponential(80, NETWORKS), HOLDS),
        (generator.normal(80, 15, NETWORKS), FAILS),
    ):
        one = run(MEMORISED + 1 + np.minimum(times.astype(int), FRAMES - MEMORISED - 2), states)
        assert sim.waits_like_eyring(sim.coefficient_of_variation(sim.waits(one))).verdict.word == verdict


def test_a_straight_way_is_told_from_a_diffusing_one():
    generator = np.random.default_rng(1)
    straight = np.broadcast_to(np.arange(FRAMES)[:, None] * np.ones(20), (NETWORKS, FRAMES, 20))
    straight = straight * (1 + 0.1 * generator.random((NETWORKS, 1, 1)))
    noise = generator.normal(size=(NETWORKS, FRAMES, 20)) * (np.arange(FRAMES) > MEMORISED)[:, None]
    for states, steps, word in (
        (straight, MEMORISED, HOLDS),
        (np.minimum(straight, MEMORISED) + np.cumsum(noise, axis=1), MEMORISED**2, WHERE),
    ):
        found = sim.lengths(run(np.full(NETWORKS, MEMORISED + steps), states))
        assert sim.travels_alike({0.9: found}, 1).verdict.word == word


def test_brownian_motion_is_told_from_motion_that_is_held_back():
    generator = np.random.default_rng(1)
    network, heat = sim.modular_network(sim.QUICK, 0.9), 0.5
    dim = sim.weights_of(network)
    noise = generator.normal(size=(NETWORKS, FRAMES, 20)) * (dim / 20) ** 0.5
    for power, word in ((0.0, HOLDS), (-0.2, FAILS)):
        walk = np.cumsum(noise * np.arange(1, FRAMES + 1)[:, None] ** power, axis=1)
        found = sim.squared_displacements(run(np.full(NETWORKS, FRAMES - 1), walk), network, heat)
        assert sim.is_a_walk({0.9: found}).verdict.word == word


def test_noise_that_is_not_needed_is_noticed():
    noisy = run(np.full(NETWORKS, 50), np.zeros((NETWORKS, FRAMES, 1)))
    for accuracy, word in ((0.1, HOLDS), (1.0, FAILS)):
        assert sim.noise_is_enough({0.7: noisy}, {0.7: np.full(8, accuracy)}).verdict.word == word
