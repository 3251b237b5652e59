"""Walks on landscapes, and how far their means are from a number."""

import numpy as np

import langevin
from langevin.experiment.conformance import conformance
from langevin.integrators import default_integrator, projected_to
from langevin.types import Problem


def conforms(landscape):
    """Every contract holds, and where walkers of a surface start the residual is round-off."""
    assert [finding for finding in conformance(landscape) if not finding.passed] == []
    if landscape.name not in {"canal", "cube"} and getattr(landscape, "residual", None):
        starts = landscape.start(np.full((3, landscape.dim), 0.3), 1.0)
        r, J = on(landscape, starts)
        assert np.abs(r).max() <= 1e-12 * np.abs(J).max() * (1.0 + np.abs(starts).max())
    return True


def on(manifold, states):
    """Residuals (points, codim) and Jacobians (points, codim, dim) at states (points, dim)."""
    x = np.ascontiguousarray(np.asarray(states, float).T)
    r, J = np.empty((manifold.codim, x.shape[1])), np.empty((manifold.codim, *x.shape))
    manifold.residual(x, r, manifold.parameters)
    manifold.jacobian(x, J, manifold.parameters)
    return r.T, np.moveaxis(J, 2, 0)


def log_det(manifold, states):
    """Half log det J J^T at states (points, dim)."""
    _, J = on(manifold, states)
    return 0.5 * np.linalg.slogdet(J @ np.moveaxis(J, 1, 2))[1]


def losses(landscape, states):
    """The loss at states (points, dim)."""
    out = np.empty(len(states))
    landscape.value(np.ascontiguousarray(np.asarray(states, float).T), out, landscape.parameters)
    return out


def walk(landscape, law, *, temperature=1.0, time, dt, walkers=2000, seed=1, start=None):
    """Where walkers are at a time, (walkers, dim); `law` is soft, surface or gibbs."""
    projected = law in {"surface", "gibbs"}
    problem = Problem(landscape, temperature, "projected" if projected else law, law if projected else None)
    run = langevin.simulate(
        problem,
        projected_to(law) if projected else default_integrator(problem),
        walkers=walkers, steps=max(1, round(time / dt)), dt=dt, seed=seed, start=start, threads=2,
    )  # fmt: skip
    assert run.counts["finished"] == walkers
    return run.states[:, -1]


def deviation(values, expected):
    """Distance of the mean of independent values from a number, in standard errors."""
    return abs(values.mean() - expected) / (values.std(ddof=1) / np.sqrt(values.size))
