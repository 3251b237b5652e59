"""Noise that does not reach the weights; networks that flatten otherwise, lose accuracy or have another power."""

from dataclasses import replace

import numpy as np

from langevin.comparison import compare
from langevin.experiment.claims import FAILS, HOLDS, WHERE
from langevin.sgld import Law
from langevin.types import Measurement
from models import parity
from sims import parity_label_noise as sim

ALONE = "minibatches alone"


def test_noise_that_does_not_reach_the_weights_is_noticed():
    model = parity.model(width=100, loss="half-mse", data_seed=1)
    still = sim.control(model, Law(sim.RATE, name="sgd", batch=sim.BATCH), 5000, 3, 1)
    right = sim.noise(model, sim.RATE, 1.4, 10_000, 3, 1)
    assert sim.drifts_to_flat(right, {ALONE: still}).verdict.word == WHERE
    assert sim.moves_by_noise(right, {ALONE: still}).verdict.word == WHERE
    weak = sim.control(
        model, Law(sim.RATE, label_noise=1e-3, name="label-noise", batch=sim.BATCH), 5000, 3, 1
    )
    assert sim.drifts_to_flat(weak, {ALONE: still}).verdict.word == FAILS
    assert sim.moves_by_noise(weak, {ALONE: still}).verdict.word != WHERE


def run(trace, accuracy=1.0):
    """Ten networks that generalise at the second of four frames, with these values afterwards."""
    from langevin.types import Status, Trajectory

    steps, spread = np.arange(4) * 1000, 1 + 0.02 * np.arange(10.0)[:, None] % 0.07
    seen = {
        "trace": spread * [100, trace, trace, trace],
        "test_accuracy": np.tile([0.5, 1, accuracy, accuracy], (10, 1)),
    }
    events = {
        "memorised_step": np.zeros(10),
        "generalised_step": np.full(10, 1000),
        "step": np.full(10, 3000),
    }
    events["status"] = np.full(10, Status.FINISHED)
    return Trajectory(
        sim.RATE * steps, steps, np.zeros((10, 4, 1)), seen, events, {"learning_rate": sim.RATE}
    )


def test_another_trace_is_noticed():
    base, strong = (sim.RATE, sim.SIGMA), (sim.RATE, 1.4)
    for traces, word in (((35, 36, 37), HOLDS), ((35, 36, 95), WHERE), ((35, 80, 95), FAILS)):
        noisy = {base: run(traces[0]), strong: run(traces[1])}
        assert sim.flat_generalises(noisy, run(traces[2])).verdict.word == word


def test_networks_that_fall_back_are_noticed():
    assert sim.stays(run(35)).verdict.word == HOLDS
    assert sim.stays(run(35, accuracy=0.6)).verdict.word == FAILS


def test_another_power_is_noticed():
    def word(power):
        row = compare(Measurement(power, 0.05, 8, "exponent"), sim.POWER)
        return sim.follows_law({"sigma": row, "learning rate": replace(row)}).verdict.word

    assert (word(-2.05), word(-1.0)) == (HOLDS, FAILS)
