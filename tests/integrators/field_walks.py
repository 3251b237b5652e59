"""Walks on a sphere and a circle in a constant field, and their known laws."""

import math

import numpy as np

from langevin import Problem, Start, manifolds, potentials, simulate

WALKERS = 10_000


def fisher_mean(kappa):
    """E cos under exp(kappa cos) on the sphere in three dimensions (R. A. Fisher 1953)."""
    return 1.0 / math.tanh(kappa) - 1.0 / kappa


def fisher_cosines(kappa, count, seed=5):
    """Cosines of that law, by its inverse distribution function."""
    uniforms = np.random.default_rng(seed).uniform(size=count)
    return 1.0 + np.log(uniforms + (1.0 - uniforms) * math.exp(-2.0 * kappa)) / kappa


def fisher_points(kappa, count, radius=1.0):
    """Points (count, 3) of that law around the last axis."""
    cosines = fisher_cosines(kappa, count)
    angles = np.random.default_rng(6).uniform(0.0, 2.0 * math.pi, count)
    sines = np.sqrt(1.0 - cosines**2)
    return radius * np.stack([sines * np.cos(angles), sines * np.sin(angles), cosines], axis=1)


def sphere_in_field(force, radius=1.0, stiffness=100.0):
    return manifolds.with_field(manifolds.sphere(3, stiffness, radius), potentials.linear(3, force))


def cosine_after(surface, theta, integrator, start, *, time, dt, measure=None, radius=1.0, seed=3):
    """Mean cosine to the last axis after a time, its standard error, and the run."""
    run = simulate(
        Problem(surface, theta, "projected", measure), integrator, walkers=len(start), steps=round(time / dt), dt=dt,
        seed=seed, start=Start(start, first_step=0),
    )  # fmt: skip
    last = run.states[:, -1, -1] / radius
    return last.mean(), last.std() / math.sqrt(len(last)), run
