"""The figure of `sims.parity_weight_decay`."""

import numpy as np

from langevin.figures.canvas import COLOURS, MEASURED, canvas
from langevin.figures.panels import bars, panels, plain_ticks, residuals_under
from langevin.measure.combined import scaled
from langevin.measure.networks import mean_time
from langevin.measure.seeds import mean_over

#: Signs of the four patterns, in the order of the observables `pattern 0` to `pattern 3`.
NAMES = "+, +", "+, −", "−, +", "−, −"
#: Factor and shift of w that keep points from hiding one another.
BESIDE, SHIFT = 1.2, 0.003
BOXED = {"frameon": True, "framealpha": 1, "edgecolor": "none"}


def draw(path, delays, shares, last, high, hills):
    """Left the delay against w, measured and over c / w; right the mean of y f over each pattern at high w.

    `last` are the runs at the decays `high`; the constant c is that of the smallest w.
    """
    with canvas(path, "Steps from memorising to generalising", width=10.0, height=5.0) as place:
        axes, right = panels(place, 1, 2)
        arrived = [w for w in delays if w > 0 and not delays[w].censored.any()]
        never = [w for w in delays if delays[w].censored.all()]
        times = [mean_time(delays[w]) for w in arrived]
        zero, constant = arrived[0] / 3, times[0].value * arrived[0]
        law = {w: constant / w for w in arrived}
        ratios = residuals_under(axes)
        for panel in (axes, ratios):
            panel.axvspan(min(hills), max(hills), color=COLOURS[4], alpha=0.3, linewidth=0,
                          label="patterns die one by one" if panel is axes else "")  # fmt: skip
            panel.axvspan(max(hills), 1.0, color="#999999", alpha=0.4, linewidth=0,
                          label="no pattern survives" if panel is axes else "")  # fmt: skip
        bars(axes, arrived, times, MEASURED, "o", "measured, 95 % interval")
        axes.plot(list(law), list(law.values()), "--", color=COLOURS[0], label="$c/w$")
        axes.plot([w or zero for w in never], np.full(len(never), 0.95), "x", color=COLOURS[1],
                  transform=axes.get_xaxis_transform(), label="no network generalises")  # fmt: skip
        bars(ratios, arrived, [scaled(one, 1 / law[w]) for w, one in zip(arrived, times)], MEASURED, "o", "")
        alone = [scaled(share, delays[w].time.mean() / law[w]) for w, share in shares.items()]
        beside = [BESIDE * w for w in shares]
        bars(ratios, beside, alone, COLOURS[2], "^", "decay of weights without gradient")
        axes.set(xscale="log", yscale="log", ylabel="steps", xlim=(zero / 1.3, 0.9))
        axes.legend(loc="lower left", **BOXED)
        ratios.set(xlabel="weight decay $w$", ylabel="steps / ($c/w$)", yscale="log", ylim=(0.75, 6))
        plain_ticks(ratios.xaxis, (zero, 0.001, 0.01, 0.1))
        ratios.set_xticklabels(["0", "0.001", "0.01", "0.1"])
        plain_ticks(ratios.yaxis, (1, 2, 4))
        ratios.legend(loc="upper left", fontsize=7)
        right.set_title("Mean $y f$ of the four patterns of signs, at the end", loc="left")
        for number, (name, colour, mark) in enumerate(zip(NAMES, COLOURS, "os^D")):
            ends = [mean_over(run.observables[f"pattern {number}"][:, -1]) for run in last]
            beside = [w + SHIFT * (number - 1.5) for w in high]
            bars(right, beside, ends, colour, mark, name, linestyle="-")
            right.axvline(hills[number], ymax=0.8, color=colour, linestyle="--", linewidth=1.2)
        right.plot([], [], "--", color="#555555", label="predicted threshold")
        right.plot([], [], " ", label="95 % intervals, side by side")
        right.set(xlabel="weight decay $w$", ylabel="mean $y f$", ylim=(-0.15, 1.35))
        right.legend(loc="upper right", ncols=3)
