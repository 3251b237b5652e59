"""Constrained steps: microseconds for one step of one walker, compared with mici, on surfaces of growing size.

mici (Python, one chain) projects forwards and back at every step. So it is compared with the Metropolis sampler, which
also projects back, and with the plain projected step. `mici / projected` says how many times as long mici takes.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.contenders import Absent, need
from benchmarks.timing import cpu_seconds, load, machine, table


def surfaces():
    """Name to manifold."""
    from langevin import manifolds

    return {
        "sphere (3, 1)": manifolds.sphere(3),
        "torus (3, 1)": manifolds.torus(),
        "sphere (100, 1)": manifolds.sphere(100),
        "SO(3) (9, 6)": manifolds.special_orthogonal(3),
        "SO(11) (121, 66)": manifolds.special_orthogonal(11),
        "Stiefel(10, 3) (30, 6)": manifolds.stiefel(10, 3),
        "quadrics (50, 1)": manifolds.quadrics(50, 1),
        "quadrics (50, 5)": manifolds.quadrics(50, 5),
        "quadrics (50, 10)": manifolds.quadrics(50, 10),
    }


def step_size(manifold):
    """A kick of a tenth of a unit over the whole space, so that Newton takes a few iterations."""
    return 0.005 / manifold.dim


def ours(manifold, integrator, seconds=0.5):
    """(lowest CPU microseconds a walker-step of three runs of at least `seconds` each, share of refused steps)."""
    from langevin import Problem, Watch, simulate

    problem = Problem(manifold, 1.0, "projected", "surface")
    size = {"walkers": 256, "dt": step_size(manifold), "watch": Watch(threads=1)}
    simulate(problem, integrator, steps=2, seed=0, **size)
    steps, spent = 8, 0.0
    while spent < seconds:  # a run is so long that its start does not count
        steps *= 4
        spent, _ = cpu_seconds(
            lambda seed, steps=steps: simulate(problem, integrator, steps=steps, seed=seed, **size), 0
        )
    costs = []
    for seed in range(1, 4):
        spent, run = cpu_seconds(
            lambda seed: simulate(problem, integrator, steps=steps, seed=seed, **size), seed
        )
        costs.append(spent / (steps * size["walkers"]) * 1e6)
    return min(costs), run.tallies["not_projected"] / (steps * size["walkers"])


def mici(manifold, steps=60):
    """CPU microseconds of one constrained leapfrog step with fresh momentum, its projections and reverse check."""
    (library,) = need("mici")

    def columns(kernel, shape):
        def call(q):
            out = np.empty((*shape, 1))
            kernel(q[:, None], out, manifold.parameters)
            return out[..., 0]

        return call

    system = library.systems.DenseConstrainedEuclideanMetricSystem(
        neg_log_dens=lambda q: 0.0,
        constr=columns(manifold.residual, (manifold.codim,)),
        dens_wrt_hausdorff=True,
        grad_neg_log_dens=np.zeros_like,
        jacob_constr=columns(manifold.jacobian, (manifold.codim, manifold.dim)),
    )
    integrator = library.integrators.ConstrainedLeapfrogIntegrator(system, np.sqrt(2.0 * step_size(manifold)))
    rng = np.random.default_rng(1)
    place = manifold.start(rng.uniform(size=(1, manifold.dim)), 1.0)[0]
    state = library.states.ChainState(pos=place, mom=None, dir=1)
    began = time.process_time()
    for _ in range(steps):
        state.mom = system.sample_momentum(state, rng)
        try:
            state = integrator.step(state)
        except library.errors.IntegratorError:
            state.mom = None
    return (time.process_time() - began) / steps * 1e6


def measure():
    """The table."""
    from langevin import integrators

    rows = []
    for name, manifold in surfaces().items():
        plain, refused = ours(manifold, integrators.projected())
        exact, _ = ours(manifold, integrators.metropolis())
        try:
            peer = mici(manifold)
            beside = (f"{peer:.0f}", f"{peer / plain:.0f}", f"{peer / exact:.0f}")
        except Absent as reason:
            beside = (str(reason), "", "")
        rows.append((name, f"{plain:.3g}", f"{exact:.3g}", *beside, f"{refused:.2g}"))
    header = ("surface (coordinates, equations)", "projected, us", "Metropolis, us", "mici, us", "mici / projected",
              "mici / Metropolis", "steps refused")  # fmt: skip
    return f"{machine()}; one thread; {load()}.\n\n{table(header, rows)}"
