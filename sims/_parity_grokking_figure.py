"""The figure of `sims.parity_grokking`."""

import numpy as np

from langevin.figures.canvas import COLOURS, DASHES, MEASURED, canvas
from langevin.figures.panels import GREY, band, groups, marked, panels
from langevin.measure.networks import t_sne, weight_density

BOXED = {"frameon": True, "framealpha": 1, "edgecolor": "none"}


def draw(path, epochs, curves, edge, events, bends, pictures, members):
    """Learning curve, spectral norm, density of weights; lower row: t-SNE of the hidden layer of the first network.

    `curves` (networks, epochs) are by name, `edge` is the norm of random weights, `events` are mean epochs. `pictures`
    are hidden weights and hidden layer by name, `members` the number of the pattern of each sample of the layer.
    """
    networks = len(curves["spectral norm"])
    names = [f"{'-+'[group & 1]}, {'-+'[group >> 1]}" for group in range(4)]
    with canvas(path, f"Accuracy and loss, mean of {networks} networks", 11.0, 7.2) as axes:
        learning, norm, density, *below = panels(axes, 2, 3)
        for part, colour in (("train", COLOURS[0]), ("test", COLOURS[1])):
            for what, dash in (("accuracy", DASHES[0]), ("loss", DASHES[1])):
                band(learning, epochs, curves[f"{part}_{what}"], colour, dash, f"{part} {what}")
        learning.legend(loc="upper left", ncols=2, **BOXED)
        learning.set(ylabel="accuracy, hinge loss", ylim=(-0.03, 1.45))
        draw_norm(norm, epochs, curves["spectral norm"], edge, bends)
        for panel in (learning, norm):
            marked(panel, events)
            panel.set(xscale="log", xlabel="epoch", xlim=(2, epochs[-1]))
            panel.xaxis.set_major_formatter("{x:g}")
        norm.legend(loc="lower left", fontsize=8, **BOXED)
        places = np.linspace(-0.3, 0.3, 301)
        for (name, (hidden, _)), colour, dash in zip(pictures.items(), COLOURS, DASHES):
            heights = weight_density(hidden, places, 0.004)[1]
            density.plot(places, np.maximum(heights, 1e-3), color=colour, linestyle=dash, label=name)
        density.set_title("Density of the hidden weights, one network", loc="left")
        density.set(xlabel="weight", ylabel="kernel density", yscale="log", ylim=(2e-2, 2e3))
        density.legend(loc="upper right")
        for panel, (name, (_, layer)) in zip(below, pictures.items()):
            groups(panel, t_sne(layer), members, names)
            panel.set_title(f"t-SNE of hidden layer: {name}", loc="left")
        below[0].legend(title="first two signs", fontsize=7, title_fontsize=7, ncols=4, loc="upper center",
                        bbox_to_anchor=(0.5, 0.0), handletextpad=0.1, columnspacing=1)  # fmt: skip


def draw_norm(axes, epochs, norms, edge, bends):
    """The spectral norm, that of random weights, and the bends of the mean curve."""
    band(axes, epochs, norms, COLOURS[2], DASHES[0], "hidden weights")
    axes.axhline(edge, color=GREY, linestyle="--", label="random: $(\\sqrt{W}+\\sqrt{n})/\\sqrt{3n}$")
    for (name, turns), colour, mark, size in zip(bends.items(), (MEASURED, COLOURS[1]), "os", (6, 7)):
        heights = np.interp([turn.value for turn in turns], epochs, norms.mean(axis=0))
        axes.plot([turn.value for turn in turns], heights, mark, color=colour, markersize=size, label=name,
                  fillstyle="full" if mark == "o" else "none", zorder=5)  # fmt: skip
    axes.set_title("Spectral norm of the hidden weights", loc="left")
    axes.set(ylabel="largest singular value", ylim=(0.9, 2.5))
