"""Label noise too weak to move anything where strong noise is asked for: no drift, and the verdicts change."""

from langevin.experiment.claims import FAILS, ONLY_IF
from langevin.sgld import Law
from models import parity
from sims import parity_label_noise as sim


def test_noise_that_does_not_reach_the_weights_is_noticed():
    model = parity.model(width=100, loss="half-mse", data_seed=1)
    still = sim.control(model, Law(sim.RATE, name="sgd", batch=sim.BATCH), 1000, 3, 1)
    right = sim.noise(model, sim.RATE, 1.4, 10_000, 3, 1)
    assert sim.drifts_to_flat(right, {"minibatches alone": still}).verdict.word.startswith(ONLY_IF)
    assert sim.moves_by_noise(right, still).verdict.word.startswith(ONLY_IF)
    weak = sim.control(
        model, Law(sim.RATE, label_noise=1e-3, name="label-noise", batch=sim.BATCH), 1000, 3, 1
    )
    assert sim.drifts_to_flat(weak, {"minibatches alone": still}).verdict.word == FAILS
    assert sim.moves_by_noise(weak, still).verdict.word == FAILS
