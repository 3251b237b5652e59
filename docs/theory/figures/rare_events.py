"""Splitting: rates down to 1e-9 compared with exact ones, and how large the variance of a replica is."""

import numpy as np

import langevin
from docs.theory.figures.panels import law, points, two_panels
from langevin import potentials, theory
from langevin.figures.canvas import COLOURS
from langevin.landscapes.evaluate import scalar_value

#: Barrier over temperature; paths of a replica, replicas.
HEIGHTS, WALKERS, REPLICAS, STEP = (4, 8, 12, 16, 20), 400, 24, 0.05


def draw(path):
    """Left the rate over barrier / theta, right its ratio to the exact one."""
    well = potentials.double_well()
    exact, kramers = theory.escape.escape_curves(well.facts.wells, scalar_value(well))
    runs = [
        langevin.splitting(
            langevin.Problem(well, 1.0 / height), dt=STEP / well.stiffness(1.0 / height),
            effort=langevin.Effort(WALKERS, replicas=REPLICAS), seed=height,
        )
        for height in HEIGHTS
    ]  # fmt: skip
    rates = [run.rate for run in runs]
    grid = np.linspace(HEIGHTS[0] - 1, HEIGHTS[-1] + 1, 60)
    truth = np.array([1.0 / exact.predict(1.0 / height).value for height in grid])
    known = np.array([1.0 / exact.predict(1.0 / height).value for height in HEIGHTS])
    eyring = np.array([1.0 / kramers.predict(1.0 / height).value for height in grid])
    with two_panels(path, "Rate of escape from a double well", "The same, over the exact rate") as (
        left,
        right,
    ):
        points(left, HEIGHTS, rates, 0, f"splitting, {REPLICAS} replicas of {WALKERS} paths")
        law(left, grid, truth, 0, "exact quadrature")
        law(left, grid, eyring, 1, "Eyring-Kramers", dash="-.")
        left.set(xlabel=r"barrier / temperature, $h / \theta$", ylabel="rate", yscale="log")
        left.legend()
        ratio = np.array([rate.value for rate in rates]) / known
        error = np.array([rate.error for rate in rates]) / known
        ideal = [(run.ideal_variance / REPLICAS) ** 0.5 for run in runs]
        right.errorbar(
            HEIGHTS, ratio, 1.96 * error, fmt="o", color=COLOURS[0], capsize=3, markersize=4.5,
            label="splitting, 95 % interval",
        )  # fmt: skip
        law(right, grid, np.ones(60), 0, "exact quadrature")
        law(right, grid, eyring / truth, 1, "Eyring-Kramers", dash="-.")
        right.fill_between(
            HEIGHTS, 1.0 - 1.96 * np.array(ideal), 1.0 + 1.96 * np.array(ideal), color="0.9", zorder=0,
            label=r"least error possible, $\sqrt{|\log p| / N}$",
        )  # fmt: skip
        right.set(xlabel=r"barrier / temperature, $h / \theta$", ylabel="rate / exact rate", ylim=(0.5, 1.9))
        right.legend(loc="upper left")
