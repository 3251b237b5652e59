"""A network with half of the correct noise, and numbers that are not those of theory, change the verdicts."""

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from langevin.types import Measurement
from sims import toy_meets_network as sim

MATRICES = 150
MATRIX = sim.manifolds.factorised(sim.OUTPUTS, sim.HIDDEN, sim.INPUTS, sim.RIGID, sim.LARGEST)


def same_motion():
    """Manifold and network for the matrices only, since the other pairs are measured by the same code."""
    walked = sim.walked(MATRIX, sim.HEAT, MATRICES, sim.TIME, sim.SHORT_GAP, sim.STEP, 1)
    measured = [sim.measure_matrices(run) for run in (walked, sim.matrices_trained(MATRICES, 1))]
    return sim.same_motion(sim.beside(*measured, sim.matrix_theory(MATRIX))).verdict.word


def test_a_network_without_the_factor_two_in_its_noise_is_no_walker(monkeypatch):
    assert same_motion() == HOLDS
    monkeypatch.setattr(sim, "TIMES_HEAT", 0.5)
    assert same_motion() == FAILS


def verdicts(factors):
    """The verdicts for a manifold as in theory, and a network with these multiples of theory, errors 2 %."""
    expected = sim.pair_theory() | sim.matrix_theory(MATRIX)
    manifold, network = (
        {
            name: Measurement(some.get(name, 1.0) * law.value, 0.02 * abs(law.value), 1000, name)
            for name, law in expected.items()
        }
        for some in ({}, factors)
    )
    rows = sim.beside(manifold, network, expected)
    return [found(rows).verdict.word for found in (sim.gibbs_is_reached, sim.random_walk)]


def test_numbers_that_are_not_those_of_theory_are_noticed():
    assert verdicts({}) == [ONLY_IF, HOLDS]
    assert verdicts({"balance drift / theta": 0.0}) == [HOLDS, HOLDS]
    assert verdicts({"tr H": 1.5}) == [FAILS, HOLDS]
    assert verdicts({"exponent": 0.5}) == [ONLY_IF, FAILS]
