"""Tests of given derivatives of a kernel: by differences with many step lengths, and by integrals along segments.

A difference has a truncation error if the step is long, and a round-off error if it is short. Across a kink it is wrong
for every step longer than the distance to the kink. So a derivative passes if a difference of any length agrees with
it. It fails only if three lengths in a row agree with one another and not with the derivative, at the point and at
nearby points. If round-off is too large, the test does not decide.

A difference at one point shows a jump only if the jump lies between the two ends of the step. A segment through the
cloud shows every jump that it crosses: the change of the value along it is then not the integral of the slope, with any
number of nodes. If the two differ on the segment and on its halves, the half with the larger difference is halved
again, and so on. At a kink the difference falls with the length of the segment. At a jump it tends to the height of the
jump. At a pole the slope grows as the length falls, and the test does not decide.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from langevin.types import FloatArray

#: Allowed difference of derivatives over their size: far above the error of a difference that can decide.
TOLERANCE = 1e-4
#: The same over the length of the whole gradient, for entries that are as small as the round-off of the others.
LEAST = 1e-8
#: Steps over the distance of a point from its start: the longest step, the ratio of successive steps, their number.
LONGEST, RATIO, STEPS = 0.1, 32.0, 6
#: Round-off of a value in units of eps, and the factor by which a difference must exceed it to fail a derivative.
UNITS, SURE = 8.0, 30.0
#: Largest change of a converged difference from one step to the next, over its distance from the given derivative.
SETTLED = 0.1
#: Points in random directions; smallest number of coordinates that are tested; largest number that is tested one by
#: one.
DENSE, LEAST_AXES, MOST_AXES = 4, 8, 64
#: Probes between two readings of the clock.
BATCH = 4
#: Number of points near a point that fails, and their distance from it over the longest step.
BESIDE, AWAY = 3, 1e-3

#: x (dim, points) to values (rows, points), or to derivatives (rows, dim, points); nan if not defined.
Values = Callable[[FloatArray], FloatArray]
#: Gauss-Legendre nodes and weights on a segment.
NODES, WEIGHTS = (part / 2.0 for part in np.polynomial.legendre.leggauss(3))
#: Smallest relevant difference over the size of the terms; a kernel that reads a table may have smaller steps.
LEAST_JUMP = 1e-6
#: Fraction of a difference that must remain on the halves of a segment, or after some halvings, to indicate a jump.
LEFT = 0.5
#: Segments in a batch; segments that are halved; rounds; halvings in a round (the first removes smooth errors).
SEGMENTS, HALVED, ROUNDS, HALVINGS = 32, 4, 5, 8
#: The largest integral over the last segment, relative to the jump.
FLAT = 0.1


class Probes(NamedTuple):
    """Places (dim, probes), unit directions (dim, probes), and longest steps (probes,)."""

    places: FloatArray
    directions: FloatArray
    steps: FloatArray


class Fault(NamedTuple):
    """A wrong derivative: its row and its coordinate (None: a direction that is not a coordinate)."""

    row: int
    coordinate: int | None
    place: FloatArray
    given: float
    numeric: float


def first_fault(
    function: Values, slopes: Values, points: FloatArray, distances: FloatArray, deadline: float = np.inf
) -> Fault | None:
    """The first wrong derivative at some of the points (dim, lanes), or None. The search ends at the deadline.

    Args:
        function: x (dim, points) to values (rows, points).
        slopes: x to their derivatives (rows, dim, points).
        points: where the derivatives are tested.
        distances: of the points from their starts, (lanes,). They decide the steps; points at distance 0 are left out.
        deadline: on the clock `time.thread_time`; the first batch is always tested.
    """
    tried = distances > 0.0
    if not tried.any():
        return None
    probes = _probes(slopes, points[:, tried], distances[tried])
    for first in range(0, probes.steps.size, BATCH):
        batch = Probes(*(part[..., first : first + BATCH] for part in probes))
        wrong = _wrong(function, slopes, batch)[0]
        for row, probe in np.argwhere(wrong):
            fault = _confirmed(
                function, slopes, Probes(*(part[..., probe, None] for part in batch)), int(row)
            )
            if fault is not None:
                return fault
        if time.thread_time() > deadline:
            return None
    return None


def _probes(slopes: Values, points: FloatArray, distances: FloatArray) -> Probes:
    """Probes at points (dim, lanes): up to some number each coordinate in turn, then random directions.

    A coordinate is tested at points where its derivative is a large part of a row, with steps relative to the
    coordinate.
    """
    dim, lanes = points.shape
    generator = np.random.default_rng(1)
    axes = generator.permutation(dim)[:MOST_AXES]
    axes = np.resize(axes, max(len(axes), LEAST_AXES))
    J = slopes(points)
    lengths = np.linalg.norm(J, axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        shares = np.nan_to_num(np.abs(J) / lengths, nan=0.0).max(axis=0)
    at = [generator.choice(np.flatnonzero(shares[axis] >= 0.5 * shares[axis].max())) for axis in axes]
    spans = np.abs(points - points[:, :1]).max(axis=1)
    steps = np.where(spans > 0.0, spans, distances.max())[axes]
    directions = np.concatenate([np.eye(dim)[axes], generator.standard_normal((DENSE, dim))])
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    neighbours = generator.integers(lanes, size=DENSE)
    order = generator.permutation(len(directions))
    places = points[:, np.concatenate([at, neighbours])[order]]
    longest = LONGEST * np.concatenate([steps, distances[neighbours]])[order]
    return Probes(places, np.ascontiguousarray(directions[order].T), longest)


def _wrong(
    function: Values, slopes: Values, probes: Probes
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], FloatArray, FloatArray]:
    """Which rows are wrong at which probes, (rows, probes), with the given slopes and the slopes from differences."""
    places, directions, longest = probes
    J = slopes(places)
    with np.errstate(all="ignore"):
        given = np.einsum("rdp,dp->rp", J, directions)
        length = np.linalg.norm(J, axis=1)
        steps = longest / RATIO ** np.arange(STEPS)[:, None]
        moves = steps * directions[:, None, :]
        ahead, behind = places[:, None] + moves, places[:, None] - moves
        both = function(np.concatenate([ahead, behind], axis=1).reshape(len(places), -1))
        upper, lower = both.reshape(len(both), 2, *steps.shape).swapaxes(0, 1)
        moved = np.einsum("dsp,dp->sp", ahead - behind, directions)
        numeric = (upper - lower) / np.where(moved > 0.0, moved, np.nan)
        sizes = (
            np.maximum(np.abs(upper), np.abs(lower))
            + np.einsum("rdp,dp->rp", np.abs(J), np.abs(places))[:, None]
        )
        noise = UNITS * np.finfo(np.float64).eps * sizes / steps
        apart = np.abs(numeric - given[:, None])
        size = np.maximum(np.abs(numeric), np.abs(given)[:, None])
        least = LEAST * np.maximum(length[:, None], size)
        agrees = (apart <= TOLERANCE * size + least + 3.0 * noise) & (noise <= 0.1 * size + least)
        sure = (apart > SURE * noise) & (apart > TOLERANCE * size + least)
        settled = np.abs(np.diff(numeric, axis=1)) <= SETTLED * apart[:, 1:]
        three = sure[:, 2:] & sure[:, 1:-1] & sure[:, :-2] & settled[:, 1:] & settled[:, :-1]
        wrong = three.any(axis=1) & ~agrees.any(axis=1) & np.isfinite(given)
        # the message shows the numbers of the shortest of the three steps
        last = STEPS - 1 - three[:, ::-1].argmax(axis=1)
        shown = np.take_along_axis(numeric, last[:, None], axis=1)[:, 0]
    return wrong, given, shown


def _confirmed(function: Values, slopes: Values, probe: Probes, row: int) -> Fault | None:
    """The fault of a row at a probe, if nearby points show it too."""
    place, direction, step = probe
    generator = np.random.default_rng(2)
    moves = AWAY * step * generator.standard_normal((len(place), BESIDE))
    neighbours = Probes(place + moves, np.repeat(direction, BESIDE, axis=1), np.repeat(step, BESIDE))
    if not _wrong(function, slopes, neighbours)[0][row].all():
        return None
    axes = (
        [int(np.abs(direction).argmax())]
        if np.count_nonzero(direction) == 1
        else range(min(len(place), MOST_AXES))
    )
    for axis in axes:
        one = np.zeros_like(direction)
        one[axis] = 1.0
        wrong, given, numeric = _wrong(function, slopes, Probes(place, one, step))
        if wrong[row, 0]:
            return Fault(row, axis, place[:, 0], float(given[row, 0]), float(numeric[row, 0]))
    wrong, given, numeric = _wrong(function, slopes, probe)
    return Fault(row, None, place[:, 0], float(given[row, 0]), float(numeric[row, 0]))


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
    for first in range(0, points.shape[1] - 1, SEGMENTS):
        part = points[:, first : first + SEGMENTS + 1]
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
        rows, lanes = np.nonzero(np.abs(gaps) > LEAST_JUMP * sizes)
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
        kept = gap > LEAST_JUMP * sizes
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
