"""Walks on landscapes, and the distance of their means from a number."""

from functools import cache

import numba
import numpy as np

import langevin
from langevin.dynamics import default_integrator
from langevin.experiment.conformance import conformance
from langevin.integrators import projected_to
from langevin.kernels.compile import jitable
from langevin.landscapes.evaluate import evaluate
from langevin.types import Problem


def failures(landscape, seed=0):
    """Names of the contracts that do not hold."""
    return {finding.name for finding in conformance(landscape, seed) if not finding.passed}


def conforms(landscape):
    """Whether every contract holds, and the residual at the starts on a surface is round-off."""
    assert failures(landscape) == set()
    if landscape.name not in {"canal", "cube"} and getattr(landscape, "residual", None):
        starts = landscape.start(np.full((3, landscape.dim), 0.3), 1.0)
        r, J = on(landscape, starts)
        assert np.abs(r).max() <= 1e-12 * np.abs(J).max() * (1.0 + np.abs(starts).max())
    return True


def on(manifold, states):
    """Residuals (points, codim) and Jacobians (points, codim, dim) at states (points, dim)."""
    return evaluate(manifold, "residual", states), evaluate(manifold, "jacobian", states)


def moment(landscape, name):
    """The moment of this name among the facts."""
    (found,) = [moment for moment in landscape.facts.moments if moment.name == name]
    return found


def log_det(manifold, states):
    """Half log det J J^T at states (points, dim)."""
    _, J = on(manifold, states)
    return 0.5 * np.linalg.slogdet(J @ np.moveaxis(J, 1, 2))[1]


def losses(landscape, states):
    """The loss at states (points, dim)."""
    return evaluate(landscape, "value", states)


def walk(landscape, law, *, temperature=1.0, time, dt, walkers=2000, seed=1, start=None):
    """The states (walkers, dim) at a time; `law` is soft, surface or gibbs."""
    projected = law in {"surface", "gibbs"}
    problem = Problem(landscape, temperature, "projected" if projected else law, law if projected else None)
    run = langevin.simulate(
        problem,
        projected_to(law) if projected else default_integrator(problem),
        walkers=walkers, steps=max(1, round(time / dt)), dt=dt, seed=seed, start=langevin.Start(start, first_step=0),
        watch=langevin.Watch(threads=2),
    )  # fmt: skip
    assert run.counts["finished"] == walkers
    return run.states[:, -1]


def deviation(values, expected):
    """Distance of the mean of independent values from a number, in standard errors."""
    return abs(values.mean() - expected) / (values.std(ddof=1) / np.sqrt(values.size))


def beyond(manifold, states):
    """Distance of states (points, dim) beyond the walls; at most 0 inside."""
    out = np.empty(len(states))
    compiled(manifold.walls)(np.ascontiguousarray(np.asarray(states, float).T), out, manifold.parameters)
    return out


def uniform_in(manifold, low, high, points, seed=0):
    """At most `points` states of the uniform law on a body inside the box from low to high."""
    tried = np.random.default_rng(seed).uniform(low, high, (points, manifold.dim))
    return tried[beyond(manifold, tried) <= 0.0]


@cache
def compiled(kernel):
    """A kernel of three arguments, compiled without a driver: in one second instead of three."""
    plain = jitable(kernel)

    def call(x, other, parameters):
        plain(x, other, parameters)

    return numba.njit(call, error_model="numpy")


def scatter(bounce, parameters, states, spread, steps, seed=1):
    """States (walkers, dim) after Gaussian steps of a standard deviation, each mirrored by `bounce`."""
    generator = np.random.default_rng(seed)
    x = np.ascontiguousarray(states.T)
    for _ in range(steps):
        before = x.copy()
        x += spread * generator.standard_normal(x.shape)
        bounce(x, before, parameters)
    return x.T


def crawl(free, normals, places, ways, pieces):
    """Billiards by brute force, (points, dim): small pieces of the path, reversed at a wall instead of crossing it.

    `free(places, moved)` is whether a piece crosses no wall, `normals(places, pieces)` are the unit normals of walls
    that are crossed. The error is about two pieces for each turn.
    """
    x, step = places.copy(), ways / pieces
    for _ in range(pieces):
        moved = x + step
        out = ~free(x, moved)
        if out.any():
            n = normals(x[out], step[out])
            step[out] -= 2.0 * (step[out] * n).sum(axis=1, keepdims=True) * n
        x = np.where(out[:, None], x, moved)
    return x
