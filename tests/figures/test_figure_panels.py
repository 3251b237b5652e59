"""Intervals are Student's, bands are around the mean, panels fill the grid."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from langevin.comparison import compare
from langevin.figures.canvas import canvas
from langevin.figures.panels import band, bars, beside_theory, groups, marked, panels, residuals_under
from langevin.figures.walks import quantities
from langevin.measure.seeds import mean_over
from langevin.types import Curve, Measurement, Prediction

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


def test_residuals_are_under_their_own_panel(tmp_path):
    with canvas(tmp_path / "figure.png", "Test") as axes:
        left, right = panels(axes, 1, 2)
        low = residuals_under(left)
        axes.figure.draw_without_rendering()
        (x, y), (own, above), other = low.get_position().p0, left.get_position().p0, right.get_position()
        assert x == pytest.approx(own)
        assert low.get_position().y1 < above
        assert x < other.x0
        assert y == pytest.approx(other.y0, abs=0.02)


def test_a_measurement_is_drawn_with_its_ratio_to_theory(tmp_path):
    with canvas(tmp_path / "figure.png", "Test") as axes:
        low = residuals_under(axes)
        beside_theory(axes, low, [1.0], [mean_over([1.0, 3.0])], [4.0], "black", "o", "mean")
    assert axes.containers[0].lines[0].get_ydata() == pytest.approx([2.0])
    assert low.containers[0].lines[0].get_ydata() == pytest.approx([0.5])


def test_errors_in_figures_have_the_mathematical_sign(tmp_path):
    with canvas(tmp_path / "figure.png", "Test") as axes:
        axes.plot([0.0], [1.0], label="slope 1.0 +- 0.1")
        legend = axes.legend()
    assert legend.get_texts()[0].get_text() == "slope 1.0 \N{PLUS-MINUS SIGN} 0.1"


def test_a_long_title_stays_inside_the_figure(tmp_path, monkeypatch):
    long, ends, save = "Flatness along the quadrics, label-noise motion, " * 4, [], Figure.savefig

    def saved(figure, path, **format):
        save(
            figure, path, dpi=figure.dpi, **format
        )  # at another resolution the positions would not be those of `bbox`
        title = figure._suptitle or figure.axes[0]._left_title
        assert title.get_text() == long
        ends.append(title.get_window_extent().max / figure.bbox.max)

    monkeypatch.setattr(Figure, "savefig", saved)
    with canvas(tmp_path / "one.png", long):
        pass
    number = Measurement(1.0, 0.1, 9, "mean", True)
    quantities(str(tmp_path / "two.png"), {"tr H": number}, [], long, "change")
    assert len(ends) == 2
    assert np.max(ends) <= 1.0


def test_quantities_have_symbols_and_theories_before_the_simulation(tmp_path, monkeypatch):
    found = []

    def saved(figure, path, **format):
        found.append(
            (figure._suptitle.get_text(), [text.get_text() for text in figure.legends[0].get_texts()])
        )

    monkeypatch.setattr(Figure, "savefig", saved)
    measured = {name: Measurement(1.0, 0.1, 9, "mean", True) for name in ("E x_1", "E x_2")}
    theories = [
        replace(
            compare(number, Curve(f"law of {name}", lambda point: Prediction(1.0), "any", "a test")),
            quantity=name,
        )
        for name, number in measured.items()
    ]
    quantities(str(tmp_path / "two.png"), measured, theories, "theta = 1", "mean")
    assert found == [(r"$\theta$ = 1", ["law of E x_1", "law of E x_2", "simulation, n = 9"])]


def test_a_figure_shows_what_is_near_its_theory_below(tmp_path):
    """Measured / theory has a panel for a theory that is within a quarter, and none for one that is far off."""
    from langevin.figures import canvas, first_passage
    from langevin.types import Curve, Measurement, Prediction

    assert canvas.in_symbols("theta = 1, eps = 2, thetas") == r"$\theta$ = 1, $\varepsilon$ = 2, thetas"
    assert canvas.in_symbols(r"barrier 2.5 $\theta$") == r"barrier 2.5 $\theta$"
    measured = [Measurement(4.0**-k, 0.01 * 4.0**-k, 100, "mean") for k in range(3)]
    near = Curve("near", lambda k: Prediction(1.02 * 4.0**-k), "any", "a test")
    far = Curve("far", lambda k: Prediction(9.0), "any", "a test")
    sizes = []
    for curves in ([near, far], [far]):
        path = tmp_path / "figure.svg"
        first_passage.grokking_time(path, range(3), measured, curves, [], "theta = 1")
        sizes.append("axes_2" in path.read_text())
    assert sizes == [True, False]


def test_the_band_of_a_geometric_mean_is_that_of_the_logarithms():
    """Its ends have the same ratio to the middle, and are above 0 where those of the mean are not."""
    axes = Figure().subplots()
    values = np.array([[1e-4, 1.0], [1.0, 1.0], [1e-2, 4.0]])
    band(axes, [0.0, 1.0], values, "k", "-", "mean", geometric=True)
    middle = axes.lines[0].get_ydata()
    ends = axes.collections[0].get_paths()[0].vertices
    low, high = (choose(ends[ends[:, 0] == 0.0][:, 1]) for choose in (np.min, np.max))
    assert middle[0] == pytest.approx(1e-2)
    assert 0.0 < low < middle[0] < high
    assert high / middle[0] == pytest.approx(middle[0] / low)
