"""The figure of `sims.toy_meets_network`: distribution, displacement, means against the step, numbers over theory."""

import numpy as np

from langevin.figures.canvas import COLOURS, MEASURED, canvas
from langevin.figures.panels import beside_theory, panels, residuals_under
from langevin.types import Measurement

#: Mark and colour of each record; relative shift to the side, so that no point hides another.
LOOKS = {"manifold": ("o", MEASURED, 0.0), "network": ("s", COLOURS[1], 1.0)}
THEORY = {"linestyle": "--", "color": COLOURS[0], "linewidth": 1.2}
#: Symbols of the measured quantities.
SYMBOLS = {
    "tr H": "mean of $\\mathrm{tr}\\,H$, pairs",
    "loss / theta": "mean of loss / $\\theta$, pairs",
    "relaxation time": "relaxation time, pairs",
    "exponent of squared displacement": "exponent of squared displacement",
    "squared displacement / (2 theta t)": "squared displacement / $2\\theta t$",
    "balance drift / theta": "drift of $|W_2|^2 - |W_1|^2$",
    "matrix loss / theta": "mean of loss / $\\theta$, matrices",
}


def draw(path, pairs, law, displacements, diffusion, means, rows):
    """Four panels; under the first three, measured over theory.

    Args:
        path: of the figure.
        pairs: states (walkers, frames, 2) after burn-in, by record.
        law: values of s on a mesh, and their weights.
        displacements: lags, and squared displacement (walkers, lags), by record.
        diffusion: squared displacement over time, of theory.
        means: measured means by step and name; the same extrapolated to the step 0; theory, a function of the step.
        rows: comparisons by their kind.
    """
    with canvas(path, "Pairs: distribution of $s = \\log(u / v) / 2$", 11.0, 9.0) as area:
        axes, middle, limit, right = panels(area, 2, 2)
        of_shares(axes, pairs, law)
        of_displacements(middle, displacements, diffusion)
        of_steps(limit, *means)
        of_rows(right, rows)
        for panel, place in (
            (axes, "lower center"),
            (middle, "upper left"),
            (limit, "upper left"),
            (right, "best"),
        ):
            panel.legend(loc=place)


def of_shares(axes, pairs, law):
    """Densities of s; errors by the spread of the walkers."""
    low, edges = residuals_under(axes), np.linspace(-1.0, 1.0, 11)
    known = in_bins(*law, edges)
    for who, states in pairs.items():
        side = np.log(states[..., 0] / states[..., 1]) / 2
        shares = np.array([np.histogram(one, edges)[0] / one.size for one in side]) / np.diff(edges)
        density, error = shares.mean(axis=0), shares.std(axis=0, ddof=1) / len(shares) ** 0.5
        mark, colour, shift = LOOKS[who]
        at = (edges[1:] + edges[:-1]) / 2 + 0.04 * (shift - 0.5)
        found = [Measurement(*one, 1000, who) for one in zip(density, error, strict=True)]
        beside_theory(axes, low, at, found, known, colour, mark, f"{who}, 95 % interval")
    axes.stairs(known, edges, label="Gibbs, by quadrature", **THEORY)
    axes.set(ylabel="density")
    low.set(xlabel="$s$")


def in_bins(side, law, edges):
    """Densities in bins of numbers with weights."""
    sides, places = np.unique(side, return_inverse=True)
    along = np.bincount(places, law)
    before = np.cumsum(along) - along / 2
    return np.diff(np.interp(edges, sides, before)) / (law.sum() * np.diff(edges))


def of_displacements(axes, displacements, diffusion):
    """Squared displacement of the matrices."""
    low = residuals_under(axes)
    for who, (lags, squared) in displacements.items():
        mark, colour, shift = LOOKS[who]
        seen = np.unique(np.geomspace(1, len(lags), 12).astype(int)) - 1
        error = squared[:, seen].std(axis=0, ddof=1) / len(squared) ** 0.5
        found = [
            Measurement(*one, len(squared), who)
            for one in zip(squared[:, seen].mean(axis=0), error, strict=True)
        ]
        at = lags[seen] * 1.08 ** (shift - 0.5)
        beside_theory(axes, low, at, found, diffusion * lags[seen], colour, mark, f"{who}, 95 % interval")
    axes.plot(lags, diffusion * lags, label="Brownian motion along the set", **THEORY)
    axes.set(xscale="log", yscale="log", ylabel="squared displacement")
    axes.set_title("Matrices: displacement", loc="left")
    low.set(xlabel="time $t$")


def of_steps(axes, scan, limits, theory):
    """Means over those of the continuous limit, against the step."""
    low, fine = residuals_under(axes), theory(0.0)
    steps = np.linspace(0.0, max(scan), 11)
    known = {step: theory(step) for step in (*steps, *scan)}
    for i, name in enumerate(fine):
        colour, at = COLOURS[2 * i], [h + (2 * i - 1) * 0.001 for h in scan]
        over = [_scaled(found[name], fine[name]) for found in scan.values()]
        of_theory = [known[step][name] / fine[name] for step in scan]
        axes.plot(
            steps, [known[h][name] / fine[name] for h in steps], linestyle="--", color=colour, linewidth=1.2
        )
        label = SYMBOLS[name].removesuffix(", pairs")
        beside_theory(axes, low, at, over, of_theory, colour, "os"[i], f"{label}, 95 % interval")
        beside_theory(axes, low, [(2 * i - 1) * 0.001], [_scaled(limits[name], fine[name])], [1.0], colour, "Dv"[i],
                      "the same, extrapolated to 0")  # fmt: skip
    axes.plot([], [], "--", color="0.4", linewidth=1.2, label="first order in the step")
    axes.set(ylabel="network / continuous limit")
    axes.set_title("Pairs: means against the step", loc="left")
    low.set(xlabel="step")


def of_rows(axes, rows):
    """Every number over its theory."""
    for who, (mark, colour, shift) in LOOKS.items():
        part = rows[f"{who} beside theory"]
        axes.errorbar(
            [row.ratio for row in part], np.arange(len(part)) + 0.24 * shift - 0.12,
            xerr=[1.96 * row.measured.error / row.predicted.value for row in part], fmt=mark, color=colour, capsize=2,
            markersize=4.5, label=f"{who}, 95 % interval",
        )  # fmt: skip
    axes.axvline(1.0, **THEORY)
    names = [SYMBOLS[row.theory.split(": ")[1]] for row in part]
    axes.set(xlabel="measured / theory", ylim=(len(part) - 0.5, -0.5))
    axes.set_yticks(range(len(part)), names)
    axes.set_title("Both records, measured alike", loc="left")


def _scaled(measured, size):
    """A measurement over a number."""
    return Measurement(measured.value / size, measured.error / size, measured.n, measured.estimator)
