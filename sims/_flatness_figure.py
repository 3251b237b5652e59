"""Figure of the drift to flat regions on one data set, and of flatness and test loss on many data sets."""

import numpy as np

from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import GREY, band, bars, panels, plain_ticks
from langevin.measure.interval import confidence_interval
from langevin.measure.rank_correlation import rank_correlation
from langevin.measure.seeds import mean_over


def draw(file, paths, slopes, along, between, bounds):
    """Draw the paths of each law, the law of the slope, and the two tests of generalisation.

    Args:
        file: of the figure.
        paths: by law, traces and log determinants (networks, frames), and test losses at start and end (networks, 2).
        slopes: comparisons of the fall of the trace with its law.
        along: by law, traces and test losses (sets, networks, times).
        between: traces and test losses (sets, networks) by name.
        bounds: smallest rank correlation, and smallest ratio of the changes, that count.
    """
    with canvas(file, "Trace of the Hessian, one data set", width=13.5, height=7.8) as place:
        trace, determinant, loss, law, correlations, changes = panels(place, 2, 3)
        handles = laws(trace, determinant, loss, paths)
        drift(law, slopes)
        in_each_set(correlations, between, bounds[0])
        of_each_set(changes, along, bounds[1])
        trace.figure.legend(handles=handles, loc="outside lower center", ncols=5)


def laws(trace, determinant, loss, paths):
    """Trace and log determinant against steps, and test loss against trace; the handles of the legend."""
    from matplotlib.patches import Patch

    handles = []
    for i, (name, path) in enumerate(paths.items()):
        colour, dash, mark = (*COLOURS, "0.2", "0.6")[i], DASHES[i % 4], "os^vD*Px"[i]
        under = {"linewidth": 5.0, "alpha": 0.4} if i == 0 else {}  # minibatches lie on descent
        for panel, key in ((trace, "trace"), (determinant, "log_det")):
            band(panel, path["steps"], path[key], colour, dash, name)
            panel.lines[-1].set(**under)
        look = {"color": colour, "marker": mark, "markersize": 9 if under else 4}
        look |= {"markerfacecolor": "none"} if under else {}
        loss.plot(path["trace"][:, -1], path["calm"][:, -1], linestyle="", **look)
        handles += trace.plot([], [], linestyle=dash, label=name, **look, **under)
    trace.set(xlabel="step", ylabel="tr $H$", yscale="log")
    determinant.set(xlabel="step", ylabel="$\\log \\det J J^T$")
    determinant.set_title("Log determinant, one data set", loc="left")
    loss.set(xlabel="tr $H$ at the end", ylabel="test loss on the set", xscale="log", yscale="log")
    loss.set_title("Each network, one data set", loc="left")
    for axis in (trace.yaxis, loss.xaxis):
        plain_ticks(axis, (3, 5, 10, 20))
    plain_ticks(loss.yaxis, (0.01, 0.02, 0.05, 0.1, 0.2))
    return [*handles, Patch(color="0.5", alpha=0.2, label="mean over networks, 95 % interval")]


def drift(axes, slopes):
    """Measured fall of the trace over its law."""
    found = [row.measured for row in slopes]
    bars(axes, [row.point for row in slopes], found, MEASURED, "o", "measured, 95 % interval")
    axes.axhline(1.0, linestyle="--", color=COLOURS[0], label="law, weak noise")
    axes.set(xlabel="label noise $\\sigma$", ylabel="fall of tr $H$, measured / law", ylim=(0, 1.3))
    axes.set_title("Label noise, measured over its law", loc="left")
    axes.legend(loc="lower left")


def in_each_set(axes, between, bound):
    """Rank correlation of trace and test loss between networks in each data set, in their order, and the mean."""
    pairs = zip(between["trace"], between["calm"], strict=True)
    each = np.sort([rank_correlation(*pair).value for pair in pairs])
    mean = mean_over(each)
    axes.plot(np.arange(len(each)) + 1, each, "o", color=MEASURED, markersize=3, label="a data set")
    axes.axhline(mean.value, color=COLOURS[0], label="mean, 95 % interval")
    axes.axhspan(*confidence_interval(mean), color=COLOURS[0], alpha=0.2, linewidth=0)
    axes.axhline(bound, color=GREY, linestyle=":", label=f"smallest that counts, {bound:g}")
    axes.set(
        xlabel="data set, in the order of its correlation", ylabel="rank correlation of tr $H$ and test loss"
    )
    axes.set_title(f"Between {between['trace'].shape[1]} networks of a data set", loc="left")
    axes.legend(loc="upper left")


def of_each_set(axes, along, bound):
    """Log change of the test loss against that of the trace: means over the networks of each data set."""
    for i, (name, found) in enumerate(along.items()):
        means = [np.log(found[key][..., -1] / found[key][..., 0]).mean(axis=1) for key in ("trace", "calm")]
        look = {"color": COLOURS[4 + i], "marker": "D*"[i]}  # as in the panels of the laws
        axes.plot(*means, linestyle="", markersize=4, label=name, **look)
    ends = np.array([axes.get_xlim()[0], 0.0])
    axes.plot(ends, bound * ends, ":", color=GREY, label=f"smallest fall that counts, ratio {bound:g}")
    low, high = axes.get_ylim()
    axes.set(
        xlabel="change of log tr $H$",
        ylabel="change of the log test loss",
        ylim=(low - 0.3 * (high - low), high),
    )
    axes.set_title("Along the way, each data set", loc="left")
    axes.legend(loc="lower left")
