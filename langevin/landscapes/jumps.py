"""Test for jumps of a function: differences along segments are compared with integrals of the slope.

A difference at one point shows a jump only if the jump lies between the two ends of the step. A segment through the
cloud shows every jump that it crosses: the change of the value along it is then not the integral of the slope, with any
number of nodes. If the two differ on the segment and on its halves, the half with the larger difference is halved
again, and so on. At a kink the difference falls with the length of the segment. At a jump it tends to the height of the
jump. At a pole the slope grows as the length falls, and the test does not decide.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from langevin.landscapes.slopes import Values
from langevin.types import FloatArray

#: Gauss-Legendre nodes and weights on a segment.
NODES, WEIGHTS = (part / 2.0 for part in np.polynomial.legendre.leggauss(3))
#: Smallest relevant difference over the size of the terms; a kernel that reads a table may have smaller steps.
LEAST = 1e-6
#: Fraction of a difference that must remain on the halves of a segment, or after some halvings, to indicate a jump.
LEFT = 0.5
#: Segments in a batch; segments that are halved; rounds; halvings in a round (the first removes smooth errors).
BATCH, HALVED, ROUNDS, HALVINGS = 32, 4, 5, 8
#: The largest integral over the last segment, relative to the jump.
FLAT = 0.1


class Jump(NamedTuple):
    """A jump of the values: the row, the point, and the height of the jump."""

    row: int
    place: FloatArray
    height: float


class Segments(NamedTuple):
    """Segments from `start` to `end`, both (dim, segments), and the row of values that is tested along each."""

    start: FloatArray
    end: FloatArray
    row: np.ndarray[tuple[int, ...], np.dtype[np.intp]]


def first_jump(function: Values, slopes: Values, points: FloatArray, deadline: float = np.inf) -> Jump | None:
    """A jump of the values on the path through the points (dim, lanes); None if none is found before the deadline.

    Args:
        function: x (dim, points) to values (rows, points).
        slopes: x to their derivatives (rows, dim, points).
        points: segments join neighbouring points.
        deadline: on the clock `time.thread_time`; the first segments are always tested.
    """
    for first in range(0, points.shape[1] - 1, BATCH):
        part = points[:, first : first + BATCH + 1]
        doubtful, sizes = _doubtful(function, slopes, part[:, :-1], part[:, 1:])
        if doubtful.row.size and (jump := _located(function, slopes, doubtful, sizes)):
            return jump
        if time.thread_time() > deadline:
            break
    return None


def _doubtful(
    function: Values, slopes: Values, start: FloatArray, end: FloatArray
) -> tuple[Segments, FloatArray]:
    """The segments on which values and slopes differ as much as on their halves, and the sizes of their terms."""
    gaps, integrals = _gaps(function, slopes, start, end)
    ends = np.abs(function(np.concatenate([start, end], axis=1))).reshape(len(gaps), 2, -1)
    sizes = ends.sum(axis=1) + integrals
    with np.errstate(all="ignore"):
        rows, lanes = np.nonzero(np.abs(gaps) > LEAST * sizes)
    if not rows.size:
        return Segments(start[:, :0], end[:, :0], rows), sizes[0, :0]
    middle = 0.5 * (start + end)[:, lanes]
    left, right = (
        _gaps(function, slopes, *ends)[0][rows, np.arange(rows.size)]
        for ends in ((start[:, lanes], middle), (middle, end[:, lanes]))
    )
    whole = np.abs(gaps[rows, lanes])
    share = np.nan_to_num(np.abs(left + right) / whole)
    worst = np.argsort(-share)[:HALVED]
    worst = worst[share[worst] > LEFT]
    chosen = Segments(start[:, lanes[worst]], end[:, lanes[worst]], rows[worst])
    return chosen, sizes[chosen.row, lanes[worst]]


def _located(function: Values, slopes: Values, segments: Segments, sizes: FloatArray) -> Jump | None:
    """The jump on one of the segments, by bisection, if there is one."""
    start, end, row = segments
    before = np.full(row.size, np.nan)
    for turn in range(ROUNDS):
        for _ in range(HALVINGS):
            middle = 0.5 * (start + end)
            lanes = np.arange(row.size)
            left, right = (
                np.nan_to_num(np.abs(_gaps(function, slopes, *ends)[0][row, lanes]))
                for ends in ((start, middle), (middle, end))
            )
            start, end = np.where(left > right, start, middle), np.where(left > right, middle, end)
        gap = np.maximum(left, right)
        kept = gap > LEAST * sizes
        if turn > 1:
            kept &= gap > LEFT * before
        if not kept.any():
            return None
        start, end, row, sizes, before = start[:, kept], end[:, kept], row[kept], sizes[kept], gap[kept]
    rise = function(end) - function(start)
    for lane, one in enumerate(row):
        height = float(rise[one, lane])
        integral = _gaps(function, slopes, start[:, lane, None], end[:, lane, None])[1][one, 0]
        if np.isfinite(height) and integral <= FLAT * abs(height):
            return Jump(int(one), start[:, lane], height)
    return None


def _gaps(
    function: Values, slopes: Values, start: FloatArray, end: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Change of the values minus the integral of the slope, and the integral of |slope|, both (rows, segments)."""
    way, lanes = end - start, start.shape[1]
    places = start[:, None] + (0.5 + NODES)[:, None] * way[:, None]
    J = slopes(places.reshape(len(start), -1)).reshape(-1, len(start), NODES.size, lanes)
    with np.errstate(all="ignore"):
        along = np.einsum("rdnl,dl->rnl", J, way)
        rise = function(np.concatenate([start, end], axis=1)).reshape(len(J), 2, lanes)
        gaps: FloatArray = rise[:, 1] - rise[:, 0] - np.einsum("n,rnl->rl", WEIGHTS, along)
        integrals: FloatArray = np.einsum("n,rnl->rl", WEIGHTS, np.abs(along))
    return gaps, integrals
