"""Every curve of a figure has a different colour, for any number of curves."""

from itertools import islice

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from langevin.figures.canvas import COLOURS, MEASURED, looks
from langevin.figures.first_passage import grokking_time
from langevin.figures.panels import groups
from langevin.types import Curve, Measurement, Prediction

MANY = 14


def test_looks_have_different_colours_and_begin_with_the_palette():
    colours = [to_rgb(colour) for colour, _ in islice(looks(), MANY)]
    assert colours[: len(COLOURS)] == [to_rgb(colour) for colour in COLOURS]
    assert len({*colours, to_rgb(MEASURED)}) == MANY + 1


def drawn(count, tmp_path, monkeypatch):
    """The colour of each line of the legend in a figure with `count` theories."""
    kept, save = [], Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda figure, *a, **b: (kept.append(figure), save(figure, *a, **b))
    )
    curves = [
        Curve(f"theory {i}", lambda k, i=i: Prediction(2.0**-k + i), "any", "a test") for i in range(count)
    ]
    measured = [Measurement(2.0**-k, 0.01, 100, "mean") for k in range(3)]
    grokking_time(tmp_path / "figure.svg", range(3), measured, curves, [(0, 1.0), (2, 0.1)], "theta = 1")
    return {
        line.get_label(): line.get_color() for line in kept[0].axes[0].lines if line.get_label()[0] != "_"
    }


def test_a_theory_of_a_user_has_not_the_colour_of_the_lattice_law(tmp_path, monkeypatch):
    for count in (2, 4, MANY):
        with monkeypatch.context() as patch:
            colours = drawn(count, tmp_path, patch)
        assert len(colours) == len(set(colours.values())) == count + 1, colours
        assert colours["lattice law (slope only)"] == COLOURS[3]


def test_no_group_of_points_is_left_out():
    axes = Figure().subplots()
    groups(axes, np.zeros((MANY, 2)), np.arange(MANY), [str(i) for i in range(MANY)])
    assert len(axes.collections) == MANY
