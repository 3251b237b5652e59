"""The figure of `sims.modular_paths`."""

import numpy as np

from langevin.figures.canvas import COLOURS, MEASURED, canvas
from langevin.figures.panels import bars, panels
from langevin.measure.seeds import factor_over

#: Number of networks whose test accuracy is drawn.
DRAWN = 3


def draw(path, shown):
    """Test accuracy; squared displacement; path length; distribution of waiting times, and their mean.

    Args:
        path: of the figure.
        shown: by fraction of the table, what `sims.modular_paths.shown` gives.
    """
    with canvas(path, "Test accuracy, with and without noise", width=12.0, height=6.6) as place:
        accuracy, walk, length, law, grown, empty = panels(place, 2, 3)
        empty.set_axis_off()
        for i, (part, found) in enumerate(shown.items()):
            learning(accuracy, found, f"fraction {part:g}", COLOURS[i])
            for steps, ratio in found["displacements"]:
                walk.plot(steps, ratio, "-", color=COLOURS[i], linewidth=0.7)
            walk.lines[-1].set_label(f"fraction {part:g}, each network")
            # the paths lie on one another
            length_of(
                length, *found["path"], f"fraction {part:g}", COLOURS[i], 5.0 - 4.0 * i / (len(shown) - 1)
            )
        length.lines[-1].set_label("memorised")
        accuracy.set(xlabel="step", ylabel="test accuracy", xscale="log", ylim=(-0.03, 1.03))
        walk.axhline(1.0, color="black", linestyle="--", label="Brownian motion")
        walk.set_title("Squared displacement since memorised", loc="left")
        walk.set(xscale="log", yscale="log", xlabel="steps", ylabel="measured / $2 \\theta (P - r)\\, t$")
        length.set_title("Path of one network", loc="left")
        length.set(xlabel="step", ylabel="length in weight space", xscale="log", yscale="log")
        waiting(law, np.sort(shown[min(shown)]["times"]))
        law.set_title(f"Networks not yet generalised, fraction {min(shown):g}", loc="left")
        growth(grown, {part: factor_over(found["times"]) for part, found in shown.items()})
        for panel in (accuracy, walk, length, law, grown):
            panel.legend(fontsize=7)


def learning(axes, found, name, colour):
    """Test accuracy of some networks against steps, with noise and without."""
    for noise, dash in (("noise", "-"), ("no noise", "--")):
        one = found[noise]
        for accuracy in one.observables["test_accuracy"][:DRAWN]:
            axes.plot(one.steps[1:], accuracy[1:], dash, color=colour, linewidth=0.7)
        axes.lines[-1].set_label(f"{name}, {noise}")


def length_of(axes, steps, walked, distance, memorised, name, colour, width):
    """Length of the path of a network and distance from its start against steps; the last line marks memorising."""
    axes.plot(steps, walked, "-", color=colour, linewidth=width, label=f"{name}, path over {steps[0]} steps")
    axes.plot(steps, distance, "--", color=colour, linewidth=width, label=f"{name}, displacement")
    axes.plot(steps[memorised - 1], distance[memorised - 1], "o", color=colour, markersize=5)


def waiting(axes, times):
    """Fraction of networks that have not generalised, and an exponential law with the same mean."""
    left = 1 - np.arange(len(times) + 1) / len(times)
    axes.step([0, *times], left, where="post", color="black", label=f"measured, n = {len(times)}")
    far = np.linspace(0, 3 * times.mean(), 200)
    axes.plot(far, np.exp(-far / times.mean()), "--", color=COLOURS[2], label="exponential, same mean")
    axes.set(xlabel="steps since memorised", ylabel="fraction of networks")


def growth(axes, times):
    """Geometric means of the times against the fraction, and an exponential law through the first and the last."""
    parts = list(times)
    bars(axes, parts, list(times.values()), MEASURED, "o", "geometric mean, 95 % interval")
    ends = [min(parts), max(parts)]
    axes.plot(ends, [times[part].value for part in ends], "--", color=COLOURS[2], label="exponential")
    axes.set_title("Time from memorised to generalised", loc="left")
    axes.set(xlabel="fraction of the table", ylabel="steps", yscale="log", xticks=parts)
