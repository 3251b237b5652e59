"""A kernel with eps in the place of its square is not the one at the start: no wider network comes nearer to it."""

import jax
import numpy as np

from langevin.experiment.claims import FAILS, ONLY_IF
from sims import lazy_kernel as sim

WIDTHS = (25, 400)


def verdict():
    errors = [sim.kernel_errors(width, jax.random.split(jax.random.key(1), 40)) for width in WIDTHS]
    return sim.kernel_is_known(WIDTHS, errors, sim.width_row(WIDTHS, np.array(errors).T)).verdict.word


def test_eps_in_the_place_of_its_square_is_noticed(monkeypatch):
    assert verdict().startswith(ONLY_IF)
    monkeypatch.setattr(sim, "limit", lambda x: x @ x.T + sim.EPS * (x @ x.T) ** 2)
    assert verdict() == FAILS
