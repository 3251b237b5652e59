"""The contracts of walls: starts inside, and mirrored ways that keep the uniform law."""

from __future__ import annotations

import numpy as np

from langevin.experiment.conformance_tools import SPREAD, Finding, call
from langevin.types import FloatArray, Kernel, Landscape

#: Ways tried against walls that bounce; they are made longer until so large a part of them has met a wall.
WAYS = 64
MET = 0.25
#: What a way is prolonged by to see where it is heading.
LONGER = 1e-6


def folds(manifold: Landscape, points: FloatArray, fold: Kernel) -> Finding:
    """Whether what has been folded is inside: another fold leaves it alone."""
    once = points.copy()
    fold(once, manifold.parameters)
    twice = once.copy()
    fold(twice, manifold.parameters)
    same = bool(np.allclose(once, twice, rtol=0.0, atol=1e-12))
    return Finding(
        "walls", same, "folding twice is folding once" if same else "folding twice moves a point again"
    )


def start_within(manifold: Landscape, walls: Kernel) -> Finding:
    """Whether walkers start between the walls."""
    uniforms = np.random.default_rng(2).uniform(0.01, 0.99, (WAYS, manifold.dim))
    beyond = call(walls, np.ascontiguousarray(manifold.start(uniforms, 1.0).T), (), manifold.parameters)
    fine = bool((beyond <= 0.0).all())
    return Finding(
        "start within the walls",
        fine,
        f"{-beyond.max():.3g} or more inside" if fine else f"beyond by {beyond.max():.3g}",
    )


def bounces(manifold: Landscape, bounce: Kernel, seed: int) -> list[Finding]:
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
        outside = float(call(manifold.walls, arrived, (), manifold.parameters).max())
    else:
        outside = float(apart(ends(0.0 * ways, arrived), arrived).max())
    return [
        Finding(
            "bounce ends inside", outside <= 1e-12 * scale, f"beyond the walls by {max(outside, 0.0):.1e}"
        ),
        Finding("bounce of a free way", free >= 0.9, f"{free:.0%} of short ways unchanged"),
        Finding("bounce of the way back", back <= 1e-6, f"misses the start by {back:.1e} of its length"),
    ]
