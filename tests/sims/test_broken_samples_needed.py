"""Lazy learning whose kernel lacks the quadratic part is not learned from any number of samples: noticed."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.experiment.claims import ONLY_IF
from sims import samples_needed as sim

DIMS, SEEDS = (6, 12), 3


def lazy_needs():
    return sim.crossings(sim.lazy_losses(DIMS, SEEDS), np.outer([sim.modes(dim) for dim in DIMS], sim.LAZY))


def test_a_kernel_without_its_quadratic_part_never_gets_there(monkeypatch):
    needs = lazy_needs()
    row = sim.exponent_row("lazy", DIMS, needs, [sim.modes(dim) for dim in DIMS])
    assert sim.lazy_needs_many(DIMS, {"lazy": needs}, row).verdict.word.startswith(ONLY_IF)
    monkeypatch.setattr(sim, "EPS", 1e-9)
    assert np.isnan(lazy_needs()).all()
    with pytest.raises(UsageError):
        sim.exponent_row("lazy", DIMS, lazy_needs(), [sim.modes(dim) for dim in DIMS])
