"""A decay that differs from the one of the law, networks without a delay, and noise without an effect."""

import math

import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, WHERE
from langevin.measure.networks.grokking import Arrivals
from langevin.types import Status, Trajectory
from sims import digits_grokking as sim

SCALES, DECAY, NETWORKS = (1.0, 2.0, 4.0), 0.01, 8


def times(strength, memorised=100.0):
    """Networks whose norm decays at this strength; at the usual size they generalise at once."""
    spread = np.arange(NETWORKS) - 4.0

    def at(step):
        return Arrivals(step + spread, np.zeros(NETWORKS, bool), np.ones(NETWORKS), "")

    def late(scale):
        return 50 if scale == 1 else 500 + math.log(scale) / (sim.RATE * strength) * (1 + 0.01 * spread)

    return {(scale, DECAY): (at(memorised), at(late(scale))) for scale in SCALES}


def test_the_time_of_the_decay_is_told_from_that_of_a_weaker_one():
    for strength, excluded in ((DECAY, False), (DECAY / 2, True)):
        later = sim.time_for_the_norm(times(strength))
        assert any(row.verdict == "excluded" for row in later) == excluded


@pytest.mark.parametrize(("test", "word"), [("U", HOLDS), ("falls", FAILS), ("flat", FAILS)])
def test_the_shape_of_the_losses_decides(test, word):
    norms, spread = np.array(sim.NORMS), 1 + 0.02 * np.arange(NETWORKS)
    tests = {"U": np.log(norms / sim.MIDDLE) ** 2 + 1, "falls": 1 / norms, "flat": np.ones(len(norms))}
    losses = np.array([np.outer(rows, spread) for rows in (norms, 0.1 / norms, tests[test])])
    losses[2] *= 1 + 0.001 * np.random.default_rng(1).normal(size=losses[2].shape)
    assert sim.is_an_l_and_a_u(losses, {}, []).verdict.word == word


def test_late_memorisation_is_no_grokking():
    assert sim.is_induced(times(DECAY)).verdict.word == HOLDS
    assert sim.is_induced(times(DECAY, memorised=2000.0)).verdict.word == FAILS


def test_noise_that_does_nothing_does_not_diffuse_to_better_regions():
    def run(end):
        accuracy = np.linspace(0.1, end, 20) * (1 + 0.001 * np.arange(NETWORKS)[:, None])
        events = {"status": np.full(NETWORKS, Status.FINISHED)}
        return Trajectory(
            np.arange(20.0), np.arange(20), accuracy[..., None], {"test_accuracy": accuracy}, events, {}
        )

    for end, word in ((0.95, HOLDS), (0.6, WHERE), (0.2, FAILS)):
        noisy = {0.0: run(0.3), 1e-4: run(end)}
        ends = {heat: sim.mean_over(one.observables["test_accuracy"][:, -1]) for heat, one in noisy.items()}
        assert sim.diffuses_to_better(noisy, ends).verdict.word == word


#: Few steps from usual and from large initial weights.
FEW = sim.QUICK._replace(scales=(1.0, 5.0), decays=(0.02,), steps=1600)


def network(scale):
    return sim.digits.model(samples=sim.SAMPLES, scale=scale)


def test_weights_of_one_size_do_not_grok():
    def induced(sizes):
        both = {}
        for scale, size in zip(FEW.scales, sizes, strict=True):
            for decay, one in sim.run(FEW, network(size), 1, "weight_decay", FEW.decays).items():
                both[scale, decay] = (
                    sim.reached(one, "train", sim.LEARNED), sim.reached(one, "test", sim.KNOWN),
                )  # fmt: skip
        return sim.is_induced(both).verdict.word

    assert induced(FEW.scales) == HOLDS
    assert induced((1.0, 1.0)) == FAILS


def test_weights_held_at_a_tenth_of_the_norms_have_no_u(monkeypatch):
    """All weights are then too small, and the test loss falls up to the largest norm."""
    monkeypatch.setattr(sim, "NORMS", (0.02, 0.1, 1.0))
    monkeypatch.setattr(sim, "HELD", 2500)

    def shape():
        return sim.is_an_l_and_a_u(sim.losses_at(network(sim.LARGE), 6, 1), {}, []).verdict.word

    assert shape() == HOLDS
    right = sim.Protocol

    def smaller(after_memorisation):
        return right(after_memorisation={name: number / 10 for name, number in after_memorisation.items()})

    monkeypatch.setattr(sim, "Protocol", smaller)
    assert shape() == FAILS


def test_beside_a_decay_noise_does_not_lead_to_better_regions(monkeypatch):
    """The decay alone generalises, and the noise lowers the accuracy that it reaches."""

    def diffuses():
        noisy = sim.run(FEW, network(sim.LARGE), 1, "temperature", (0.0, 3e-4))
        ends = {heat: sim.mean_over(one.observables["test_accuracy"][:, -1]) for heat, one in noisy.items()}
        return sim.diffuses_to_better(noisy, ends).verdict.word

    assert diffuses() == WHERE
    law = sim.Law
    monkeypatch.setattr(sim, "Law", lambda rate, batch: law(rate, weight_decay=0.02, batch=batch))
    assert diffuses() == FAILS
