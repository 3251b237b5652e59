"""A network with half the noise it should have, the factor 2 of Langevin noise forgotten, is told from the walkers."""

from langevin.experiment.claims import FAILS, HOLDS
from sims import toy_meets_network as sim

MATRICES = 60


def findings():
    """Manifold and network at the matrices alone: the pairs are measured by the same code."""
    matrix = sim.manifolds.factorised(sim.OUTPUTS, sim.HIDDEN, sim.INPUTS, sim.RIGID, sim.LARGEST)
    walked = sim.walked(matrix, sim.HEAT, MATRICES, sim.TIME, sim.SHORT_GAP, sim.STEP, 1)
    measured = [sim.measure_matrices(run) for run in (walked, sim.matrices_trained(MATRICES, 1))]
    rows = sim.beside(*measured, sim.matrix_theory(matrix))
    return sim.judge(sim.agrees(rows["network beside manifold"])), sim.judge(
        sim.agrees(rows["network beside theory"])
    )


def test_a_network_without_the_factor_two_in_its_noise_is_no_walker(monkeypatch):
    assert findings() == (HOLDS, HOLDS)
    monkeypatch.setattr(sim, "TIMES_HEAT", 0.5)
    assert findings() == (FAILS, FAILS)
