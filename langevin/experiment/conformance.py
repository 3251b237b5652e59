"""The contracts of a landscape, tried at random points near its start by finite differences."""

from __future__ import annotations

import numpy as np

from langevin.experiment.conformance_tools import (
    SPREAD,
    TOLERANCE,
    Finding,
    agreement,
    call,
    differences,
)
from langevin.experiment.conformance_walls import bounces, folds, start_within
from langevin.kernels.targets import targets_of
from langevin.types import FloatArray, Kernel, Landscape

LANES = 5


def conformance(landscape: Landscape, seed: int = 0) -> list[Finding]:
    """Try every contract that the landscape's kernels make; the kernels run as plain Python."""
    points = _points(landscape, seed)
    found = [_finite_start(landscape)]
    if landscape.value and landscape.gradient:
        numeric = differences(landscape.value, points, (), landscape.parameters)
        given = call(landscape.gradient, points, (landscape.dim,), landscape.parameters)
        found.append(agreement("gradient of the value", given, numeric))
    if landscape.residual and landscape.jacobian:
        found += _surface(landscape, points)
    if landscape.retract:
        found.append(_returns(landscape, landscape.retract, seed))
    if landscape.fold:
        found.append(folds(landscape, points, landscape.fold))
    if landscape.walls:
        found.append(start_within(landscape, landscape.walls))
    if landscape.bounce:
        found += bounces(landscape, landscape.bounce, seed)
    for target in targets_of(landscape):
        distance = call(target, points, (), landscape.parameters)
        found.append(Finding("target distance", bool(np.isfinite(distance).all()), "finite"))
    return found


def _points(landscape: Landscape, seed: int) -> FloatArray:
    """(dim, lanes): starts, moved a little so that nothing vanishes by symmetry."""
    generator = np.random.default_rng(seed)
    starts = landscape.start(generator.uniform(0.05, 0.95, (LANES, landscape.dim)), 1.0)
    scale = SPREAD * (1.0 + np.abs(starts).max())
    return np.ascontiguousarray((starts + scale * generator.uniform(-1.0, 1.0, starts.shape)).T)


def _surface(manifold: Landscape, points: FloatArray) -> list[Finding]:
    assert manifold.residual and manifold.jacobian
    shape = (manifold.codim,)
    J = call(manifold.jacobian, points, (manifold.codim, manifold.dim), manifold.parameters)
    found = [
        agreement(
            "Jacobian of the residual", J, differences(manifold.residual, points, shape, manifold.parameters)
        )
    ]
    if manifold.gradient:
        r = call(manifold.residual, points, shape, manifold.parameters)
        gradient = call(manifold.gradient, points, (manifold.dim,), manifold.parameters)
        found.append(agreement("gradient as J^T r", gradient, np.einsum("ail,al->il", J, r)))
    return found


def _returns(manifold: Landscape, retract: Kernel, seed: int) -> Finding:
    """The closed-form return ends on the surface, and at a place that differs from x + move along the normals at x."""
    assert manifold.residual and manifold.jacobian
    generator = np.random.default_rng(seed)
    starts = manifold.start(generator.uniform(0.05, 0.95, (LANES, manifold.dim)), 1.0)
    size = SPREAD * (1.0 + float(np.abs(starts).max())) / np.sqrt(manifold.dim)
    before = np.ascontiguousarray(starts.T)
    moves = size * generator.standard_normal(before.shape)
    after, status = before.copy(), np.zeros(LANES, np.int8)
    retract(after, moves.copy(), np.empty((manifold.retract_rows, LANES)), status, manifold.parameters)
    if status.any():
        return Finding(
            "return", False, f"{int((status != 0).sum())} of {LANES} short moves came to no return"
        )
    J = np.moveaxis(
        call(manifold.jacobian, before, (manifold.codim, manifold.dim), manifold.parameters), 2, 0
    )
    there = np.moveaxis(
        call(manifold.jacobian, after, (manifold.codim, manifold.dim), manifold.parameters), 2, 0
    )
    r = call(manifold.residual, after, (manifold.codim,), manifold.parameters)
    off = max(np.linalg.norm(np.linalg.lstsq(there[i], r[:, i], rcond=None)[0]) for i in range(LANES)) / size
    slip = (after - before - moves).T
    along = [slip[i] - J[i].T @ np.linalg.lstsq(J[i].T, slip[i], rcond=None)[0] for i in range(LANES)]
    aside = float(np.linalg.norm(along, axis=1).max()) / size
    detail = f"ends {off:.1e} of a move off the surface and {aside:.1e} off the normals at the start"
    return Finding("return", bool(max(off, aside) <= TOLERANCE), detail)


def _finite_start(landscape: Landscape) -> Finding:
    uniforms = np.random.default_rng(1).uniform(0.01, 0.99, (LANES, landscape.dim))
    states = landscape.start(uniforms, 1.0)
    fine = states.shape == uniforms.shape and bool(np.isfinite(states).all())
    return Finding(
        "start", fine, f"finite states of shape {states.shape}" if fine else f"shape {states.shape}"
    )
