"""Is the mean square of a walk in a bowl that of its law? A sim that takes half a second."""

import numpy as np

from langevin import Problem, potentials, simulate
from langevin.experiment.claims import Answer, Claim, Finding, verdict_of
from langevin.experiment.statements import certain
from langevin.figures.canvas import canvas


def answer(quick=False, seed=1):
    """Walk, measure, draw."""
    run = simulate(
        Problem(potentials.quadratic(dim=2), temperature=0.5), walkers=64, steps=4000 if quick else 20_000,
        dt=1e-3, every=1000, seed=seed, watch=None,
    )  # fmt: skip
    rows = [
        (float(time), float(np.mean(states**2))) for time, states in zip(run.times, run.states.swapaxes(0, 1))
    ]

    def draw(path):
        with canvas(path, "A walk in a bowl") as axes:
            axes.plot(*zip(*rows))

    found = Finding(
        Claim("the mean square is theta", "a bowl"),
        verdict_of(certain(rows[-1][1] < 2.0, "below 2")),
        f"{rows[-1][1]:.6f}",
    )
    return Answer("Is the law kept?", (found,), ("time", "mean square"), rows, draw, {"walkers": 64})
