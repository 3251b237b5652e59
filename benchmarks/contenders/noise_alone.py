"""The normals of a workload and nothing else, by this package's own generator: what no step can undercut."""

from __future__ import annotations

import numpy as np

from benchmarks.contenders import Contender

#: Numbers of a walker drawn at once.
ROWS = 32


def make(workload):
    from numba import njit

    from langevin.ensemble.blocks import lanes_for
    from langevin.kernels.compile import OPTIONS, whole_registers
    from langevin.kernels.loop_arrays import borrow
    from langevin.kernels.normals import fill_normals

    lanes = lanes_for(workload.walkers, workload.dim, workload.dim, 0, 1)
    blocks = -(-workload.walkers // lanes)
    draws = workload.steps * workload.dim // ROWS
    names = np.arange(lanes, dtype=np.uint64)

    @njit(**OPTIONS)
    def draw(out, names, seed, blocks, draws):
        rows, lanes = borrow(out), borrow(names)
        for _ in range(blocks):
            for group in range(draws):
                fill_normals(rows, group * (ROWS // 4), lanes, np.uint64(0), seed, np.uint64(0))

    out = np.empty((ROWS, lanes), np.float32)

    def run(seed):
        with whole_registers():
            draw(out, names, np.uint64(seed), blocks, draws)
        return np.full((1, workload.dim), np.nan)

    return run


CONTENDERS = (Contender("langevin, its normals alone", make, (1.0, 1.0)),)
