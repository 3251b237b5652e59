"""Another kernel, another rate of the loss, or labels of length one: every verdict changes."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE
from langevin.sgld import Data
from models import polynomial
from sims import lazy_kernel as sim

WIDTHS = (5, 20, 320)


def verdict():
    errors = [sim.kernel_errors(width, jax.random.split(jax.random.key(1), 40)) for width in WIDTHS]
    return sim.kernel_is_known(WIDTHS, errors, sim.width_row(WIDTHS, np.array(errors).T)).verdict.word


def test_eps_in_the_place_of_its_square_is_noticed(monkeypatch):
    assert verdict() == ONLY_IF
    monkeypatch.setattr(sim, "limit", lambda x: x @ x.T + sim.EPS * (x @ x.T) ** 2)
    assert verdict() == FAILS


@pytest.mark.parametrize(("factor", "word"), [(1, WHERE), (sim.SAMPLES, HOLDS), (sim.SAMPLES / 2, FAILS)])
def test_descent_of_another_loss_has_another_rate(monkeypatch, factor, word):
    """Networks descend the mean loss, as they should, or the sum over samples, as the notes say, or half of the sum."""
    right = sim.trained
    monkeypatch.setattr(sim, "SHORT", 0.001)  # the step of the sum is a hundred times as long
    monkeypatch.setattr(
        sim, "trained", lambda seeds, seed, steps, rate: right(seeds, seed, steps, factor * rate)
    )
    assert sim.rate_is_alignment(sim.initial_rates(3, 1)).verdict.word == word


def test_labels_of_length_one_are_bounded_by_either_formula(monkeypatch):
    """The notes forget a factor |y|: it does not matter to networks that learn labels of this length."""
    monkeypatch.setattr(sim, "STEPS", 100)
    assert sim.cka_is_bounded(sim.trained_alignments(3, 1)[1]).verdict.word == WHERE
    right = polynomial.model

    def short(**dials):
        model = right(**dials)
        inputs, targets = model.train
        return replace(model, train=Data(inputs, targets / np.linalg.norm(targets)))

    monkeypatch.setattr(polynomial, "model", short)
    monkeypatch.setattr(
        sim, "family", sim.family.__wrapped__
    )  # no networks that are kept from an earlier call
    assert sim.cka_is_bounded(sim.trained_alignments(3, 1)[1]).verdict.word == HOLDS
