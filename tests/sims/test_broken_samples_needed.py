"""A kernel without its quadratic part learns nothing, and needs that grow by another law change the verdicts."""

from dataclasses import replace

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from langevin.sgld import Data
from models import polynomial
from sims import samples_needed as sim

DIMS, DATA = (6, 12), (0, 1, 2, 3, 4)


def lazy_row(needs):
    law = ("lazy", [sim.modes(dim) for dim in DIMS])
    return sim.exponent_row(law, DIMS, sim.exponents(DIMS, needs))


def needs_of(dims, data):
    return sim.crossings(sim.lazy_losses(dims, data), np.outer([sim.modes(dim) for dim in dims], sim.LAZY))


def test_a_kernel_without_its_quadratic_part_never_gets_there(monkeypatch):
    needs = needs_of(DIMS, DATA)
    assert np.isfinite(needs).all()
    monkeypatch.setattr(sim, "EPS", 1e-9)
    assert np.isnan(needs_of(DIMS, DATA)).all()
    with pytest.raises(UsageError):
        lazy_row(needs_of(DIMS, DATA))


def test_networks_that_keep_their_first_features_need_as_many_as_lazy_ones():
    dims = (12, 24)
    needs = {"rich": needs_of(dims, range(8, 16)), "lazy": needs_of(dims, range(8))}
    powers = {who: sim.exponents(dims, found) for who, found in needs.items()}
    assert sim.rich_needs_few(dims, needs, powers).verdict.word not in (HOLDS, WHERE)


def test_a_linear_target_needs_no_square_of_the_dimension(monkeypatch):
    """The kernel has no quadratic part and the labels need none: as many samples as dimensions are enough."""
    dims = (16, 32)

    def word():
        needs = needs_of(dims, range(8))
        row = sim.exponent_row(("lazy", [sim.modes(dim) for dim in dims]), dims, sim.exponents(dims, needs))
        return sim.lazy_needs_many(dims, {"lazy": needs}, row).verdict.word

    assert word() == HOLDS
    right = polynomial.model

    def linear(**dials):
        model = right(**dials)
        train, test = (Data(x, x.sum(axis=1, keepdims=True)) for x, _ in (model.train, model.test))
        return replace(model, train=train, test=test)

    monkeypatch.setattr(polynomial, "model", linear)
    monkeypatch.setattr(sim, "EPS", 1e-9)
    monkeypatch.setattr(sim, "LAZY", (0.03, 0.06, 0.12, 0.24))
    assert word() == FAILS


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
