"""The figure of `sims.ungrokking`."""

import numpy as np

from langevin.figures.canvas import COLOURS, DASHES, canvas
from langevin.figures.panels import band, bars, plain_ticks
from langevin.measure.networks import mean_time


def draw(path, hot, crossed, times, spreads, limit, levels, heat_of_widths):
    """Test accuracy at three temperatures; both rates and the boundary; time to grok and its variation against width.

    Args:
        path: of the figure.
        hot: runs by temperature.
        crossed: events by temperature, with their rates.
        times: times to grok by width.
        spreads: their coefficients of variation by width, where all networks grok.
        limit: the boundary, a temperature.
        levels: accuracies above which a network has grokked, and below which it has un-grokked.
        heat_of_widths: the temperature at which the widths are compared.
    """
    with canvas(path, "Test accuracy, mean over networks with its 95 % interval", 11.0, 7.0) as axes:
        grid = axes.figure.add_gridspec(2, 4)
        axes.set_subplotspec(grid[0, :])
        rates, late, spread = (axes.figure.add_subplot(grid[1, i]) for i in (slice(0, 2), 2, 3))
        heats = list(hot)
        for i, heat in enumerate(dict.fromkeys((heats[0], heats[len(heats) // 2], heats[-1]))):
            name = f"$\\theta$ = {1e5 * heat:g} $\\times 10^{{-5}}$"
            band(axes, hot[heat].steps, hot[heat].observables["test_accuracy"], COLOURS[i], "-", name)
        for level, name, dash in zip(levels, ("grokked above", "un-grokked below"), (":", "--"), strict=True):
            axes.axhline(level, color="0.5", linestyle=dash, linewidth=1, label=name)
        axes.set(xlabel="step", ylabel="test accuracy", ylim=(-0.03, 1.03))
        if limit.mixed:
            ends = (1e5 * (limit.value + side * 1.96 * limit.error) for side in (-1, 1))
            rates.axvspan(*ends, color="0.9", label="boundary, 95 % interval")
        for i, (name, mark) in enumerate((("grok", "o"), ("un-grok", "s"))):
            shown = np.array([[1000 * number for number in c.rates[i]] for c in crossed.values()])
            at, seen = 1e5 * np.array(heats) + 0.2 * i - 0.1, shown[:, 0] > 0
            value, low, high = shown[seen].T
            rates.errorbar(at[seen], value, (value - low, high - value), fmt=mark, color=COLOURS[i], capsize=3,
                           markersize=5, label=f"{name}, 95 % interval")  # fmt: skip
            if not seen.all():
                rates.plot(
                    at[~seen], shown[~seen, 2], "v", color=COLOURS[i], label=f"{name}: none, upper bound"
                )
        rates.set_title("Rates", loc="left")
        rates.set(xlabel="temperature $\\theta$, $10^{-5}$", ylabel="events per 1000 steps", yscale="log")
        means = {width: mean_time(arrived) for width, arrived in times.items()}
        known = [width for width in means if width in spreads]
        bars(late, known, [means[width] for width in known], "black", "o", "95 % interval")
        never = [width for width in means if width not in spreads]
        if never:
            late.plot(never, [means[width].value for width in never], "^", color="black", label="lower bound")
        late.set_title(f"Time to grok, $\\theta$ = {1e5 * heat_of_widths:g} $\\times 10^{{-5}}$", loc="left")
        late.set(ylabel="steps", yscale="log")
        plain_ticks(late.yaxis, (500, 1000, 2000, 5000))
        bars(spread, known, [spreads[width] for width in known], COLOURS[1], "s", "95 % interval")
        spread.axhline(1.0, color="0.5", linestyle=DASHES[3], label="exponential distribution")
        spread.set_title("Variation of this time", loc="left")
        spread.set(ylabel="standard deviation / mean", ylim=(0, 1.1))
        for panel in (late, spread):
            panel.set(xlabel="hidden units", xscale="log")
            plain_ticks(panel.xaxis, list(means))
        for panel, place in (
            (axes, "lower right"),
            (rates, "upper left"),
            (late, "best"),
            (spread, "center right"),
        ):
            panel.legend(fontsize=7, loc=place)
