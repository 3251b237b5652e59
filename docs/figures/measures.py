"""The two distributions on a zero-loss set: walkers on an ellipse, and their shares in the quarters of its length."""

from docs.figures.ellipse import CURVE, bars, walked
from docs.theory.figures.panels import two_panels
from langevin import integrators, theory
from langevin.figures.canvas import COLOURS

SHOWN = 300


def draw(path):
    """Left where walkers are, right their shares compared with both laws."""
    runs = {
        "projected motion: surface": walked(integrators.projected(), seed=1),
        "soft motion: gibbs": walked(integrators.leimkuhler_matthews(), seed=2),
    }
    with two_panels(path, "Walkers on one zero-loss set", "Two stationary distributions") as (left, right):
        scattered(left, runs)
        bars(right, runs, [theory.surfaces.projection_law(0), theory.surfaces.projection_law(1)])


def scattered(axes, runs):
    """Some walkers of each run; those of the first are drawn on a smaller copy of the set."""
    for place, (size, states) in enumerate(zip((0.85, 1.0), runs.values())):
        axes.plot(*(size * CURVE.points.T), color="0.8", linewidth=0.8, zorder=0)
        axes.plot(
            *(size * states[:: len(states) // SHOWN][:SHOWN].T), ".", color=COLOURS[place], markersize=2.5
        )
    told = f"{SHOWN} walkers each\ninner: projected, drawn smaller\nouter: soft"
    axes.text(0.0, 0.0, told, ha="center", va="center", fontsize=8)
    axes.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
