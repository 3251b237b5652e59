"""Random labels, exchanged weights and another exponent change the verdicts.

The entropies are made up: a law that leads to narrow solutions would have to be trained for minutes.
"""

from dataclasses import replace

import numpy as np
import pytest

from langevin.comparison import compare
from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED
from langevin.types import Measurement, Prediction
from sims import entropy_of_solutions as sim

LAW = "label noise"


def solutions(entropy, accuracy, rank=50, loss=1e-12):
    spread = np.linspace(-1.0, 1.0, 12)
    return sim.Solutions(
        None, [], entropy + spread, np.full(12, rank), np.clip(accuracy + 0.01 * spread, 0, 1), loss, 12
    )


def word(memorised, generalised, random):
    kinds = dict(
        zip((sim.MEMORISED, sim.GENERALISED, sim.RANDOM), (memorised, generalised, random), strict=True)
    )
    return sim.volume_is_larger({LAW: kinds}).verdict.word


def test_labels_that_cannot_be_generalised_decide_nothing(monkeypatch):
    known = sim.network
    monkeypatch.setattr(sim, "network", lambda seed, outliers=0.5: known(seed, outliers=0.5))
    monkeypatch.setattr(sim, "DESCENT_STEPS", 100)
    kinds = sim.route(sim.LAWS[LAW], 5, 1000, seed=1)
    found = sim.volume_is_larger({LAW: kinds})
    assert found.verdict.word == UNDECIDED
    assert "0 of 5 networks generalised" in found.number


def test_a_network_that_does_not_generalise_is_left_out(monkeypatch):
    kept = {step: [(i, step) for i in range(3)] for step in range(0, 101, sim.EVERY)}
    events = {"memorised_step": np.array([50, 50, 0]), "generalised_step": np.array([100, -1, 50])}
    monkeypatch.setattr(sim, "trained", lambda *_: (events, kept))
    monkeypatch.setattr(sim, "at_zero_loss", lambda model, weights, networks: weights)
    kinds = sim.route(None, 3, 100, seed=1)
    assert kinds[sim.MEMORISED] == [(0, 50), (2, 0)]
    assert kinds[sim.GENERALISED] == kinds[sim.RANDOM] == [(0, 100), (2, 50)]


def test_narrow_solutions_are_noticed():
    low, high = solutions(-70.0, 0.8), solutions(-50.0, 0.98)
    assert word(low, high, low) == HOLDS
    assert word(high, low._replace(accuracy=high.accuracy), low) == FAILS  # narrower than what was memorised
    assert word(low, high, solutions(-30.0, 0.5)) == FAILS  # narrower than what the law makes without a rule
    assert word(low, high._replace(accuracy=low.accuracy), low) == FAILS  # no correct solutions


def test_weights_off_the_set_or_of_another_rank_say_nothing():
    low, high = solutions(-70.0, 0.8), solutions(-50.0, 0.98)
    assert word(low, high._replace(loss=1e-3), low) == UNDECIDED
    assert word(low, high._replace(rank=high.rank - 1), low) == UNDECIDED


@pytest.mark.parametrize(
    ("part", "mixed", "word"), [(0.8, True, HOLDS), (1.0, True, FAILS), (0.8, False, UNDECIDED)]
)
def test_another_exponent_is_noticed(part, mixed, word):
    measured = [Measurement(value, 0.1, 3, "SGLD") for value in (24.8, 25.0, 24.9, 25.1)]
    late = [replace(m, value=part * m.value, mixed=mixed) for m in measured[::-1]]
    walks = {
        name: [compare(m, Prediction(25.0)) for m in ms]
        for name, ms in {sim.MEMORISED: measured, sim.GENERALISED: late}.items()
    }
    ranks = {name: np.full(4, 50) for name in walks}
    assert sim.exponent_is_smaller(walks, ranks).verdict.word == word


def test_a_smaller_rank_is_a_smaller_exponent():
    """The walks are those of regular minima; after generalising 45 directions are constrained instead of 50."""
    measured = [Measurement(value, 0.1, 3, "SGLD") for value in (24.8, 25.0, 24.9, 25.1)]
    walks = {
        sim.MEMORISED: [compare(m, Prediction(25.0)) for m in measured],
        sim.GENERALISED: [compare(replace(m, value=0.9 * m.value), Prediction(22.5)) for m in measured[::-1]],
    }
    ranks = {sim.MEMORISED: np.full(4, 50), sim.GENERALISED: np.full(4, 45)}
    assert sim.exponent_is_smaller(walks, ranks).verdict.word == HOLDS
    assert sim.exponent_is_smaller(walks, dict.fromkeys(walks, np.full(4, 50))).verdict.word == FAILS


def test_walkers_colder_than_they_should_be_have_a_smaller_exponent(monkeypatch):
    """The mean loss of walkers at half the temperature is half as large, and so is the exponent."""
    monkeypatch.setattr(sim, "DRAWS", 100)
    model = sim.network(1)
    _, kept = sim.trained(model, sim.LAWS[LAW], 4, 200, 1)
    weights = sim.at_zero_loss(model, kept[200], 4)

    def walked(seed):
        return [sim.coefficient(weights, i, seed) for i in range(4)]

    def word(late):
        ranks = dict.fromkeys((sim.MEMORISED, sim.GENERALISED), weights.rank)
        return sim.exponent_is_smaller({sim.MEMORISED: early, sim.GENERALISED: late}, ranks).verdict.word

    early = walked(1)
    assert word(walked(2)) == FAILS
    right = sim.local_learning_coefficient

    def cold(*args, inverse_temperature, localisation, **dials):
        beta, pull = 2 * inverse_temperature, 2 * localisation
        loss, found = right(*args, inverse_temperature=beta, localisation=pull, **dials)
        # walkers that are this cold have a smaller loss, which the sim multiplies by its own beta, half of this one
        return loss, replace(found, value=found.value / 2, error=found.error / 2)

    monkeypatch.setattr(sim, "local_learning_coefficient", cold)
    assert word(walked(2)) == HOLDS


def test_without_walks_the_exponent_is_open():
    assert sim.exponent_is_smaller({sim.MEMORISED: [], sim.GENERALISED: []}, {}).verdict.word == UNDECIDED
