"""Test of given derivatives of a kernel by central differences with many step lengths.

A difference has a truncation error if the step is long, and a round-off error if it is short. Across a kink it is wrong
for every step longer than the distance to the kink. So a derivative passes if a difference of any length agrees with
it. It fails only if three lengths in a row agree with one another and not with the derivative, at the point and at
nearby points. If round-off is too large, the test does not decide.
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
    beside = generator.integers(lanes, size=DENSE)
    order = generator.permutation(len(directions))
    places = points[:, np.concatenate([at, beside])[order]]
    longest = LONGEST * np.concatenate([steps, distances[beside]])[order]
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
    beside = Probes(place + moves, np.repeat(direction, BESIDE, axis=1), np.repeat(step, BESIDE))
    if not _wrong(function, slopes, beside)[0][row].all():
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
