"""Without Langevin noise, or with batches that cause the same motion on the set, the verdict changes."""

import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from langevin.measure.seeds import mean_over
from sims import minibatch as sim

SPREAD = np.linspace(-0.02, 0.02, 8)
HEATS = {7: np.full((8, 2), 1e-6) * np.linspace(0.9, 1.1, 8)[:, None]}


@pytest.mark.parametrize(
    ("langevin", "batch", "down", "word"),
    [(0.5, 0.0, 0.5, WHERE), (0.5, 0.5, 0.5, HOLDS), (0.5, 0.0, 0.0, FAILS), (0.0, 0.0, 0.0, UNDECIDED)],
)
def test_the_gains_decide(langevin, batch, down, word):
    gains = {
        kind: mean_over(value + SPREAD)
        for kind, value in ((sim.LANGEVIN, langevin), (7, batch), (sim.DOWN, down))
    }
    assert sim.reduces_overfitting(gains, HEATS, 1e-5).verdict.word == word


def test_noise_that_is_not_there_is_noticed():
    setting = sim.QUICK._replace(batches=(7,), frames=2, heat=0.0, networks=3, before=300, steps=300)
    runs = sim.trained(setting, sim.network(setting), 1)
    assert sim.gain(runs[sim.LANGEVIN], runs[sim.STILL]).value == 0.0
