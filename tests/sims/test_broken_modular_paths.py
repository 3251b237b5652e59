"""Waiting times of a true escape, and a walk that really is as long as the way before it: the verdicts change."""

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from langevin.types import Status, Trajectory
from sims import modular_paths as sim

MEMORISED, FRAMES, NETWORKS = 10, 400, 30


def run(generalised, states):
    """Networks that memorise at one frame and generalise at another one (networks,)."""
    steps = np.arange(FRAMES)
    accuracy = {
        "train_accuracy": np.tile(1.0 * (steps >= MEMORISED), (NETWORKS, 1)),
        "test_accuracy": 1.0 * (steps >= np.asarray(generalised)[:, None]),
    }
    events = {"status": np.full(NETWORKS, Status.HIT), "time": np.asarray(generalised, dtype=float)}
    return Trajectory(steps.astype(float), steps, states, accuracy, events, {})


def test_an_exponential_law_is_told_from_a_clock():
    generator = np.random.default_rng(1)
    states = np.zeros((NETWORKS, FRAMES, 1))
    for times, verdict in (
        (generator.exponential(80, NETWORKS), HOLDS),
        (generator.normal(80, 15, NETWORKS), FAILS),
    ):
        one = run(MEMORISED + 1 + np.minimum(times.astype(int), FRAMES - MEMORISED - 2), states)
        assert sim.waits_like_eyring(*sim.waiting_law(one)).verdict.word == verdict


def test_a_straight_way_is_told_from_a_diffusing_one():
    generator = np.random.default_rng(1)
    straight = np.broadcast_to(np.arange(FRAMES)[:, None] * np.ones(20), (NETWORKS, FRAMES, 20))
    noise = generator.normal(size=(NETWORKS, FRAMES, 20)) * (np.arange(FRAMES) > MEMORISED)[:, None]
    for states, steps, start in (
        (straight, MEMORISED, HOLDS),
        (np.minimum(straight, MEMORISED) + np.cumsum(noise, axis=1), MEMORISED**2, ONLY_IF),
    ):
        found = sim.lengths(run(np.full(NETWORKS, MEMORISED + steps), states))
        assert sim.travels_alike({0.9: found}, 1).verdict.word.startswith(start)
        assert start != HOLDS or sim.travels_alike({0.9: found}, 1).verdict.word == HOLDS
