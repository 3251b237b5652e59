"""The contracts of walls: starts inside, and mirrored paths that preserve the uniform distribution."""

from __future__ import annotations

import numpy as np

from langevin.landscapes.trial import values
from langevin.types import FloatArray, Kernel, Landscape

#: Name of a contract, whether it is kept, and what was seen.
Seen = tuple[str, bool, str]
#: Length of a path over the size of the region where walkers start.
SPREAD = 0.1
#: Number of test paths for `bounce`; paths are made longer until a sufficient fraction of them has met a wall.
WAYS = 64
MET = 0.25
#: Relative length by which a path is extended to find its direction at the end.
LONGER = 1e-6


def start_within(manifold: Landscape, walls: Kernel) -> Seen:
    """Whether walkers start between the walls."""
    uniforms = np.random.default_rng(2).uniform(0.01, 0.99, (WAYS, manifold.dim))
    beyond = values(walls, np.ascontiguousarray(manifold.start(uniforms, 1.0).T), (), manifold.parameters)
    fine = bool((beyond <= 0.0).all())
    seen = f"{-beyond.max():.3g} or more inside" if fine else f"beyond by {beyond.max():.3g}"
    return "start within the walls", fine, seen


def bounces(manifold: Landscape, bounce: Kernel, seed: int) -> list[Seen]:
    """Mirrored paths end inside, free paths are unchanged, and a reversed path returns to its start.

    The last property preserves the uniform distribution: as many paths lead from one point to another as back. The
    reversed path starts against the direction of arrival, which an extended path shows.
    """
    generator = np.random.default_rng(seed)
    starts = manifold.start(generator.uniform(0.05, 0.95, (WAYS, manifold.dim)), 1.0)
    scale = float(np.abs(starts).max()) or 1.0
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
            return [("bounce", False, f"ways as long as {length:.3g} meet no wall")]
    ways = length * directions
    arrived = ends(ways, places)
    heading = (ends((1.0 + LONGER) * ways, places) - arrived) / LONGER
    back = float(apart(ends(-heading, arrived), places).max()) / length
    short = LONGER * ways
    free = float(np.mean(apart(ends(short, arrived), arrived + short) <= 1e-12 * scale))
    if manifold.walls:
        outside = float(values(manifold.walls, arrived, (), manifold.parameters).max())
    else:
        outside = float(apart(ends(0.0 * ways, arrived), arrived).max())
    return [
        ("bounce ends inside", outside <= 1e-12 * scale, f"beyond the walls by {max(outside, 0.0):.1e}"),
        ("bounce of a free way", free >= 0.9, f"{free:.0%} of short ways unchanged"),
        ("bounce of the reversed kick", back <= 1e-6, f"misses the start by {back:.1e} of its length"),
    ]
