"""The figure of `sims.parity_label_noise`."""

import numpy as np

from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import band, bars, panels, plain_ticks, residuals_under
from langevin.measure.combined import scaled
from langevin.measure.seeds import mean_over

#: Factor of the abscissa that keeps points of several series from hiding one another.
BESIDE = 1.025


def drifts_panel(axes, series):
    """Drifts against learning rate x sigma, and over the law with power 2 that fits the first of them."""
    known = {
        label: {
            rate * sigma: mean_over(one) for (rate, sigma), one in found.items() if np.isfinite(one).all()
        }
        for label, found in series.items()
    }
    law = next(({x: one.value / x**2} for found in known.values() for x, one in found.items()), None)
    if law is None:
        axes.text(0.1, 0.5, "no trace passes through both values")
        return
    (unit,), ratios = law.values(), residuals_under(axes)
    for place, ((label, found), colour, mark) in enumerate(
        zip(known.items(), (MEASURED, *COLOURS[1:]), "os^D")
    ):
        beside = np.array(list(found)) * BESIDE**place
        bars(axes, beside, list(found.values()), colour, mark, label, markerfacecolor="none")
        over = [scaled(one, 1 / (unit * x**2)) for x, one in found.items()]
        bars(ratios, beside, over, colour, mark, "", markerfacecolor="none")
    strengths = np.array(sorted(x for found in known.values() for x in found))
    axes.plot(strengths, unit * strengths**2, "--", color=COLOURS[0], label="power 2")
    axes.set(xscale="log", yscale="log", ylabel="drift, 1 / step")
    axes.legend(loc="upper left", fontsize=7, title="95 % intervals, side by side", title_fontsize=7)
    ratios.set(xlabel="learning rate $\\times\\ \\sigma$", ylabel="over power 2")
    plain_ticks(ratios.xaxis, (0.025, 0.05, 0.07))


def draw(path, series, routes, ends):
    """Left the drift against learning rate x sigma; middle traces against steps; right test accuracy against trace.

    Args:
        path: of the figure.
        series: label to drifts (networks,) by (learning rate, sigma).
        routes: label to run.
        ends: label to the mean step and trace at which all networks of a route have generalised.
    """
    with canvas(
        path, "Fall of $\\log\\,$tr$\\,H$ a step, under label noise", width=12.0, height=4.6
    ) as place:
        axes, middle, right = panels(place, 1, 3)
        drifts_panel(axes, series)
        for (name, run), colour, dash in zip(routes.items(), COLOURS, DASHES):
            seen = (run.steps > 0) & (run.steps <= run.events["step"].min())
            trace, accuracy = (run.observables[what][:, seen] for what in ("trace", "test_accuracy"))
            band(middle, run.steps[seen], trace, colour, dash, name)
            later = run.steps[seen] >= run.events["memorised_step"].max()
            band(right, trace[:, later].mean(axis=0), accuracy[:, later], colour, dash, name)
            if name in ends:
                step, height = ends[name]
                middle.plot(step, height, "o", color=colour, markersize=6)
                ring = {"markersize": 5 + 4 * list(ends).index(name), "markerfacecolor": "none"}
                right.plot(height, 1.0, "o", color=colour, **ring)
        for panel, corner in ((middle, "lower left"), (right, "lower right")):
            face = "none" if panel is right else "0.5"
            panel.plot([], [], "o", color="0.5", markerfacecolor=face, label="generalises")
            panel.fill_between([], [], [], color="0.5", alpha=0.2, linewidth=0, label="95 % interval")
            panel.legend(loc=corner, fontsize=7)
        middle.set_title("Gauss-Newton trace", loc="left")
        middle.set(xscale="log", yscale="log", xlabel="step", ylabel="tr$\\,H$", xlim=(50, None))
        right.set_title("Test accuracy against trace, after memorising", loc="left")
        right.set(xscale="log", xlabel="tr$\\,H$ (flat on the right)", ylabel="test accuracy")
        right.invert_xaxis()
        middle.set_ylim(8, None)
        plain_ticks(middle.yaxis, (10, 20, 50, 100, 200))
        plain_ticks(right.xaxis, (200, 100, 50, 20))
