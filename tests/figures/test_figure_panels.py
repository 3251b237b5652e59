"""Intervals are Student's, bands lie about the mean, panels fill the grid."""

import numpy as np
import pytest

from langevin.figures.canvas import canvas
from langevin.figures.panels import band, bars, groups, marked, panels
from langevin.measure.seeds import mean_over

STUDENT = 2.776  # 97.5 % with 4 degrees of freedom


def test_panels_show_what_they_are_given(tmp_path):
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    half = STUDENT * (2.5 / 5) ** 0.5
    with canvas(tmp_path / "figure.png", "Test") as axes:
        first, *others = panels(axes, 2, 2)
        assert first is axes
        assert len(others) == 3
        band(first, [0, 1], np.column_stack([values, values]), "black", "-", "mean")
        assert first.collections[0].get_paths()[0].vertices[:, 1].min() == pytest.approx(3 - half, abs=1e-3)
        assert first.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(3 + half, abs=1e-3)
        bars(others[0], [0], [mean_over(values)], "black", "o", "mean")
        ends = others[0].containers[0].lines[2][0].get_segments()[0][:, 1]
        assert ends == pytest.approx([3 - half, 3 + half], abs=1e-3)
        groups(others[1], np.arange(10.0).reshape(5, 2), [0, 0, 1, 1, 1], ("few", "more"))
        assert [len(dots.get_offsets()) for dots in others[1].collections] == [2, 3]
        marked(others[2], {"then": 3.0})
        assert others[2].lines[0].get_xdata()[0] == 3.0
    assert (tmp_path / "figure.png").stat().st_size > 0
