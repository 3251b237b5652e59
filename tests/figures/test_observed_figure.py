"""Panels of requested observables show the given numbers."""

import numpy as np
from matplotlib.figure import Figure

from langevin.figures import training
from langevin.types import Status
from tests.synthetic import record

#: Times of the steps 0, 1, 2 and 3.
TIMES = 1e-5 * np.arange(4)


def made(observables, **more):
    """A run of three networks, with all observables requested."""
    names = list(dict.fromkeys(name.partition("[")[0] for name in observables))
    return record(np.zeros((3, 4, 1)), TIMES, observables=observables, meta={"observed": names}, **more)


def drawn(run, name):
    axes = Figure().subplots()
    training.draw_observed(axes, run, name)
    return axes


def values(first):
    """Three networks, 1 apart; their median is the middle one, with the values first, first + 1, ..."""
    return first + np.arange(4.0) + np.array([[-1.0], [0.0], [1.0]])


def test_each_part_has_its_median_and_a_band_of_half_of_the_networks():
    axes = drawn(made({"both[low]": values(2.0), "both[high]": values(8.0)}), "both")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["low", "high"]
    for line, band, first in zip(axes.lines, axes.collections, (2.0, 8.0), strict=True):
        assert line.get_xdata().tolist() == [1, 2, 3]  # the axis is logarithmic, so step 0 is not shown
        np.testing.assert_allclose(line.get_ydata(), first + np.arange(1.0, 4.0))
        corners = band.get_paths()[0].vertices
        np.testing.assert_allclose(np.ptp(corners[np.isclose(corners[:, 0], 2)][:, 1]), 1.0)  # quartiles


def test_a_number_has_a_line_without_a_legend_and_wide_ones_a_logarithmic_axis():
    axes = drawn(made({"size": values(2.0)}), "size")
    assert axes.get_legend() is None
    assert axes.get_yscale() == "linear"
    assert drawn(made({"size": 10.0 ** values(2.0)}), "size").get_yscale() == "log"


def test_many_parts_have_a_scale_of_colours_in_the_order_of_their_numbers():
    axes = drawn(made({f"unit[{part}]": values(part) for part in (10, 2, *range(3, 10))}), "unit")
    assert axes.get_legend() is None
    bar = axes.get_figure().axes[1]
    assert [label.get_text() for label in bar.get_yticklabels()][:1] == ["2"]
    assert [label.get_text() for label in bar.get_yticklabels()][-1:] == ["10"]
    assert [line.get_ydata()[0] for line in axes.lines] == [part + 1.0 for part in range(2, 11)]


def test_networks_that_were_lost_do_not_count():
    status = [Status.FINISHED, Status.FINISHED, Status.DIVERGED]
    run = made({"size": np.array([[1.0] * 4, [3.0] * 4, [1e9] * 4])}, status=status)
    np.testing.assert_allclose(drawn(run, "size").lines[0].get_ydata(), 2.0)


def test_only_recorded_observables_that_were_asked_for_have_a_panel():
    run = made({f"size{number}": values(1.0) for number in range(training.MOST + 2)})
    assert training.requested(run) == [f"size{number}" for number in range(training.MOST)]
    run.meta["observed"] = ["gone", "size1"]
    assert training.requested(run) == ["size1"]
