"""Gibbs law: the density in a double well, and what finite steps make of the width of a quadratic one."""

import numpy as np

import langevin
from docs.theory.figures.panels import law, points, shares, two_panels
from langevin import integrators, measure, potentials, theory
from langevin.figures.canvas import COLOURS
from langevin.landscapes.evaluate import scalar_value

TEMPERATURES, BARRIER, WALKERS, STEP, TIME, BINS = (0.3, 1.0), 1.0, 20_000, 0.01, 40.0, 40
#: dt x curvature in the quadratic well.
COARSE, CROWD = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5), 100_000


def draw(path):
    """Left the density, right the width over the step."""
    with two_panels(path, "Double well: stationary density", "Quadratic well: finite steps") as axes:
        densities(axes[0])
        widths(axes[1])


def densities(axes):
    """Leimkuhler-Matthews walks compared with exp(-f / theta) / Z at two temperatures."""
    well = potentials.double_well(BARRIER)
    edges = np.linspace(-2.0, 2.0, BINS + 1)
    middles, grid = (edges[1:] + edges[:-1]) / 2, np.linspace(-2.0, 2.0, 400)
    for place, theta in enumerate(TEMPERATURES):
        run = langevin.simulate(
            langevin.Problem(well, theta), integrators.leimkuhler_matthews(), walkers=WALKERS,
            steps=round(TIME / STEP), dt=STEP, seed=place, start=langevin.Start([0.0], first_step=0),
        )  # fmt: skip
        counts, _ = np.histogram(run.states[:, -1, 0], edges)
        heights, errors = shares(counts, WALKERS, edges[1] - edges[0])
        axes.errorbar(
            middles, heights, 1.96 * errors, fmt="os"[place], color=COLOURS[place], markersize=3.5, capsize=2,
            label=f"simulation, $\\theta$ = {theta:g}, n = {WALKERS}",
        )  # fmt: skip
        law(axes, grid, theory.gibbs.gibbs_density(scalar_value(well), theta)(grid), place)
    axes.plot([], [], "--", color="0.4", label=r"theory: $e^{-f/\theta}/Z$")
    axes.set(xlabel="$x$", ylabel="density", ylim=(0.0, 1.4))
    axes.legend(loc="upper center")


def widths(axes):
    """E x^2 of two steps over dt x curvature, in units of the Gibbs value."""
    well = potentials.quadratic()
    for place, (step, name) in enumerate(
        (
            (integrators.euler_maruyama(), "Euler-Maruyama"),
            (integrators.leimkuhler_matthews(), "Leimkuhler-Matthews"),
        )
    ):
        runs = [
            langevin.simulate(
                langevin.Problem(well, 1.0), step, walkers=CROWD, steps=round(8.0 / dt), dt=dt, seed=i
            )
            for i, dt in enumerate(COARSE)
        ]
        squares = [measure.ensemble_mean(run, lambda states: states[:, 0] ** 2) for run in runs]
        points(axes, COARSE, squares, place, f"{name}, n = {CROWD}")
    grid = np.linspace(0.0, COARSE[-1], 100)
    law(axes, grid, 1.0 / (1.0 - grid / 2.0), 0, r"$\theta / (k (1 - k\,dt/2))$")
    law(axes, grid, np.ones(100), 1, r"Gibbs: $\theta / k$")
    axes.set(xlabel=r"step $\times$ curvature, $k\,dt$", ylabel=r"$E\,x^2$ in units of $\theta / k$")
    axes.legend()
