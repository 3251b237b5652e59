"""A kernel without its quadratic part learns nothing, and needs that grow by another law change the verdicts."""

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from sims import samples_needed as sim

DIMS, DATA = (6, 12), (0, 1, 2, 3, 4)


def lazy_row(needs):
    law = ("lazy", [sim.modes(dim) for dim in DIMS])
    return sim.exponent_row(law, DIMS, sim.exponents(DIMS, needs))


def lazy_needs():
    return sim.crossings(sim.lazy_losses(DIMS, DATA), np.outer([sim.modes(dim) for dim in DIMS], sim.LAZY))


def test_a_kernel_without_its_quadratic_part_never_gets_there(monkeypatch):
    needs = lazy_needs()
    assert np.isfinite(needs).all()
    monkeypatch.setattr(sim, "EPS", 1e-9)
    assert np.isnan(lazy_needs()).all()
    with pytest.raises(UsageError):
        lazy_row(lazy_needs())


def test_needs_outside_the_range_that_was_tried_decide_nothing():
    spread = 1 + 0.01 * np.arange(10.0).reshape(5, 2) % 0.03
    needs = {"rich": spread * 3 * np.array(DIMS), "lazy": spread[::-1] * np.array(DIMS) ** 1.9}
    needs["rich"][0, 1] = np.nan
    powers = {who: sim.exponents(DIMS, found) for who, found in needs.items()}
    assert sim.rich_needs_few(DIMS, needs, powers).verdict.word == UNDECIDED


@pytest.mark.parametrize(
    ("power", "few", "many"),
    [(1, HOLDS, FAILS), (1.3, WHERE, FAILS), (1.9, UNDECIDED, HOLDS), (2.3, FAILS, FAILS)],
)
def test_the_power_decides(power, few, many):
    spread = 1 + 0.01 * np.arange(10.0).reshape(5, 2) % 0.03
    needs = {"rich": spread * 3 * np.array(DIMS) ** power, "lazy": spread[::-1] * np.array(DIMS) ** 1.9}
    powers = {who: sim.exponents(DIMS, found) for who, found in needs.items()}
    assert sim.rich_needs_few(DIMS, needs, powers).verdict.word == few
    assert sim.lazy_needs_many(DIMS, {"lazy": needs["rich"]}, lazy_row(needs["rich"])).verdict.word == many
