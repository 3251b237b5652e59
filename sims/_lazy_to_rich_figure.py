"""The figure of `sims.lazy_to_rich`."""

import numpy as np

from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import band

#: Ticks of the axis of delays.
TICKS = (2, 5, 10, 20, 50, 100)


def draw(path, shown, learnt, fitted, scans):
    """Learning curves, distance from the linearisation, ratios of times by both dials, loss of kernel regression.

    `shown` are alpha, losses and steps at which train fits, and `learnt` steps and features, of the networks with small
    and with large alpha; `fitted` is the loss that counts as fitted, `scans` are over alpha and over the linear part.
    """
    with canvas(path, "Loss, geometric mean of data seeds, 95 % band", width=11.0, height=6.6) as axes:
        grid = axes.figure.add_gridspec(2, 3)
        axes.set_subplotspec(grid[0, :2])
        far, *delays, kernel = (axes.figure.add_subplot(grid[at]) for at in ((0, 2), (1, 0), (1, 1), (1, 2)))
        for colour, (alpha, curve, fits), (steps, found) in zip(COLOURS, shown, learnt):
            name = f"$\\alpha$ = {alpha:g}"
            for part, dash in (("train", DASHES[1]), ("test", DASHES[0])):
                band(
                    axes,
                    curve["steps"][1:],
                    curve[part][:, 1:],
                    colour,
                    dash,
                    f"{name}, {part}",
                    geometric=True,
                )
            band(far, steps[1:], found[1][:, 1:], colour, DASHES[0], name)
            losses = np.maximum(found[0][:, 1:], 1e-12)
            band(kernel, steps[1:], losses, colour, DASHES[0], name, geometric=True)
            for panel in (far, kernel):
                panel.axvline(
                    np.median(fits), color=colour, linewidth=0.8, linestyle=":", label=f"{name}: train fits"
                )
        for panel in (axes, kernel):
            panel.axhline(fitted, color="0.5", linewidth=0.8, label="fitted")
        axes.set(xscale="log", yscale="log", xlabel="step", ylabel="half-mean loss")
        for panel, found, scale in zip(delays, scans, ("log", "linear")):
            draw_delays(panel, found)
            panel.set(xscale=scale, yscale="log", ylabel="time test fits / time train fits")
            panel.set_xticks(found.dial, [f"{dial:g}" for dial in found.dial])
            panel.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
            panel.minorticks_off()
        delays[0].set_xlabel("laziness $\\alpha$, quadratic target")
        delays[1].set_xlabel("linear part of the target, $\\alpha$ = 1")
        kernel.set(xscale="log", yscale="log", xlabel="step", ylabel="test loss")
        kernel.set_title("Kernel regression with the kernel of each step", loc="left")
        far.set(xscale="log", xlabel="step", ylabel="distance / labels")
        far.set_title("Distance of outputs from the linearisation", loc="left")
        far.legend(loc="upper left")
        for panel in (axes, *delays, kernel):
            panel.legend()


def draw_delays(panel, found):
    """Ratios of times of each data seed against the dial of a scan, lower bounds among them, and the median."""
    dial, ratios = found.dial, found.ratios
    panel.plot(dial, ratios, "o-", color="0.6", markersize=3, linewidth=0.7)[0].set_label("data seeds")
    if not found.arrived.all():
        late = np.where(found.arrived, np.nan, ratios)
        panel.plot(dial, late, "^", color="0.3", markerfacecolor="white", zorder=3)[0].set_label(
            "lower bounds"
        )
    panel.plot(dial, np.median(ratios, axis=1), "o-", color=MEASURED, label="median")
    panel.set_ylim(0.8 * ratios.min(), 1.25 * ratios.max())
    panel.set_title("Delay", loc="left")
