"""Walkers on an ellipse, and their shares in the quarters of its length, from the flattest to the stiffest."""

import numpy as np

import langevin
from docs.theory.figures.panels import shares
from langevin import manifolds, theory
from langevin.figures.canvas import COLOURS

WALKERS, STIFFNESS, ASPECT = 4_000, 100.0, 2.0
#: Rate, in units of theta, at which the shares of the quarters settle after an even start, and the time of a run in
#: units of its inverse.
RATE, TIMES = 4.0 * (2.0 * np.pi / 6.85) ** 2, 5.0
#: Variance of a kick of projected motion; temperature and step x stiffness of soft motion.
KICK, COLD, SOFT_STEP = 0.002, 0.01, 0.2
SET = manifolds.ellipsoid(stiffness=STIFFNESS, aspect=ASPECT)
CURVE = theory.surfaces.trace_curve(SET)


def walked(step, seed):
    """Last states (walkers, 2) of a run of this step, long enough for relaxation: evenly spread on the set."""
    theta, dt = (COLD, SOFT_STEP / SET.stiffness(COLD)) if step.dynamics == "soft" else (1.0, KICK / 2.0)
    problem = langevin.Problem(SET, theta, step.dynamics, step.measure)
    steps = round(TIMES / (RATE * theta * dt))
    even = CURVE.points[np.arange(WALKERS) * len(CURVE.points) // WALKERS]
    start = langevin.Start(even, first_step=0)
    run = langevin.simulate(problem, step, walkers=WALKERS, steps=steps, dt=dt, seed=seed, start=start)
    return run.states[:, -1]


def bars(axes, runs, laws):
    """Measured shares with 95 % intervals next to the laws.

    Args:
        axes: of the panel.
        runs: states by label.
        laws: of each run, to be compared.
    """
    quarters = np.arange(1, 5)
    for place, ((label, states), curve) in enumerate(
        zip(runs.items(), theory.surfaces.share_curves(CURVE, laws))
    ):
        counts = np.bincount(theory.surfaces.quarter_of(CURVE, states), minlength=5)[1:]
        share, error = shares(counts, len(states))
        shift = 0.09 * (place - (len(runs) - 1) / 2)
        axes.errorbar(
            quarters + shift,
            share,
            1.96 * error,
            fmt="os^D"[place],
            color=COLOURS[place],
            capsize=3,
            label=label,
        )
        for quarter in quarters:
            value = curve.predict(float(quarter)).value
            axes.plot(
                quarter + np.array([-0.3, 0.3]), [value, value], "--", color=COLOURS[place], linewidth=1
            )
    axes.plot([], [], "--", color="0.4", label="theory")
    axes.set(xticks=quarters, xticklabels=["flattest", "second", "third", "stiffest"], ylim=(0.0, None))
    axes.set(xlabel="quarter of the length", ylabel="share of walkers")
    axes.text(0.98, 0.02, f"95 % intervals, n = {WALKERS}", transform=axes.transAxes, ha="right", fontsize=8)
    axes.legend()
