"""True Brownian motion, unnecessary noise, a true escape, and a walk as long as the path before it are detected."""

from dataclasses import replace

import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from langevin.types import Status, Trajectory
from sims import modular_paths as sim

MEMORISED, FRAMES, NETWORKS = 10, 400, 100
#: Number of waiting times that tell an exponential growth from a power law.
MANY = 200_000


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


def test_an_exponential_law_is_told_from_a_clock_and_from_a_power():
    generator = np.random.default_rng(1)
    power = tuple((0.9 / part) ** 4 for part in (0.7, 0.8, 0.9))
    for draw, means, verdict in (
        (generator.exponential, (4, 2, 1), HOLDS),
        (clock(generator), (4, 2, 1), WHERE),
        (generator.exponential, power, FAILS),
        (clock(generator), power, FAILS),
    ):
        late = {part: waited(draw(100 * mean, size=MANY)) for part, mean in zip((0.7, 0.8, 0.9), means)}
        few = {part: waited(draw(100 * mean, size=20)) for part, mean in zip((0.7, 0.8, 0.9), means)}
        spread = sim.coefficient_of_variation(late[0.7])
        assert sim.waits_like_eyring(late, spread).verdict.word == verdict
        assert sim.waits_like_eyring(few, spread).verdict.word == UNDECIDED


def waited(times):
    """A run whose events are these times."""
    events = {"status": np.full(len(times), Status.HIT), "time": times}
    return Trajectory(np.arange(2.0), np.arange(2), np.zeros((len(times), 2, 1)), {}, events, {})


def clock(generator):
    """Times that differ little from their mean."""
    return lambda mean, size: generator.normal(mean, mean / 6, size)


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


#: The quick setting with eight networks at each fraction of the table.
QUICK = sim.QUICK


@pytest.fixture(scope="module")
def trained():
    """Networks with noise and without, by fraction of the table and temperature, each trained once."""
    kept = {}

    def train(part, heat, horizon=QUICK.horizon):
        if (part, heat) not in kept:
            setting = QUICK._replace(horizon=horizon)
            kept[part, heat] = sim.run(setting, sim.modular_network(setting, part), 8, 1, heat)
        return kept[part, heat]

    return train


def test_controls_that_have_the_noise_as_well_are_noticed(trained):
    noisy = trained(0.8, QUICK.heat)
    still = trained(0.8, 0.0, int(noisy.events["step"].max()))
    for control, word in ((still, HOLDS), (noisy, FAILS)):
        accuracy = {0.8: sim.control_accuracy(noisy, control)}
        assert sim.noise_is_enough({0.8: noisy}, accuracy).verdict.word == word


def test_a_way_without_noise_is_as_short_as_the_way_to_memorising(trained):
    """With nine tenths of the table descent alone generalises: then the path length itself is similar."""
    for part, heat, words in (
        (0.8, QUICK.heat, [WHERE]),
        (0.9, QUICK.heat, [WHERE, UNDECIDED]),  # the way after memorising is short here, but not as short
        (0.9, 0.0, [HOLDS]),
    ):
        lengths = {part: sim.lengths(trained(part, heat, 6000))}
        assert sim.travels_alike(lengths, QUICK.every).verdict.word in words


def test_a_sample_that_does_not_shrink_everywhere_is_no_exponential(trained):
    """The times are too few to tell an exponential from a power law, but not from a growth that ends."""
    small, middle, large = (trained(part, QUICK.heat) for part in (0.8, 0.85, 0.9))
    for runs, word in (((small, middle, large), UNDECIDED), ((small, small, large), FAILS)):
        late = {part: sim.waits(one) for part, one in zip((0.8, 0.85, 0.9), runs, strict=True)}
        spread = sim.coefficient_of_variation(late[0.8])
        assert sim.waits_like_eyring(late, spread).verdict.word == word


def test_a_walk_without_a_loss_is_brownian(trained, monkeypatch):
    """No residual holds it back: the sim must find the exponent and the size of Brownian motion in all directions."""
    network = sim.modular_network(QUICK, 0.8)

    def walks(one):
        return sim.is_a_walk({0.8: sim.squared_displacements(one, network, QUICK.heat)}).verdict.word

    assert walks(trained(0.8, QUICK.heat)) == FAILS
    free = replace(network, loss=lambda outputs, targets: 0.0 * (outputs - targets).sum(axis=1))
    one = sim.run(QUICK._replace(horizon=2250), free, 8, 1, QUICK.heat)
    one = replace(one, events=dict(one.events) | {"rank": np.zeros(8)})
    monkeypatch.setattr(sim, "frames_of", lambda run: [np.full(8, 20), np.full(8, 140)])  # nothing is learned
    assert walks(one) == HOLDS
