"""User-defined landscapes: cost of a step compared with built-in ones; projected steps compared with free ones.

`ratio` is the cost of the first column divided by that of the second: median and range over rounds. `limit` is the
largest allowed ratio; a text in its place says why there is none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.timing import rounds, show_ratio, table
from langevin.types import Watch

SIZE = {"walkers": 10_000, "steps": 500, "watch": Watch(threads=1)}


def well_value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = (x[0, lane] * x[0, lane] - 1.0) ** 2


def well_gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = 4.0 * x[0, lane] * (x[0, lane] * x[0, lane] - 1.0)


def one_value(x, out, lane, parameters):
    out[lane] = (x[0, lane] * x[0, lane] - 1.0) ** 2


def one_gradient(x, out, lane, parameters):
    out[0, lane] = 4.0 * x[0, lane] * (x[0, lane] * x[0, lane] - 1.0)


def circle(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = 0.5 * (x[0, lane] ** 2 + x[1, lane] ** 2 + x[2, lane] ** 2 - 1.0)


def circle_slope(x, out, parameters):
    for i in range(3):
        for lane in range(x.shape[1]):
            out[0, i, lane] = x[i, lane]


def circle_return(x, move, scratch, status, parameters):
    for lane in range(x.shape[1]):
        own = x[0, lane] ** 2 + x[1, lane] ** 2 + x[2, lane] ** 2
        mixed = x[0, lane] * move[0, lane] + x[1, lane] * move[1, lane] + x[2, lane] * move[2, lane]
        other = move[0, lane] ** 2 + move[1, lane] ** 2 + move[2, lane] ** 2
        square = mixed * mixed - own * (other - 1.0)
        scratch[0, lane] = (np.sqrt(max(square, 0.0)) - mixed) / own if square > 0.0 else np.nan
    for lane in range(x.shape[1]):
        if status[lane] == 0 and not scratch[0, lane] > 0.0:
            status[lane] = 4
    for i in range(3):
        for lane in range(x.shape[1]):
            x[i, lane] = scratch[0, lane] * x[i, lane] + move[i, lane] if status[lane] == 0 else x[i, lane]


def one_circle(x, out, lane, parameters):
    out[0, lane] = 0.5 * (x[0, lane] ** 2 + x[1, lane] ** 2 + x[2, lane] ** 2 - 1.0)


def one_circle_slope(x, out, lane, parameters):
    for i in range(3):
        out[0, i, lane] = x[i, lane]


def runs():
    """Name to a callable of a seed."""
    from langevin import Problem, Start, integrators, lanewise, manifolds, potentials, simulate

    def soft(landscape):
        return lambda seed: simulate(
            Problem(landscape, 0.5), dt=1e-3, seed=seed, start=Start(np.ones(1), first_step=0), **SIZE
        )

    def on_sphere(landscape, dim=3):
        problem = Problem(landscape, 0.1, "projected", "surface")
        size = SIZE if dim < 10 else SIZE | {"walkers": 1000}
        return lambda seed: simulate(
            problem, dt=1e-3 / dim, seed=seed, start=Start(np.eye(dim)[0], first_step=0), **size
        )

    def by(projection, noise):
        own = own_sphere(circle, circle_slope)
        step = integrators.projected(projection, noise)
        return lambda seed: simulate(
            Problem(own, 0.1, "projected", step.measure), step, dt=1e-3, seed=seed,
            start=Start(np.eye(3)[0], first_step=0), **SIZE,
        )  # fmt: skip

    def free(dim):
        size = SIZE if dim < 10 else SIZE | {"walkers": 1000}
        problem = Problem(manifolds.cube(dim), 0.1, "reflected")
        return lambda seed: simulate(problem, dt=1e-3, seed=seed, **size)

    def shell(dim):
        problem = Problem(manifolds.sphere(dim), 0.1)
        size = SIZE if dim < 10 else SIZE | {"walkers": 1000}
        return lambda seed: simulate(problem, dt=1e-3, seed=seed, **size)

    def own_sphere(residual, jacobian, **closed):
        return manifolds.constraint(residual, jacobian, dim=3, codim=1, start=np.eye(3)[0], **closed)

    lane_well = potentials.potential(lanewise(one_value), lanewise(one_gradient), dim=1, stiffness=100.0)
    lane_sphere = own_sphere(lanewise(one_circle), lanewise(one_circle_slope))
    return {
        "double well, built in": soft(potentials.double_well()),
        "double well, own block function": soft(
            potentials.potential(well_value, well_gradient, dim=1, stiffness=100.0)
        ),
        "double well, own function of one walker": soft(lane_well),
        "double well, own formula": soft(
            potentials.from_expression("(x**2 - 1)**2", stiffness=100.0, start=[1.0])
        ),
        "double well, own function in jax.numpy": soft(
            potentials.from_jax(lambda x: (x[0] ** 2 - 1) ** 2, 1, stiffness=100.0, start=[1.0])
        ),
        "sphere, built in": on_sphere(manifolds.sphere(3)),
        "sphere, built in, without its closed form": on_sphere(replace(manifolds.sphere(3), retract=None)),
        "sphere, own block residual, closed form of the retraction": on_sphere(
            own_sphere(circle, circle_slope, retract=circle_return, retract_rows=1)
        ),
        "sphere, own block residual": on_sphere(own_sphere(circle, circle_slope)),
        "sphere, own block residual, midpoint (measure gibbs)": by("midpoint", "isotropic"),
        "sphere, own block residual, flow": by("flow", "isotropic"),
        "sphere, own block residual, nearest point": by("nearest", "isotropic"),
        "sphere, own residual of one walker": on_sphere(lane_sphere),
        "sphere, own formula": on_sphere(
            manifolds.from_expression("(x**2 + y**2 + z**2 - 1) / 2", start=np.eye(3)[0])
        ),
        "soft step on the sphere, d = 3": shell(3),
        "free step, d = 3": free(3),
        "sphere in R^100": on_sphere(manifolds.sphere(100), 100),
        "soft step on the sphere, d = 100": shell(100),
        "free step, d = 100": free(100),
    }


PAIRS = (
    ("double well, own block function", "double well, built in", 1.3),
    ("double well, own function of one walker", "double well, built in", 3.0),
    ("sphere, own block residual, closed form of the retraction", "sphere, built in", 1.3),
    ("sphere, own block residual", "sphere, built in, without its closed form", 1.3),
    ("sphere, own residual of one walker", "sphere, built in, without its closed form", 3.0),
    ("sphere, own formula", "sphere, own block residual", 1.3),
    ("sphere, own block residual, midpoint (measure gibbs)", "sphere, own block residual", 2.0),
    ("sphere, own block residual, nearest point", "sphere, own block residual", 2.0),
    (
        "sphere, own block residual, flow",
        "sphere, own block residual",
        "none: the midpoint has the same law at less cost",
    ),
    ("sphere, own block residual", "sphere, built in", "none: a residual gives no closed form"),
    ("sphere, built in", "soft step on the sphere, d = 3", 1.5),
    ("sphere in R^100", "soft step on the sphere, d = 100", 1.5),
    ("sphere, built in", "free step, d = 3", "none: free steps have no forces"),
    ("sphere in R^100", "free step, d = 100", "none: free steps have no forces"),
)


def measure(repeats=7):
    """The table of ratios, each with its limit."""
    seconds = rounds(runs(), repeats)
    rows = [(one, other, show_ratio(seconds[one], seconds[other]), bound) for one, other, bound in PAIRS]
    return table(("cost of", "compared with", "ratio (range)", "limit"), rows)
