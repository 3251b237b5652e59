"""Texts and marks of the figure of a sweep."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from langevin.figures.sweep import Grid, draw_curve, draw_diagram


def grid(axes, mixed, bound):
    """One number at each point, from three networks each."""
    shape = tuple(len(values) for values in axes.values())
    value, error = np.full(shape, 2.0), np.full(shape, 0.1)
    return Grid(axes, "step", value, error, mixed, bound, (3, 3), {}, "", np.full(shape, ""))


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are written."""
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    return figures


@pytest.mark.parametrize(
    ("mixed", "bound", "ending"),
    [
        (True, False, "n = 3"),
        (False, True, "n = 3; marked: lower bound"),
        (False, False, "n = 3; marked: not mixed"),
    ],
)
def test_a_mark_is_explained_by_its_reason(drawn, tmp_path, mixed, bound, ending):
    there = np.zeros((2, 2), bool)
    there[0, 1] = True
    one = grid({"a": (1.0, 2.0), "b": (1.0, 2.0)}, ~there | mixed, there & bound)
    draw_diagram(tmp_path / "a.png", one, verdicts=False)
    (figure,) = drawn
    assert figure.axes[0]._left_title.get_text().endswith(ending)


@pytest.mark.parametrize("values", [(1.0, 2.0, 3.0), ("heun", "mala", "underdamped")])
def test_few_values_are_each_written_below_a_curve(drawn, tmp_path, values):
    draw_curve(tmp_path / "a.png", grid({"seed": values}, np.ones(3, bool), np.zeros(3, bool)))
    (figure,) = drawn
    shown = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert shown == [value if isinstance(value, str) else f"{value:g}" for value in values]


def test_numbers_in_a_diagram_have_the_digits_of_their_errors(drawn, tmp_path):
    one = grid({"a": (1.0, 2.0), "b": (1.0, 2.0)}, np.ones((2, 2), bool), np.zeros((2, 2), bool))
    draw_diagram(tmp_path / "a.png", one, verdicts=False)
    assert {text.get_text() for text in drawn[0].axes[0].texts} == {"2.00\n\N{PLUS-MINUS SIGN} 0.10"}
