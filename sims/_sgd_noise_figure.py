"""Figure of the shape of minibatch noise, and of the displacement along the zero-loss set."""

import numpy as np

from langevin import measure
from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import band, bars, panels, plain_ticks, residuals_under
from langevin.measure.seeds import mean_over

#: Ratio of the places of neighbouring points, which would cover each other at the same batch size.
APART = 1.03


def draw(path, noise, names, far, free):
    """Draw kurtosis and tails against the batch size, and the squared displacement against time on the set.

    Args:
        path: of the figure.
        noise: kurtosis and tails (stages, networks, batch sizes, directions) by name.
        names: stages, batch sizes and directions.
        far: runs on the set by noise; minibatches, which do not move, are left out.
        free: the noise that diffuses freely, and its squared displacement in a unit of time.
    """
    with canvas(path, "Kurtosis of minibatch noise", width=12.5, height=5.4) as place:
        kurtosis, tails, right = panels(place, 1, 3)
        for panel, name in ((kurtosis, "kurtosis"), (tails, "tails")):
            shapes(panel, noise[name], *names)
            panel.axhline(name == "tails", color="0.5", linewidth=0.8, label="Gaussian gradients")
        kurtosis.set(ylabel="kurtosis - that of Gaussian gradients")
        tails.set(ylabel="draws beyond 3 deviations / Gaussian gradients", yscale="log")
        plain_ticks(tails.yaxis, (0.5, 1, 2, 5, 10))
        tails.set_title("Tails", loc="left")
        on_set(right, far, *free)
        lines, labels = kurtosis.get_legend_handles_labels()
        kurtosis.figure.legend(
            lines, labels, title="means over networks, 95 % intervals", loc="outside lower center", ncols=5
        )


def shapes(axes, values, stages, batches, ways):
    """Means over networks of one number at each stage and in each direction against the batch size."""
    for i, stage in enumerate(stages):
        for j, (way, mark) in enumerate(zip(ways, "os")):
            rows = [mean_over(values[i, :, k, j]) for k in range(len(batches))]
            places = np.array(batches) * APART ** (2 * i + j - len(stages) + 0.5)
            label = f"step {stage}, {way}"
            bars(axes, places, rows, COLOURS[i], mark, label, linestyle=DASHES[j])
    axes.set(xscale="log", xlabel=f"batch size (points moved apart by {APART - 1:.0%})")
    axes.set_xticks(batches, [str(batch) for batch in batches])
    axes.minorticks_off()


def on_set(axes, far, free, rate):
    """Squared displacement against time, and below it that of the freely diffusing noise over its theory."""
    low = residuals_under(axes)
    for i, (name, run) in enumerate(far.items()):
        if name != "minibatches":
            lags, squared = measure.mean_squared_displacement(run)
            band(axes, lags, squared, COLOURS[i], DASHES[i], f"{name} noise, 95 % interval")
            if name == free:
                band(low, lags, squared / (rate * lags), COLOURS[i], DASHES[i], "")
    axes.plot(lags, rate * lags, ":", color=MEASURED, label="free diffusion, $2 \\theta d t$")
    axes.set(xscale="log", yscale="log", ylabel="squared displacement")
    axes.set_title("On the set (minibatches do not move)", loc="left")
    axes.legend()
    low.set(xlabel="time on the set")
