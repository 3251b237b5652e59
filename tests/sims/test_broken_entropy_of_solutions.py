"""Random labels, exchanged weights and another exponent change the verdicts."""

from dataclasses import replace

import numpy as np
import pytest

from langevin.comparison import compare
from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED
from langevin.types import Measurement, Prediction
from sims import entropy_of_solutions as sim

LAW = "label noise"


def solutions(entropy, rank=50, loss=1e-12):
    spread = np.linspace(-1.0, 1.0, 12)
    accuracy = np.full(12, 0.9)
    return sim.Solutions([], [], entropy + spread, np.full(12, rank), accuracy, np.full(12, loss), 12)


def word(*entropies):
    """The verdict on solutions that were memorised and generalised, and with random labels early and late."""
    kinds = dict(zip(sim.KINDS, entropies, strict=True))
    return sim.volume_is_larger({LAW: kinds}).verdict.word


def test_networks_that_do_not_generalise_are_left_out(monkeypatch):
    known = sim.network
    monkeypatch.setattr(sim, "network", lambda seed, outliers=0.5: known(seed, outliers=0.5))
    kinds = sim.route(sim.LAWS[LAW], 2, 300, seed=1)
    found = sim.volume_is_larger({LAW: kinds})
    assert found.verdict.word == UNDECIDED
    assert "0 of 2 networks generalised" in found.number
    assert all(len(one.entropy) == 0 for one in kinds.values())


def test_labels_without_a_rule_gain_no_more_than_random_ones(monkeypatch):
    """Two draws of random labels under label noise: both gain entropy with time, and neither has a correct solution."""
    known, trained = sim.network, sim.trained
    monkeypatch.setattr(sim, "DESCENT_STEPS", 3000)

    def without_a_rule(seed, outliers=0.0):
        return known(seed if outliers else seed + 1000, outliers=0.5)

    def until_the_end(model, law, steps, seed):
        memorised, _, kept = trained(model, law, steps, seed)
        return memorised, steps, kept

    monkeypatch.setattr(sim, "network", without_a_rule)
    monkeypatch.setattr(sim, "trained", until_the_end)
    kinds = sim.route(sim.LAWS[LAW], 6, 1500, seed=1)
    assert all(len(one.entropy) == 6 for one in kinds.values())
    assert sim.volume_is_larger({LAW: kinds}).verdict.word != HOLDS
    early, late = (kinds[kind].entropy for kind in (sim.MEMORISED, sim.GENERALISED))
    assert (late > early).all()


def test_narrow_solutions_are_noticed():
    """The entropies are made up: a law that leads to narrow solutions would have to be trained for minutes."""
    low, middle, high = (solutions(entropy) for entropy in (-70.0, -60.0, -50.0))
    assert word(low, high, low, middle) == HOLDS
    assert word(high, low, solutions(-90.0), solutions(-80.0)) == FAILS  # narrower than what was memorised
    assert word(low, middle, low, high) == FAILS  # narrower than what the law makes without a rule
    assert word(low, high, solutions(-95.0), low) == FAILS  # random labels gain more in the same time


def test_weights_off_the_set_or_of_another_rank_say_nothing():
    right = (None, None, -50.0, 50, 1.0, 1e-12)
    assert sim.comparable([right] * 4)
    assert not sim.comparable([right] * 3 + [(None, None, -50.0, 50, 1.0, 0.02)])
    assert not sim.comparable([right] * 3 + [(None, None, -50.0, 49, 1.0, 1e-12)])


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
    monkeypatch.setattr(sim, "DRAWS", 200)
    models = [sim.network(i) for i in range(4)]
    found = []
    for i, model in enumerate(models):
        _, _, kept = sim.trained(model, sim.LAWS[LAW], 200, i)
        found += sim.at_zero_loss(model, [kept[200]])
    columns = list(zip(*found, strict=True))
    weights = sim.Solutions(*map(list, columns[:2]), *map(np.array, columns[2:]), 4)

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
