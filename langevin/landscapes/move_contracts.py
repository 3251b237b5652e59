"""The contracts of kernels that move walkers back: by mirrors at walls, by a fold, and by a closed-form retraction.

Mirrored paths and folds preserve the uniform distribution, and walkers start within walls. A retraction moves x + move
along the normals at x and ends on the surface.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.landscapes.starts import Cloud, usual_point
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
#: Number of rays from the start on which walls are searched, and of bisections that locate them.
RAYS, BISECTIONS = 12, 24
#: Displacement of a point beyond a wall that shows whether a fold keeps lengths, over its distance from its image.
MOVED = 1e-5
#: Round-off of a point over its size, and the allowed relative error of lengths beyond a curved wall.
ROUND_OFF, BENT = 1e-9, 0.05
Fold = Callable[[FloatArray], FloatArray]
#: Number of moves, their length over |x| or the size of the cloud, and the allowed error of an end point over this
#: length.
MOVES, LENGTH, OFF = 8, 0.01, 1e-6
#: Round-off of the end point of a move, over |x|.
END_ROUND_OFF = 1e-12


def start_within(manifold: Landscape, walls: Kernel) -> Seen:
    """Whether walkers start between the walls.

    Args:
        manifold: with starts.
        walls: kernel of the walls.
    """
    uniforms = np.random.default_rng(2).uniform(0.01, 0.99, (WAYS, manifold.dim))
    beyond = values(walls, np.ascontiguousarray(manifold.start(uniforms, 1.0).T), (), manifold.parameters)
    fine = bool((beyond <= 0.0).all())
    seen = f"{-beyond.max():.3g} or more inside" if fine else f"beyond by {beyond.max():.3g}"
    return "start within the walls", fine, seen


def bounces(manifold: Landscape, bounce: Kernel, seed: int) -> list[Seen]:
    """Mirrored paths end inside, free paths are unchanged, and a reversed path returns to its start.

    The last property preserves the uniform distribution: as many paths lead from one point to another as back. The
    reversed path starts against the direction of arrival, which an extended path shows.

    Args:
        manifold: with mirrors.
        bounce: kernel of the mirrors.
        seed: of the random paths.
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


def folds(landscape: Landscape, fold: Kernel, cloud: Cloud) -> tuple[str, bool, str]:
    """Name of the contract, whether it is kept, and what was seen half a step beyond the walls.

    Args:
        landscape: with mirrors.
        fold: kernel of the mirrors.
        cloud: points near the start.
    """
    start = np.repeat(usual_point(landscape)[:, None], RAYS, axis=1)
    tiny = ROUND_OFF * (float(np.abs(start).max()) + cloud.step)

    def folded(x: FloatArray) -> FloatArray:
        moved = np.array(x, order="C")
        with np.errstate(all="ignore"):
            getattr(fold, "py_func", fold)(moved, landscape.parameters)
        return moved

    try:
        if not (_apart(folded(start), start) <= tiny).all():
            return "walls", False, "folding moves the start"
        wall, there = _beyond(folded, start, tiny, cloud)
        if not wall.size:
            return "walls", True, f"none within {cloud.farthest:.3g} of the start"
        wrong = _wrong(folded, wall, there, tiny)
    except Exception as error:
        wrong = f"the kernel `fold` fails for x of shape {start.shape}: {type(error).__name__}: {error}"
    return "walls", wrong is None, wrong or "places beyond the walls are mirrored"


def returns(landscape: Landscape, retract: Kernel, cloud: Cloud) -> tuple[str, bool, str]:
    """Name of the contract, whether it is kept, and what was seen, for short moves from the first point of the cloud.

    The test is needed because `dataclasses.replace` can combine an old retraction with a new residual. A move for which
    the kernel finds no retraction does not count, unless most moves are of this kind.

    Args:
        landscape: a surface, with a residual and a Jacobian.
        retract: kernel of the retraction.
        cloud: points near the start.
    """
    assert landscape.residual and landscape.jacobian
    start = cloud.points[:, :1]
    size = float(np.linalg.norm(start))
    length = LENGTH * (
        min(size, float(cloud.distances.max())) if size > 0.0 else float(cloud.distances.max())
    )
    before = np.repeat(start, MOVES, axis=1)
    directions = np.random.default_rng(3).standard_normal(before.shape)
    moves = length * directions / np.linalg.norm(directions, axis=0)
    after, status = before.copy(), np.zeros(MOVES, np.int64)
    scratch = np.full((landscape.retract_rows, MOVES), np.nan)
    remedy = "it belongs to other equations: give retract=None with a new residual, or a retraction for it"
    try:
        with np.errstate(all="ignore"):
            getattr(retract, "py_func", retract)(after, moves.copy(), scratch, status, landscape.parameters)
    except Exception as error:
        cause = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        shapes = f"x and move of shape {before.shape}, scratch of shape {scratch.shape}"
        return "return", False, f"the kernel `retract` fails for {shapes}: {cause}"
    found = status == 0
    if 2 * found.sum() < MOVES:
        return (
            "return",
            False,
            f"{int((~found).sum())} of {MOVES} moves of length {length:.2g} came to no return",
        )
    shape = (landscape.codim, landscape.dim)
    J, there = (values(landscape.jacobian, x, shape, landscape.parameters) for x in (before, after))
    r = values(landscape.residual, after, (landscape.codim,), landscape.parameters)
    slip = after - before - moves
    finite = np.isfinite(r).all(axis=0) & np.isfinite(there).all(axis=(0, 1)) & np.isfinite(slip).all(axis=0)
    if not finite[found].all():
        return "return", False, f"a move of length {length:.2g} ends at a place that is not finite: {remedy}"
    off = max(_norm(np.linalg.lstsq(there[:, :, i], r[:, i], rcond=None)[0]) for i in np.flatnonzero(found))
    along = (
        slip[:, i] - J[:, :, i].T @ np.linalg.lstsq(J[:, :, i].T, slip[:, i], rcond=None)[0]
        for i in np.flatnonzero(found)
    )
    aside = max(_norm(part) for part in along)
    most = OFF * length + END_ROUND_OFF * size
    seen = f"a move of length {length:.2g} ends {off:.1e} off the surface and {aside:.1e} off the normals at its start"
    return "return", bool(max(off, aside) <= most), seen if max(off, aside) <= most else f"{seen}: {remedy}"


def keeps_tangent(landscape: Landscape, tangent: Kernel) -> tuple[str, bool, str]:
    """Name of the contract, whether it is kept, and what was seen: `tangent` must remove the normal part of moves.

    Args:
        landscape: a surface, with a residual and a Jacobian.
        tangent: kernel that projects on the tangent space.
    """
    assert landscape.jacobian
    before = np.repeat(landscape.start(np.full((1, landscape.dim), 0.5), 0.0).T, MOVES, axis=1)
    moves = np.random.default_rng(4).standard_normal(before.shape)
    kept, scratch = moves.copy(), np.full((landscape.retract_rows, MOVES), np.nan)
    try:
        getattr(tangent, "py_func", tangent)(before, kept, scratch, landscape.parameters)
    except Exception as error:
        cause = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        return "tangent part", False, f"the kernel `tangent` fails for moves of shape {moves.shape}: {cause}"
    J = values(landscape.jacobian, before[:, :1], (landscape.codim, landscape.dim), landscape.parameters)[
        :, :, 0
    ]
    exact = moves - J.T @ np.linalg.lstsq(J.T, moves, rcond=None)[0]
    off = float(np.abs(kept - exact).max()) if np.isfinite(kept).all() else float("inf")
    seen = f"the tangent part of a move of length 1 is {off:.1e} off that by the Jacobian"
    remedy = "it belongs to other equations: give tangent=None with a new residual, or a kernel for it"
    return "tangent part", off <= OFF, seen if off <= OFF else f"{seen}: {remedy}"


def _beyond(folded: Fold, start: FloatArray, tiny: float, cloud: Cloud) -> tuple[FloatArray, FloatArray]:
    """Points (dim, rays) where rays meet the walls, and points half a step beyond them; less in a very small body."""
    directions = np.random.default_rng(4).standard_normal(start.shape)
    directions /= np.linalg.norm(directions, axis=0)

    def outside(lengths: FloatArray) -> NDArray[np.bool_]:
        places = start + lengths * directions
        return np.asarray(~(_apart(folded(places), places) <= tiny))

    inner, outer, length = np.zeros(RAYS), np.full(RAYS, np.nan), cloud.step
    while length <= cloud.farthest and np.isnan(outer).any():
        outer = np.where(np.isnan(outer) & outside(np.full(RAYS, length)), length, outer)
        inner = np.where(np.isnan(outer), length, inner)
        length *= 2.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (inner + outer)
        beyond = outside(middle)
        inner, outer = np.where(beyond, inner, middle), np.where(beyond, middle, outer)
    met = ~np.isnan(outer)
    over = np.where(inner > 0.0, np.minimum(0.5 * cloud.step, 0.5 * inner), 0.5 * cloud.step)
    return (start + inner * directions)[:, met], (start + (inner + over) * directions)[:, met]


def _wrong(folded: Fold, wall: FloatArray, there: FloatArray, tiny: float) -> str | None:
    """What the fold does wrong at points `there` beyond a `wall`, both (dim, rays); None if it is correct."""
    image = folded(there)
    way = there - image
    if not np.isfinite(image).all():
        return "folding leaves a place that is not finite"
    if not (_apart(folded(image), image) <= tiny).all():
        return "folding twice moves a point again"
    if not (_apart(image, wall) <= (1.0 + BENT) * _apart(there, wall) + tiny).all():
        return "folding carries a place away from the wall that it was beyond"
    with np.errstate(all="ignore"):
        stretched = _apart(folded(there + MOVED * way), image) / (MOVED * np.linalg.norm(way, axis=0))
    # a ray that meets an edge decides nothing, but most rays meet walls: so take the median
    if abs(float(np.nanmedian(stretched)) - 1.0) <= BENT:
        return None
    return (
        f"places beyond the walls are {np.nanmedian(stretched):.3g} times as far apart once folded, and 1 in a mirror: "
        "walkers gather at the walls"
    )


def _apart(one: FloatArray, other: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(one - other, axis=0), np.float64)


def _norm(vector: Any) -> float:
    return float(np.linalg.norm(vector))
