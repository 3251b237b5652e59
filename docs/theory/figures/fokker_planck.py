"""Fokker-Planck equation: where the walkers of a double well are at every time, and how fast the wells even out."""

import numpy as np

import langevin
from docs.theory.figures.panels import law, shares, two_panels
from langevin import integrators, potentials, theory
from langevin.figures.canvas import COLOURS

THETA, WALKERS, STEP, SIDE, CELLS, BINS = 0.4, 40_000, 0.01, 2.2, 440, 22
DENSITIES, TIMES = (0.05, 0.5, 12.0), np.array([0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0])


def draw(path):
    """Left the density at three times, right the share in the other well over time."""
    well = potentials.double_well()
    every = round(DENSITIES[0] / STEP)
    run = langevin.simulate(
        langevin.Problem(well, THETA), integrators.heun(), walkers=WALKERS, steps=round(TIMES[-1] / STEP), dt=STEP,
        every=every, seed=1,
    )  # fmt: skip
    mesh = theory.fokker_planck.box_mesh([-SIDE], [SIDE], [CELLS])
    energies = theory.fokker_planck.energies_on(mesh, well)
    matrix = theory.fokker_planck.mesh_generator(mesh, energies, THETA)
    x = mesh.centres[0]
    start = np.where(np.abs(x + 1.0) < mesh.spacing[0], 0.5, 0.0)

    def frame(time):
        return run.states[:, round(time / STEP / every), 0]

    def masses(time):
        return theory.fokker_planck.evolve(matrix, start, time, 400)

    with two_panels(path, "Density after a start at -1", "Share of walkers in the other well") as (
        left,
        right,
    ):
        edges = np.linspace(-SIDE, SIDE, BINS + 1)
        for place, time in enumerate(DENSITIES):
            heights, errors = shares(np.histogram(frame(time), edges)[0], WALKERS, edges[1] - edges[0])
            left.errorbar(
                (edges[1:] + edges[:-1]) / 2, heights, 1.96 * errors, fmt="os^"[place], color=COLOURS[place],
                markersize=3.5, capsize=2, label=f"simulation, t = {time:g}",
            )  # fmt: skip
            binned = masses(time).reshape(BINS, -1).sum(axis=1) / (edges[1] - edges[0])
            left.stairs(binned, edges, color=COLOURS[place], linestyle="--", linewidth=1.2)
        left.plot([], [], "--", color="0.4", label="theory, mean over each bin")
        left.set(xlabel="$x$", ylabel=f"density, n = {WALKERS}")
        left.legend()
        crossed, errors = shares(np.array([(frame(time) > 0).sum() for time in TIMES]), WALKERS)
        right.errorbar(
            TIMES, crossed, 1.96 * errors, fmt="o", color=COLOURS[0], capsize=3, markersize=4.5,
            label=f"simulation, 95 % interval, n = {WALKERS}",
        )  # fmt: skip
        grid = np.linspace(0.0, TIMES[-1], 25)
        law(right, grid, [masses(time)[x > 0].sum() if time else 0.0 for time in grid], 0, "Fokker-Planck")
        gap = theory.fokker_planck.spectral_gap(mesh, energies, THETA)
        law(
            right,
            grid,
            (1.0 - np.exp(-gap * grid)) / 2.0,
            1,
            f"slowest mode alone, rate {gap:.3f}",
            dash=":",
        )
        right.set(xlabel="time $t$", ylabel="share at $x > 0$", ylim=(0.0, None))
        right.legend()
