"""Without thermal noise the network memorises and stays there: the verdict changes."""

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS
from sims import modular_addition as sim


def verdict(setting, network):
    runs = [sim.run(setting, network, 1)]
    times = {0.8: (sim.reached(runs, "train"), sim.reached(runs, "test"))}
    return sim.is_delayed(times, {0.8: sim.known_when_memorised(runs)}).verdict.word


def test_a_network_without_noise_does_not_grok():
    setting = sim.QUICK._replace(networks=2, horizon=5500)
    network = sim.modular_network(setting, 0.8, 0)
    assert verdict(setting, network) == HOLDS
    assert verdict(setting._replace(heat=0.0), network) == FAILS


def test_a_circle_for_every_neuron_is_told_from_shuffled_residues():
    angle = 2 * np.pi * np.arange(17)[:, None] * np.arange(1, 9) / 17
    seen = {"on circles": [], "shuffled": []}
    for name, table in (
        ("on circles", np.cos(angle)),
        ("shuffled", np.random.default_rng(0).permuted(np.cos(angle), axis=0)),
    ):
        visit = sim.watch(seen[name])
        visit(0, [{"first": table}])
        visit(sim.LOOK, [{"first": table}])
    found = {
        name: sim.is_on_a_circle(sim.circle_shares({0.9: [one, one]})).verdict.word
        for name, one in seen.items()
    }
    assert found["on circles"].startswith("holds only if")
    assert found["shuffled"] == FAILS
