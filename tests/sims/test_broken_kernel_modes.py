"""Networks that are never lazy, and modes of another pace than that of their eigenvalues, change the verdicts."""

import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from sims import kernel_modes as sim

ALPHAS = (0.125, 512.0)


def words(seen):
    return [judge(seen).verdict.word for judge in (sim.order_is_known, sim.pace_is_known)]


def test_rich_networks_in_the_place_of_lazy_ones_are_noticed(monkeypatch):
    monkeypatch.setattr(sim, "STEPS", 2000)  # in which rich networks learn all modes
    modes = sim.learned((0.125, 0.25), range(8), seed=1)
    assert words({alpha: sim.summary(networks) for alpha, networks in modes.items()}) == [FAILS, FAILS]


@pytest.mark.parametrize(
    ("rich", "lazy", "word"),
    [(1.0, 1.0, HOLDS), (0.0, 1.0, ONLY_IF), (1.0, 0.0, FAILS), (0.0, 0.0, FAILS), (0.0, -1.0, FAILS)],
)
def test_modes_of_another_pace_are_noticed(rich, lazy, word):
    """Components fall by exp(-t (kappa / samples)^power), at the two ends of laziness."""
    generator, steps = np.random.default_rng(0), np.unique(np.geomspace(1, sim.STEPS, 200).astype(int)) - 1
    seen = {}
    for alpha, power in zip(ALPHAS, (rich, lazy), strict=True):
        networks = []
        for _ in range(5):
            rate = generator.uniform(np.log(1e-3), np.log(1e-1), size=60)
            own = np.exp(power * rate + (1 - power) * np.log(1e-2) + 0.01 * generator.normal(size=60))
            measured = [sim.fall_time(steps, np.exp(-each * steps)) for each in own]
            networks.append(np.stack([np.exp(-rate), measured]))
        seen[alpha] = sim.summary(networks)
    assert words(seen) == [word, word]
