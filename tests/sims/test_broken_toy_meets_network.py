"""A network with half of the correct noise, and numbers that are not those of theory, change the verdicts."""

import pytest

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from langevin.types import Measurement
from sims import toy_meets_network as sim

MATRIX = sim.manifolds.factorised(sim.OUTPUTS, sim.HIDDEN, sim.INPUTS, sim.RIGID, sim.LARGEST)


def limit():
    """The verdict on the continuous limit from a few pairs; the motion of the matrices is given."""
    scan = {
        step: sim.stationary(sim.pairs_trained(200, 10 * sim.TAU, step, place))
        for place, step in enumerate(sim.PAIR_STEPS)
    }
    return sim.continuous_limit(scan, rows({})).verdict.word


def test_a_network_without_the_factor_two_in_its_noise_has_another_limit(monkeypatch):
    assert limit() == HOLDS
    monkeypatch.setattr(sim, "TIMES_HEAT", 0.5)
    assert limit() == FAILS


def reached():
    """The verdict on the Gibbs distribution from a few pairs and matrices."""
    pairs = sim.pairs_trained(100, 10 * sim.TAU, sim.PAIR_STEPS[0], 1)
    network = sim.measure_pairs(pairs) | sim.measure_matrices(sim.matrices_trained(300, 2))
    expected = sim.pair_theory() | sim.matrix_theory(MATRIX)
    return sim.gibbs_is_reached(sim.beside(network, network, expected)).verdict.word


def test_a_network_without_the_factor_two_in_its_noise_is_not_the_gibbs_distribution(monkeypatch):
    assert reached() == ONLY_IF
    monkeypatch.setattr(sim, "TIMES_HEAT", 0.5)
    assert reached() == FAILS


def rows(factors):
    """A manifold as in theory, and a network with these multiples of theory, errors 2 %."""
    expected = sim.pair_theory() | sim.matrix_theory(MATRIX)
    manifold, network = (
        {
            name: Measurement(some.get(name, 1.0) * law.value, 0.02 * abs(law.value), 1000, name)
            for name, law in expected.items()
        }
        for some in ({}, factors)
    )
    return sim.beside(manifold, network, expected)


def verdicts(factors, coarse=1.0):
    """The verdicts; means at the longest step are this multiple of those of theory."""
    scan = {
        step: {
            name: Measurement(
                (coarse if step == max(sim.PAIR_STEPS) else 1.0) * mean, 0.002 * mean, 1000, name
            )
            for name, mean in sim.pair_means(step).items()
        }
        for step in sim.PAIR_STEPS
    }
    found = rows(factors)
    return [
        finding.verdict.word for finding in (sim.continuous_limit(scan, found), sim.gibbs_is_reached(found))
    ]


def test_numbers_that_are_not_those_of_theory_are_noticed():
    assert verdicts({}) == [HOLDS, ONLY_IF]
    assert verdicts({"balance drift / theta": 0.0}) == [HOLDS, HOLDS]
    assert verdicts({"tr H": 1.5}) == [HOLDS, FAILS]
    assert verdicts({"exponent of squared displacement": 0.5}) == [FAILS, ONLY_IF]
    assert verdicts({}, coarse=2.0) == [FAILS, ONLY_IF]


def test_the_parabola_has_the_value_at_the_step_0():
    scan = {step: {"x": Measurement(3.0 - step + 7.0 * step**2, 0.1, 9, "x")} for step in sim.PAIR_STEPS}
    assert sim.extrapolated(scan, "x").value == pytest.approx(3.0)
