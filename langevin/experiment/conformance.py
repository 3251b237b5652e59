"""The contracts of a landscape, tried at random points near its start by finite differences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from langevin.kernels.targets import targets_of
from langevin.types import FloatArray, Kernel, Landscape, Manifold, Parameters

LANES = 5
SPREAD = 0.1
#: Error of a central difference with the step eps^(1/3): of order eps^(2/3) = 4e-11, times derivatives.
TOLERANCE = 1e-6
DIFFERENCE = float(np.finfo(np.float64).eps ** (1.0 / 3.0))
#: Ways tried against walls that bounce; they are made longer until so large a part of them has met a wall.
WAYS = 64
MET = 0.25
#: What a way is prolonged by to see where it is heading.
LONGER = 1e-6


class Finding(NamedTuple):
    """One contract: did it hold, and what was seen."""

    name: str
    passed: bool
    detail: str


def conformance(landscape: Landscape, seed: int = 0) -> list[Finding]:
    """Try every contract that the landscape's kernels make; the kernels run as plain Python."""
    points = _points(landscape, seed)
    found = [_finite_start(landscape)]
    if landscape.value and landscape.gradient:
        numeric = _differences(landscape.value, points, (), landscape.parameters)
        given = _call(landscape.gradient, points, (landscape.dim,), landscape.parameters)
        found.append(_agreement("gradient of the value", given, numeric))
    if isinstance(landscape, Manifold) and landscape.residual and landscape.jacobian:
        found += _surface(landscape, points)
    if isinstance(landscape, Manifold) and landscape.fold:
        found.append(_walls(landscape, points, landscape.fold))
    if isinstance(landscape, Manifold) and landscape.walls:
        found.append(_start_within(landscape, landscape.walls))
    if isinstance(landscape, Manifold) and landscape.bounce:
        found += _bounces(landscape, landscape.bounce, seed)
    for target in targets_of(landscape):
        distance = _call(target, points, (), landscape.parameters)
        found.append(Finding("target distance", bool(np.isfinite(distance).all()), "finite"))
    return found


def _points(landscape: Landscape, seed: int) -> FloatArray:
    """(dim, lanes): starts, moved a little so that nothing vanishes by symmetry."""
    generator = np.random.default_rng(seed)
    starts = landscape.start(generator.uniform(0.05, 0.95, (LANES, landscape.dim)), 1.0)
    scale = SPREAD * (1.0 + np.abs(starts).max())
    return np.ascontiguousarray((starts + scale * generator.uniform(-1.0, 1.0, starts.shape)).T)


def _call(kernel: Kernel, x: FloatArray, shape: tuple[int, ...], parameters: Parameters) -> FloatArray:
    out = np.full((*shape, x.shape[1]), np.nan)
    kernel(x.copy(), out, parameters)
    return out


def _differences(kernel: Kernel, x: FloatArray, shape: tuple[int, ...], parameters: Parameters) -> FloatArray:
    """Central differences of a kernel, (*shape, dim, lanes)."""
    slopes = np.empty((*shape, *x.shape))
    for i in range(x.shape[0]):
        step = DIFFERENCE * (1.0 + np.abs(x[i]))
        ahead, behind = x.copy(), x.copy()
        ahead[i] += step
        behind[i] -= step
        rise = _call(kernel, ahead, shape, parameters) - _call(kernel, behind, shape, parameters)
        slopes[..., i, :] = rise / (ahead[i] - behind[i])
    return slopes


def _agreement(name: str, given: FloatArray, numeric: FloatArray) -> Finding:
    if not np.isfinite(given).all():
        return Finding(name, False, "some entries were not written, or are not finite")
    scale = float(np.abs(numeric).max()) + float(np.abs(given).max()) + 1e-300
    error = np.abs(given - numeric) / scale
    worst = np.unravel_index(int(np.argmax(error)), error.shape)
    size = float(error[worst])
    place = ", ".join(str(int(index)) for index in worst[:-1])
    if size <= TOLERANCE:
        return Finding(name, True, f"relative difference {size:.1e} from finite differences")
    return Finding(
        name,
        False,
        f"component ({place}) is {given[worst]:.6g}, finite differences give {numeric[worst]:.6g}",
    )


def _surface(manifold: Manifold, points: FloatArray) -> list[Finding]:
    assert manifold.residual and manifold.jacobian
    shape = (manifold.codim,)
    J = _call(manifold.jacobian, points, (manifold.codim, manifold.dim), manifold.parameters)
    found = [
        _agreement(
            "Jacobian of the residual", J, _differences(manifold.residual, points, shape, manifold.parameters)
        )
    ]
    if manifold.gradient:
        r = _call(manifold.residual, points, shape, manifold.parameters)
        gradient = _call(manifold.gradient, points, (manifold.dim,), manifold.parameters)
        found.append(_agreement("gradient as J^T r", gradient, np.einsum("ail,al->il", J, r)))
    return found


def _finite_start(landscape: Landscape) -> Finding:
    uniforms = np.random.default_rng(1).uniform(0.01, 0.99, (LANES, landscape.dim))
    states = landscape.start(uniforms, 1.0)
    fine = states.shape == uniforms.shape and bool(np.isfinite(states).all())
    return Finding(
        "start", fine, f"finite states of shape {states.shape}" if fine else f"shape {states.shape}"
    )


def _walls(manifold: Manifold, points: FloatArray, fold: Kernel) -> Finding:
    once = points.copy()
    fold(once, manifold.parameters)
    twice = once.copy()
    fold(twice, manifold.parameters)
    same = bool(np.allclose(once, twice, rtol=0.0, atol=1e-12))
    return Finding(
        "walls", same, "folding twice is folding once" if same else "folding twice moves a point again"
    )


def _start_within(manifold: Manifold, walls: Kernel) -> Finding:
    uniforms = np.random.default_rng(2).uniform(0.01, 0.99, (WAYS, manifold.dim))
    beyond = _call(walls, np.ascontiguousarray(manifold.start(uniforms, 1.0).T), (), manifold.parameters)
    fine = bool((beyond <= 0.0).all())
    return Finding(
        "start within the walls",
        fine,
        f"{-beyond.max():.3g} or more inside" if fine else f"beyond by {beyond.max():.3g}",
    )


def _bounces(manifold: Manifold, bounce: Kernel, seed: int) -> list[Finding]:
    """Mirrored ways end inside, leave free ones alone, and lead back when they are walked backwards.

    The last keeps the uniform law: it makes as many ways lead from a place to another as from there to it. The way
    back sets out against the direction of arrival, which a prolonged way shows.
    """
    generator = np.random.default_rng(seed)
    starts = manifold.start(generator.uniform(0.05, 0.95, (WAYS, manifold.dim)), 1.0)
    scale = 1.0 + float(np.abs(starts).max())
    first, directions = generator.standard_normal((2, manifold.dim, WAYS))
    directions /= np.linalg.norm(directions, axis=0)

    def ends(ways: FloatArray, before: FloatArray) -> FloatArray:
        moved = before + ways
        bounce(moved, before.copy(), manifold.parameters)
        return moved

    def apart(one: FloatArray, other: FloatArray) -> FloatArray:
        return np.asarray(np.linalg.norm(one - other, axis=0), np.float64)

    places = ends(SPREAD * scale * first, np.ascontiguousarray(starts.T))
    length = SPREAD**2 * scale
    while (
        np.mean(apart(ends(length * directions, places), places + length * directions) > 1e-12 * scale) < MET
    ):
        length *= 2.0
        if length > 1e6 * scale:
            return [Finding("bounce", False, f"ways as long as {length:.3g} meet no wall")]
    ways = length * directions
    arrived = ends(ways, places)
    heading = (ends((1.0 + LONGER) * ways, places) - arrived) / LONGER
    back = float(apart(ends(-heading, arrived), places).max()) / length
    short = LONGER * ways
    free = float(np.mean(apart(ends(short, arrived), arrived + short) <= 1e-12 * scale))
    if manifold.walls:
        outside = float(_call(manifold.walls, arrived, (), manifold.parameters).max())
    else:
        outside = float(apart(ends(0.0 * ways, arrived), arrived).max())
    return [
        Finding(
            "bounce ends inside", outside <= 1e-12 * scale, f"beyond the walls by {max(outside, 0.0):.1e}"
        ),
        Finding("bounce of a free way", free >= 0.9, f"{free:.0%} of short ways unchanged"),
        Finding("bounce of the way back", back <= 1e-6, f"misses the start by {back:.1e} of its length"),
    ]
