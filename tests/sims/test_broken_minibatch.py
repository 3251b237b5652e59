"""Without noise, or with minibatches that do less than Langevin noise of the same size, the verdict changes."""

import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED
from sims import minibatch as sim

SPREAD = np.linspace(0.9, 1.1, 8)
HEATS, BATCH = (1e-6, 1e-5, 1e-4), 7


def verdict(fall, displacement=1.0, variance=1e-5):
    """Langevin noise has displacements and falls of the test loss in proportion to its temperature: 0.1 at 1e-5."""
    moved = {heat: 1e5 * heat * SPREAD for heat in HEATS} | {BATCH: displacement * SPREAD}
    strength = {heat: heat * np.ones(8) for heat in HEATS} | {BATCH: variance * SPREAD}
    falls = {heat: 1e4 * heat * SPREAD for heat in HEATS} | {BATCH: fall * SPREAD}
    return sim.reduces_overfitting(moved, strength, falls, (BATCH,)).verdict.word


@pytest.mark.parametrize(
    ("fall", "sizes", "word"),
    [
        (0.1, {}, HOLDS),
        (0.02, {}, FAILS),
        (-0.1, {}, FAILS),
        (0.1, {"displacement": 8.0}, FAILS),
        (0.1, {"variance": 8e-5}, FAILS),
        (0.1, {"displacement": 100.0}, UNDECIDED),
    ],
)
def test_the_effect_at_equal_noise_decides(fall, sizes, word):
    assert verdict(fall, **sizes) == word


def test_the_temperature_of_equal_displacement_is_interpolated():
    moved = {heat: 1e5 * heat * SPREAD for heat in HEATS} | {BATCH: 3.0 * SPREAD}
    falls = {kind: np.ones(8) for kind in moved}
    assert sim.at_equal(moved, falls, BATCH, "displacement")[0].value == pytest.approx(3e-5)
    moved[BATCH] = 0.03 * SPREAD
    assert sim.at_equal(moved, falls, BATCH, "displacement")[0].value == pytest.approx(3e-7)


def test_noise_that_is_not_there_is_noticed():
    setting = sim.QUICK._replace(batches=(7,), frames=2, heats=(0.0,), networks=3, before=300, steps=300)
    runs = sim.trained(setting, sim.network(setting), 1)
    assert not sim.fall(runs[0.0], runs[sim.STILL]).any()
    assert not sim.displacement(runs[0.0], runs[sim.STILL]).any()
    assert sim.displacement(runs[7], runs[sim.STILL]).all()


def test_minibatches_with_noise_on_their_labels_overfit_more(monkeypatch):
    """The networks learn the noise of the labels, and it spreads to the test set."""
    setting = sim.QUICK._replace(frames=2, heats=(1e-6, 2e-5), networks=6, before=1000, steps=300)
    model = sim.network(setting)

    def reduces():
        runs = sim.trained(setting, model, 1)
        noisy = {kind: one for kind, one in runs.items() if kind != sim.STILL}
        moved, falls = (
            {kind: change(one, runs[sim.STILL]) for kind, one in noisy.items()}
            for change in (sim.displacement, sim.fall)
        )
        strength = {heat: np.full(setting.networks, heat) for heat in setting.heats}
        for batch in setting.batches:
            found = sim.temperatures(runs[batch], batch, len(model.train.inputs))
            strength[batch] = found.mean(axis=1)
        return sim.reduces_overfitting(moved, strength, falls, setting.batches).verdict.word

    assert reduces() in (HOLDS, UNDECIDED)  # the effect of so few steps is small
    law = sim.Law

    def noisy(rate, batch=None):
        labels = {"label_noise": 1.0, "name": "label-noise"} if batch else {}
        return law(rate, batch=batch, **labels)

    monkeypatch.setattr(sim, "Law", noisy)
    assert reduces() == FAILS
