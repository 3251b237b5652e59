"""The contract of a closed-form retraction: it moves x + move along the normals at x and ends on the surface."""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.landscapes.cloud import Cloud
from langevin.landscapes.trial import values
from langevin.types import Kernel, Landscape

#: Number of moves, their length over |x| or the size of the cloud, and the allowed error of an end point over this
#: length.
MOVES, LENGTH, OFF = 8, 0.01, 1e-6
#: Round-off of the end point of a move, over |x|.
ROUND_OFF = 1e-12


def returns(landscape: Landscape, retract: Kernel, cloud: Cloud) -> tuple[str, bool, str]:
    """Name of the contract, whether it is kept, and what was seen, for short moves from the first point of the cloud.

    The test is needed because `dataclasses.replace` can combine an old retraction with a new residual. A move for which
    the kernel finds no retraction does not count, unless most moves are of this kind.
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
    remedy = "it belongs to other equations: give retract=None with a new residual, or a return of its own"
    try:
        with np.errstate(all="ignore"):
            getattr(retract, "py_func", retract)(after, moves.copy(), scratch, status, landscape.parameters)
    except Exception as error:
        said = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        asked = f"x and move of shape {before.shape}, scratch of shape {scratch.shape}"
        return "return", False, f"the kernel `retract` fails for {asked}: {said}"
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
    most = OFF * length + ROUND_OFF * size
    seen = f"a move of length {length:.2g} ends {off:.1e} off the surface and {aside:.1e} off the normals at its start"
    return "return", bool(max(off, aside) <= most), seen if max(off, aside) <= most else f"{seen}: {remedy}"


def keeps_tangent(landscape: Landscape, tangent: Kernel) -> tuple[str, bool, str]:
    """Name of the contract, whether it is kept, and what was seen: `tangent` must remove the normal part of moves."""
    assert landscape.jacobian
    before = np.repeat(landscape.start(np.full((1, landscape.dim), 0.5), 0.0).T, MOVES, axis=1)
    moves = np.random.default_rng(4).standard_normal(before.shape)
    kept, scratch = moves.copy(), np.full((landscape.retract_rows, MOVES), np.nan)
    try:
        getattr(tangent, "py_func", tangent)(before, kept, scratch, landscape.parameters)
    except Exception as error:
        said = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        return "tangent part", False, f"the kernel `tangent` fails for moves of shape {moves.shape}: {said}"
    J = values(landscape.jacobian, before[:, :1], (landscape.codim, landscape.dim), landscape.parameters)[
        :, :, 0
    ]
    exact = moves - J.T @ np.linalg.lstsq(J.T, moves, rcond=None)[0]
    off = float(np.abs(kept - exact).max()) if np.isfinite(kept).all() else float("inf")
    seen = f"the tangent part of a move of length 1 is {off:.1e} off that by the Jacobian"
    remedy = "it belongs to other equations: give tangent=None with a new residual, or a kernel of its own"
    return "tangent part", off <= OFF, seen if off <= OFF else f"{seen}: {remedy}"


def _norm(vector: Any) -> float:
    return float(np.linalg.norm(vector))
