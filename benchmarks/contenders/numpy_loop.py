"""NumPy, vectorised over walkers: (dim, walkers) in memory, everything in place."""

from __future__ import annotations

import numpy as np

from benchmarks.contenders import Contender


def well(x, z, workload):
    x -= 4.0 * workload.dt * x * (x * x - 1.0)
    x += z


def ring(x, z, workload):
    radius = np.sqrt(np.einsum("ij,ij->j", x, x))
    x *= 1.0 - workload.dt * workload.stiffness * (1.0 - 1.0 / radius)
    x += z


def cube(x, z, workload):
    x += z
    np.abs(x, out=x)
    np.minimum(x, 2.0 - x, out=x)


def sphere(x, z, workload):
    z -= np.einsum("ij,ij->j", x, z) * x
    x += z
    x /= np.sqrt(np.einsum("ij,ij->j", x, x))


STEPS = {"well": well, "ring": ring, "cube": cube, "sphere": sphere}


def make(workload):
    step = STEPS[workload.kind]

    def run(seed):
        rng = np.random.Generator(np.random.SFC64(seed))
        x = np.ascontiguousarray(workload.start(workload.walkers).T)
        z = np.empty_like(x)
        for _ in range(workload.steps):
            rng.standard_normal(out=z)
            z *= workload.kick
            step(x, z, workload)
        return x.T

    return run


CONTENDERS = (Contender("numpy loop, SFC64", make, (1.0, 0.1)),)
