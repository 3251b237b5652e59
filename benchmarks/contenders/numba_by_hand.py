"""Numba by hand, one walker after another, state in registers, fastmath: what one writes for this one problem."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.contenders import Contender

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
    "sphere": """along = 0.0
            for c in range(d):
                z[c] = s * {draw}
                along += z[c] * x[i, c]
            square = 0.0
            for c in range(d):
                x[i, c] = (1.0 - along) * x[i, c] + z[c]
                square += x[i, c] * x[i, c]
            factor = 1.0 / np.sqrt(square)
            for c in range(d): x[i, c] *= factor""",
}


def make(source, workload):
    from numba import njit

    code = f"""
def go(x, steps, rng, seed):
    {"np.random.seed(seed)" if source == "np.random" else "pass"}
    z = np.empty(d)
    for i in range(x.shape[0]):
        for t in range(steps):
            {BODIES[workload.kind].format(draw=DRAWS[source])}
"""
    names = {"np": np, "h": workload.dt, "s": workload.kick, "k": workload.stiffness, "d": workload.dim}
    exec(code, names)
    go = njit(names["go"], fastmath=True)

    def run(seed):
        x = workload.start(workload.walkers)
        go(x, workload.steps, np.random.Generator(np.random.SFC64(seed)), seed)
        return x

    return run


CONTENDERS = (
    Contender("numba by hand, Generator SFC64", partial(make, "generator"), (0.2, 1.0)),
    Contender("numba by hand, np.random", partial(make, "np.random"), (0.1, 0.5)),
)
