"""Kicks so large that they land on the other branch: walkers cross without a path, and the sim detects it."""

import pytest

from langevin.experiment.claims import FAILS, HOLDS
from langevin.integrators import projected
from sims import connectivity as sim


def verdict():
    runs = {(1, more): sim.walk(1, 1 + more, 200, 1) for more in (0, 1)}
    shares = {key: sim.share_of(sim.crossings(run, 1)[0][:, -1]) for key, run in runs.items()}
    return sim.is_connected(shares).verdict.word


# the broken physics are kicks that are far too long
@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
def test_jumps_to_the_other_branch_are_noticed(monkeypatch):
    assert verdict() == HOLDS
    monkeypatch.setattr(sim, "projected", lambda name, noise: projected("gauss-newton", "isotropic"))
    monkeypatch.setattr(sim, "KICK", 0.4)
    assert verdict() == FAILS
