"""The figure of `sims.entropy_of_solutions`."""

import numpy as np

from langevin.figures.canvas import COLOURS, canvas
from langevin.figures.panels import bars, panels
from langevin.measure.seeds import mean_over


def draw(path, found, shares):
    """Entropy and test accuracy of each kind of weights by law, and the learning coefficients of label noise.

    `found` are solutions by kind, by law; `shares` (networks, 2) are learning coefficients over those of regular minima
    when memorised and when generalised.
    """
    with canvas(path, "Local entropy at zero loss", width=11.0, height=4.0) as place:
        axes, middle, right = panels(place, 1, 3)
        names = [kind.replace(" ", "\n") for kind in next(iter(found.values()))]
        drawn = {
            law: kinds for law, kinds in found.items() if all(len(one.entropy) > 1 for one in kinds.values())
        }
        for i, (law, kinds) in enumerate(drawn.items()):
            places = np.arange(4) + 0.12 * (i - (len(drawn) - 1) / 2)
            for panel, key in ((axes, "entropy"), (middle, "accuracy")):
                means = [mean_over(getattr(one, key)) for one in kinds.values()]
                bars(panel, places, means, COLOURS[i], "os"[i], f"{law}, 95 % interval")
        axes.set(ylabel="$-\\frac{1}{2} \\log \\det J J^T$ (nats)")
        middle.set(ylabel="test accuracy", ylim=(0.4, 1.05))
        middle.set_title("Generalisation", loc="left")
        for panel in (axes, middle):
            panel.set_xticks(range(4), names, fontsize=8)
            panel.set_xlim(-0.4, 3.4)
        right.set_title("Learning coefficient, label noise", loc="left")
        ratios = shares.T
        if ratios.shape[1] > 1:
            bars(right, [0, 1], [mean_over(row) for row in ratios], COLOURS[0], "o", "mean, 95 % interval")
            for i, row in enumerate(ratios):
                label = None if i else "each network"
                right.plot(np.full(len(row), i + 0.12), row, ".", color="0.4", markersize=5, label=label)
            right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
        right.axhline(1.0, linestyle="--", color="0.4", linewidth=0.8)
        right.set(ylabel="$\\lambda$, measured / regular minimum", xlim=(-0.4, 1.5))
        right.set_xticks(range(2), names[:2])
        axes.figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
