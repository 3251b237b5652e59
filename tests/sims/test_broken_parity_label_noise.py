"""Noise that does not reach the weights; networks that flatten otherwise, lose accuracy or have another power."""

from types import SimpleNamespace

import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
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


def test_another_way_to_flat_weights_and_noise_that_is_too_strong_are_noticed(monkeypatch):
    """A decay instead of the noise generalises at a larger trace; under strong noise networks come and go."""
    model, law = parity.model(width=100, loss="half-mse", data_seed=1), sim.Law
    # The strongest noise takes the place of the base, to save steps.
    base = sim.noise(model, sim.RATE, 1.4, 14_000, 8, 1)
    decays = law(sim.RATE, weight_decay=sim.DECAY, name="sgd", batch=sim.BATCH)
    decay = sim.control(model, decays, 5000, 8, 1)

    def flat():
        other = sim.noise(model, sim.RATE, 1.2, 10_000, 8, 1)
        noisy = {(sim.RATE, sim.SIGMA): base, (sim.RATE, 1.2): other}
        return sim.flat_generalises(noisy, decay).verdict.word

    assert flat() == WHERE
    monkeypatch.setattr(sim, "Law", lambda rate, **numbers: decays)
    assert flat() == FAILS
    assert sim.stays(base).verdict.word == HOLDS
    strong = law(sim.RATE, label_noise=4.0, name="label-noise", batch=sim.BATCH)
    assert sim.stays(sim.control(model, strong, 8000, 8, 1)).verdict.word == FAILS


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


def verdict_on_powers(*powers):
    """The verdict on these powers of sigma, of the learning rate, and of small learning rates."""
    series = {place: {(0.02, 1.0): [], (0.05, 2.0): []} for place, _ in enumerate(powers)}
    return sim.follows_law([Measurement(one, 0.03, 8, "power") for one in powers], series).verdict.word


def test_another_power_is_noticed():
    assert verdict_on_powers(2.05, 1.97, 2.0) == HOLDS
    assert verdict_on_powers(1.97, 2.4, 2.03) == WHERE  # as measured
    assert verdict_on_powers(1.97, 2.4) == UNDECIDED  # no small rates: nothing is known about them
    assert verdict_on_powers(1.0, 2.0, 2.0) == FAILS


def test_noise_that_acts_as_its_amplitude_has_another_power(monkeypatch):
    """The noise of each run is the root of the one asked for: the drift is in proportion to sigma, not to sigma^2."""
    model, right = parity.model(loss="half-mse", data_seed=1), sim.Law

    def measured(steps):
        return sim.power(
            {(0.05, s): sim.drift(sim.noise(model, 0.05, s, steps, 6, 1)) for s in (1.2, 1.8)}, 1
        )

    def verdict(by_sigma):
        two = Measurement(2.0, 0.03, 8, "power")  # of the learning rate, which is not varied here
        series = {place: {(0.02, 1.2): [], (0.05, 1.8): []} for place in range(3)}
        return sim.follows_law([by_sigma, two, two], series).verdict.word

    square = measured(9000)
    assert square.value == pytest.approx(2.0, abs=0.5)
    assert verdict(square) != FAILS

    def weaker(*args, label_noise, **law):
        return right(*args, label_noise=label_noise**0.5, **law)

    monkeypatch.setattr(sim, "Law", weaker)
    linear = measured(13_500)
    assert linear.value == pytest.approx(1.0, abs=0.5)
    assert verdict(linear) == FAILS


def drifting(power_of_time):
    """Four networks whose trace falls from 160 as time to a power."""
    steps = np.arange(1, 400)
    trace = 160 * np.exp(-((steps / 100.0) ** power_of_time)) * (1 + 0.01 * np.arange(4)[:, None])
    return SimpleNamespace(steps=steps, observables={"trace": trace})


def test_the_drift_is_that_between_both_traces():
    assert sim.drift(drifting(1.0)) == pytest.approx(np.full(4, 0.01), rel=1e-6)
    assert np.isnan(
        sim.drift(SimpleNamespace(steps=np.arange(9), observables={"trace": np.full((4, 9), 90.0)}))
    ).all()
    still = {(0.05, 1.0): np.full(4, 0.01), (0.05, 2.0): np.full(4, np.nan)}
    assert not sim.power(still, 1).mixed
