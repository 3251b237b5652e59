"""Each contender at its expert best: make(workload) -> run(seed) -> final states (walkers, dim).

`share` is the part of the walkers and of the steps that a slow contender runs; costs are per walker-step.
"""

from __future__ import annotations

import numpy as np

DRAWS = {"generator": "rng.standard_normal()", "np.random": "np.random.standard_normal()"}
BODIES = {
    "well": "x[i, 0] += -4.0 * h * x[i, 0] * (x[i, 0] * x[i, 0] - 1.0) + s * {draw}",
    "ring": """square = 0.0
            for c in range(d): square += x[i, c] * x[i, c]
            factor = 1.0 - h * k * (1.0 - 1.0 / np.sqrt(square))
            for c in range(d): x[i, c] = factor * x[i, c] + s * {draw}""",
    "cube": """for c in range(d):
                y = abs(x[i, c] + s * {draw})
                x[i, c] = min(y, 2.0 - y)""",
}


def langevin(workload):
    """This package through its public door."""
    from langevin import Problem, manifolds, potentials, simulate

    problem = {
        "well": lambda: Problem(potentials.double_well(), workload.theta),
        "ring": lambda: Problem(manifolds.ring(workload.dim, workload.stiffness), workload.theta),
        "cube": lambda: Problem(manifolds.cube(workload.dim), workload.theta, "reflected"),
    }[workload.kind]()
    start = workload.start(workload.walkers)

    def run(seed):
        size = {"walkers": workload.walkers, "steps": workload.steps, "dt": workload.dt}
        return simulate(problem, **size, seed=seed, start=start, threads=1).states[:, -1]

    return run


def numpy_loop(workload):
    """Vectorised over walkers, (dim, walkers) in memory, everything in place."""

    def run(seed):
        rng = np.random.Generator(np.random.SFC64(seed))
        x = np.ascontiguousarray(workload.start(workload.walkers).T)
        z = np.empty_like(x)
        for _ in range(workload.steps):
            rng.standard_normal(out=z)
            z *= workload.kick
            if workload.kind == "well":
                x -= 4.0 * workload.dt * x * (x * x - 1.0)
                x += z
            elif workload.kind == "ring":
                radius = np.sqrt(np.einsum("ij,ij->j", x, x))
                x *= 1.0 - workload.dt * workload.stiffness * (1.0 - 1.0 / radius)
                x += z
            else:
                x += z
                np.abs(x, out=x)
                np.minimum(x, 2.0 - x, out=x)
        return x.T

    return run


def numba_by_hand(workload, source):
    """One walker after another, state in registers, fastmath: what one writes for this one problem."""
    from numba import njit

    body = BODIES[workload.kind].format(draw=DRAWS[source])
    code = f"""
def go(x, steps, rng, seed):
    {"np.random.seed(seed)" if source == "np.random" else "pass"}
    for i in range(x.shape[0]):
        for t in range(steps):
            {body}
"""
    names = {"np": np, "h": workload.dt, "s": workload.kick, "k": workload.stiffness, "d": workload.dim}
    exec(code, names)
    go = njit(names["go"], fastmath=True)

    def run(seed):
        x = workload.start(workload.walkers)
        go(x, workload.steps, np.random.Generator(np.random.SFC64(seed)), seed)
        return x

    return run


CONTENDERS = {
    "langevin": (langevin, 1.0, 1.0),
    "numba by hand, Generator SFC64": (lambda workload: numba_by_hand(workload, "generator"), 0.2, 1.0),
    "numba by hand, np.random": (lambda workload: numba_by_hand(workload, "np.random"), 0.1, 1.0),
    "numpy loop, SFC64": (numpy_loop, 1.0, 0.1),
}
