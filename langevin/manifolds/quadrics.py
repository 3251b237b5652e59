"""Common points of random ellipsoids: a compact set of any dimension and any number of equations."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import unfit
from langevin.kernels.lane_matrices import add_dot
from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.starts import all_at
from langevin.types import FloatArray, Landscape


def quadrics(
    dim: int = 10,
    equations: int = 3,
    stiffness: float = 100.0,
    radius: float = 1.0,
    spread: float = 0.3,
    seed: int = 0,
) -> Landscape:
    """Zero set of r_a = sqrt(k) (x^T Q_a x - c_a) / (2 R) with Q_a = 1 + s S_a, S_a random symmetric of norm 1.

    Each single equation gives an ellipsoid. Walkers start at a random point of the sphere of radius R; the levels c_a
    are chosen so that the set contains this point. The set may have several sheets; a walk stays on its sheet. The set
    lies between two radii (`radii_of`). The largest curvature is the bound k m (1 + s)^2 (outer radius / R)^2 on J J^T,
    plus the effect of the temperature.

    Args:
        dim: number of coordinates.
        equations: number m of ellipsoids, below dim.
        stiffness: k.
        radius: R.
        spread: s, the deviation of the ellipsoids from spheres, 0 < s < 1; as s goes to 0 the equations become
            dependent.
        seed: seed of the matrices and of the start.
    """
    if (
        not 1 <= equations < dim
        or not 0.0 < spread < 1.0
        or not 0.0 < stiffness < math.inf
        or not 0.0 < radius < math.inf
        or seed < 0
    ):
        raise unfit(
            "quadrics",
            "needs 1 <= equations < dim, 0 < spread < 1, stiffness > 0, radius > 0, seed >= 0",
            f""
            f"dim={dim}, equations={equations}, stiffness={stiffness}, radius={radius}, spread={spread}, seed={seed}",
        )
    matrices, levels, place = _drawn(dim, equations, radius, spread, seed)
    outer = _outer_radius(radius, spread)
    most = (
        (1.0 + spread) * math.sqrt(equations * stiffness) / radius
    )  # norm of sum_a v_a Q_a sqrt(k) / R, |v| = 1
    return Landscape(
        name="quadrics",
        dim=dim,
        codim=equations,
        parameters=(
            math.sqrt(stiffness) / radius * matrices.ravel(),
            0.5 * math.sqrt(stiffness) / radius * levels,
        ),
        start=all_at(place),
        stiffness=lambda temperature: (most * outer) ** 2 + most * math.sqrt(20.0 * temperature),
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, equations),
        gradient=gradient_of(residual, jacobian, equations),
        samples=equations,
        dials={
            "dim": dim,
            "equations": equations,
            "stiffness": stiffness,
            "radius": radius,
            "spread": spread,
            "seed": seed,
        },
    )


def _drawn(
    dim: int, equations: int, radius: float, spread: float, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Matrices Q (equations, dim, dim), levels c (equations,) and the start (dim,)."""
    generator = np.random.default_rng(seed)
    matrices = generator.standard_normal((equations, dim, dim))
    matrices += matrices.transpose(0, 2, 1)
    matrices *= spread / np.linalg.norm(matrices, 2, axis=(1, 2), keepdims=True)
    matrices += np.eye(dim)
    place = generator.standard_normal(dim)
    place *= radius / np.linalg.norm(place)
    return matrices, np.einsum("i,aij,j->a", place, matrices, place), place


def _outer_radius(radius: float, spread: float) -> float:
    return radius * math.sqrt((1.0 + spread) / (1.0 - spread))


def forms_of(quadrics: Landscape) -> tuple[FloatArray, FloatArray]:
    """Matrices Q (equations, dim, dim) and levels c (equations,): the set is x^T Q_a x = c_a."""
    matrices, levels, _ = _drawn(
        *(quadrics.dials[name] for name in ("dim", "equations", "radius", "spread", "seed"))
    )
    return matrices, levels


def radii_of(quadrics: Landscape) -> tuple[float, float]:
    """The radii R ((1 - s) / (1 + s))^(+-1/2) between which the set lies."""
    radius = quadrics.dials["radius"]
    outer = _outer_radius(radius, quadrics.dials["spread"])
    return radius**2 / outer, outer


def residual(x, out, parameters):
    """r_a = x^T N_a x / 2 - l_a, with N = sqrt(k) Q / R and l = sqrt(k) c / (2 R); half of N is enough."""
    numbers, levels = parameters
    dim, lanes = x.shape
    row = np.empty(lanes)
    for a in range(levels.size):
        for lane in range(lanes):
            out[a, lane] = -levels[a]
        for i in range(dim):
            place = (a * dim + i) * dim + i
            for lane in range(lanes):
                row[lane] = 0.5 * numbers[place] * x[i, lane]
            add_dot(row, numbers, place + 1, 1, x, i + 1, 1, dim - 1 - i)
            for lane in range(lanes):
                out[a, lane] += x[i, lane] * row[lane]


def jacobian(x, out, parameters):
    """dr_a/dx = N_a x."""
    numbers, levels = parameters
    dim, lanes = x.shape
    for a in range(levels.size):
        for i in range(dim):
            for lane in range(lanes):
                out[a, i, lane] = 0.0
            add_dot(out[a, i], numbers, (a * dim + i) * dim, 1, x, 0, 1, dim)
