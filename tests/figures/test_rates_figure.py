"""The figure of rates shows where a theory is out of its range of validity."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from langevin.figures.first_passage import PALE, rare_escape
from langevin.types import Curve, Measurement, Prediction


@pytest.mark.parametrize(("highest", "name"), [(0.3, "law (pale: out of range)"), (9.0, "law")])
def test_a_theory_is_pale_out_of_its_range(monkeypatch, tmp_path, highest, name):
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    law = Curve(
        "law", lambda theta: Prediction(np.exp(1 / theta), in_range=theta < highest), "cold", "a test"
    )
    rates = [Measurement(np.exp(-1 / theta), 0.001, 16, "rate") for theta in (0.2, 0.5)]
    rare_escape(tmp_path / "rates.png", [0.2, 0.5], rates, [law], "Rates")
    pale, bold = figures[0].axes[0].lines[:2]
    assert pale.get_alpha() == PALE
    assert bold.get_label() == name
    known = np.isfinite(bold.get_ydata())
    assert (1 / bold.get_xdata()[known] < highest).all()
    assert np.isfinite(pale.get_ydata()).all()
