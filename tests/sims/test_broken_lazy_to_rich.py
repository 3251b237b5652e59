"""Networks that are as lazy as the others, whatever alpha they are said to have: the delay does not grow any more."""

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS
from models import polynomial
from sims import lazy_to_rich as sim

RICH, LAZY, AS_RICH = (0.25, sim.EPS), (2.0, sim.EPS), (0.2500001, sim.EPS)


def verdict(curves, lazy):
    shown = {RICH: curves[RICH], LAZY: curves[lazy]}
    times = {case: (sim.fitted(curve, "train"), sim.fitted(curve, "test")) for case, curve in shown.items()}
    return sim.laziness_delays(times, np.array([sim.lazy_loss(polynomial.model())])).verdict.word


def test_laziness_that_is_left_out_is_noticed(monkeypatch):
    monkeypatch.setattr(sim, "FITS", 0.08)  # reached in fewer steps
    curves = sim.trained((RICH, LAZY, AS_RICH), 1, 3000, 1)
    assert verdict(curves, LAZY) == HOLDS
    assert verdict(curves, AS_RICH) == FAILS
