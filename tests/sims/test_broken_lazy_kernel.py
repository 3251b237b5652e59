"""Another kernel, another rate of the loss, or labels of length one: every verdict changes."""

import jax
import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, WHERE
from sims import lazy_kernel as sim

WIDTHS = (5, 20, 320)


def verdict():
    errors = [sim.kernel_errors(width, jax.random.split(jax.random.key(1), 40)) for width in WIDTHS]
    return sim.kernel_is_known(WIDTHS, errors, sim.width_row(WIDTHS, np.array(errors).T)).verdict.word


def test_eps_in_the_place_of_its_square_is_noticed(monkeypatch):
    assert verdict() == ONLY_IF
    monkeypatch.setattr(sim, "limit", lambda x: x @ x.T + sim.EPS * (x @ x.T) ** 2)
    assert verdict() == FAILS


def test_a_rate_without_the_second_factor_would_be_noticed():
    rates = np.outer(np.linspace(0.9, 1.1, 6), [1.0, 1.0, 0.0]) * (1 + 1e-3 * np.arange(18).reshape(6, 3))
    words = [
        sim.rate_is_alignment(rates * [factor, 1.0, 1.0]).verdict.word
        for factor in (1.0, 1 / sim.SAMPLES, 0.5)
    ]
    assert words == [HOLDS, WHERE, FAILS]


def test_labels_of_length_one_are_bounded_by_either_formula():
    spread = np.linspace(0.9, 1.1, 6)[:, None]
    for length, word in ((1.0, HOLDS), (9.0, WHERE)):
        alignments = np.array([length * spread * [0.1, 0.2], spread * [0.1, 0.2], spread * [0.1, 0.15]])
        assert sim.cka_is_bounded(alignments).verdict.word == word
