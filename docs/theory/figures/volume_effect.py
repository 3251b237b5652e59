"""Volume effect: how a wide chamber fills through a hole, and how much of a walk the flat side of a canal holds."""

import math

import numpy as np

import langevin
from docs.theory.figures.panels import law, points, shares, two_panels
from langevin import integrators, manifolds, measure, theory
from langevin.figures.canvas import COLOURS

#: Two cubes of these sides, a hole of this width, kicks as a part of it, time in relaxation times, frames.
NEAR, FAR, HOLE, STRIDE, LONG, FRAMES, WALKERS = 1.0, 1.5, 0.17, 0.06, 2.5, 8, 1_000
#: The canal: geometric mean of the stiffness, dials of its profile, directions across.
STIFFNESS, AMPLITUDES, TRANSVERSE, CROWD = 100.0, (0.5, 1.0), (1, 2, 4, 8, 16), 4_000


def draw(path):
    """Left chambers, right canals."""
    titles = (
        "A hole between two cubes: share of the larger one",
        "Canal: the more directions, the more on the flat side",
    )
    with two_panels(path, *titles) as (left, right):
        for place, dim in enumerate((2, 3)):
            fill(left, place, dim)
        left.plot([], [], "--", color="0.4", label="theory: volumes and resistances")
        left.set(xlabel=r"time $\times\,\theta$", ylabel=f"share of walkers, n = {WALKERS}", ylim=(0.0, 1.0))
        left.legend(loc="upper left")
        for place, amplitude in enumerate(AMPLITUDES):
            flat_side(right, place, amplitude)
        right.plot([], [], "--", color="0.4", label="theory")
        right.set(
            xlabel="directions across $m$, flat at $x = \\pi$", ylabel=r"$E\,(-\cos x)$", ylim=(0.0, 1.0)
        )
        right.legend(loc="lower right")


def fill(axes, place, dim):
    """Share in the far cube after a uniform start in the near one."""
    # The round hole of the theory has the section of the square one.
    radius = HOLE / 2.0 if dim == 2 else HOLE / math.sqrt(math.pi)
    rate = theory.passage.two_chambers_rate([NEAR] * dim, [FAR] * dim, radius, 0.0, 1.0).value
    dt = (STRIDE * HOLE) ** 2 / 2.0
    every = round(LONG / rate / dt / FRAMES)
    run = langevin.simulate(
        langevin.Problem(manifolds.chambers(dim, NEAR, FAR, HOLE, 0.0), 1.0, "reflected"), walkers=WALKERS,
        steps=FRAMES * every, dt=dt, every=every, seed=dim,
    )  # fmt: skip
    share, errors = shares((run.states[:, 1:, 0] > 0.0).sum(axis=0), WALKERS)
    axes.errorbar(run.times[1:], share, 1.96 * errors, fmt="os"[place], color=COLOURS[place], capsize=3,
                  markersize=4.5, label=f"simulation, d = {dim}")  # fmt: skip
    grid = np.linspace(0.0, run.times[-1], 100)
    kept = theory.gibbs.wide_share_curve(FAR / NEAR).predict(dim).value
    law(axes, grid, kept * (1.0 - np.exp(-rate * grid)), place)


def flat_side(axes, place, amplitude):
    """Stationary mean of -cos x over the number of stiff directions."""
    found = []
    for m in TRANSVERSE:
        canal = manifolds.canal(m, STIFFNESS, amplitude)
        dt = 0.2 / canal.stiffness(1.0)
        run = langevin.simulate(
            langevin.Problem(canal, 1.0), integrators.leimkuhler_matthews(), walkers=CROWD, steps=round(5.0 / dt),
            dt=dt, seed=m,
        )  # fmt: skip
        found.append(measure.ensemble_mean(run, lambda states: -np.cos(states[:, 0])))
    points(axes, TRANSVERSE, found, place, f"simulation, $A$ = {amplitude:g}, n = {CROWD}")
    grid = range(TRANSVERSE[0], TRANSVERSE[-1] + 1)
    law(axes, grid, [-theory.gibbs.canal_mean_cosine(m, amplitude).value for m in grid], place)
