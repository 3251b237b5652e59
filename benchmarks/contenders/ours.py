"""This package, through its public door."""

from __future__ import annotations

from benchmarks.contenders import Contender


def problem(workload):
    from langevin import Problem, manifolds, potentials

    theta = workload.theta
    return {
        "well": lambda: Problem(potentials.double_well(), theta),
        "ring": lambda: Problem(manifolds.ring(workload.dim, workload.stiffness), theta),
        "cube": lambda: Problem(manifolds.cube(workload.dim), theta, "reflected"),
        "sphere": lambda: Problem(manifolds.sphere(workload.dim), theta, "projected", "surface"),
    }[workload.kind]()


def make(workload, threads=1):
    from langevin import Start, Watch, simulate

    asked = problem(workload)
    size = {"walkers": workload.walkers, "steps": workload.steps, "dt": workload.dt}
    start, watch = workload.start(workload.walkers), Watch(threads=threads)
    return lambda seed: simulate(
        asked, **size, seed=seed, start=Start(start, first_step=0), watch=watch
    ).states[:, -1]


OURS = Contender("langevin", make, (1.0, 1.0))
