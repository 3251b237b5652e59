"""The sim of volumes must detect weights that decrease too fast with the width, or almost not."""

import pytest

import sims.zero_loss_volume as sim
from langevin.experiment.claims import FAILS, HOLDS, WHERE

pytestmark = pytest.mark.statistical


def verdict():
    shares = {law: [sim.share_near(law, n, 100_000, n) for n in sim.WIDTHS] for law in (sim.FIXED, sim.KEPT)}
    return sim.volume_grows(shares).verdict.word


def test_another_law_of_the_weights_is_another_verdict(monkeypatch):
    assert verdict() == WHERE
    monkeypatch.setattr(sim, "variance", lambda law, width: width**-0.5)
    assert verdict() == HOLDS
    monkeypatch.setattr(sim, "variance", lambda law, width: 1.0 / width)
    assert verdict() == FAILS


def test_draws_have_the_closed_form():
    """Within four standard errors, for 12 shares."""
    for law in (sim.FIXED, sim.KEPT):
        for width in sim.WIDTHS:
            found, known = sim.share_near(law, width, 100_000, width), sim.closed_form(law).predict(width)
            assert abs(found.value - known.value) < 4 * found.error
