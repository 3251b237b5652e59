"""Targets: the nearest of several targets, and the walkers that a step has brought to a target or past the horizon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.rounding import root
from langevin.types import Kernel, Landscape

HIT = 1
CENSORED = 2
DIVERGED = 3
#: How many random numbers the bridge correction takes at every step.
BRIDGE_ROWS = 2
#: Number of rows of scratch to watch targets: the distance to the nearest target, this distance before the step, the
#: number of this target, and a spare row.
WATCH_ROWS = 4
DISTANCE, BEFORE, NEAREST, SPARE = range(WATCH_ROWS)


def targets_of(landscape: Landscape) -> tuple[Kernel, ...]:
    """The targets of a landscape as a tuple, also if there is one or none."""
    target = landscape.target
    return () if target is None else target if isinstance(target, tuple) else (target,)


def watched_targets(landscape: Landscape) -> tuple[Kernel, ...]:
    """The distances that a walk computes: if the diffusion D varies, the distance is divided by sqrt(D), in kicks.

    The mean overshoot of a target is the same number of kicks everywhere.
    """
    targets = targets_of(landscape)
    if landscape.diffusion is None or landscape.diffusion.value is None:
        return targets
    return tuple(_in_kicks(target, landscape.diffusion.value) for target in targets)


def nearest_target(targets: tuple[Kernel, ...]) -> Kernel:
    """The kernel `nearest(x, distance, which, spare, parameters)` for one or more targets.

    It sets distance (lanes,) to the smallest signed distance, nan if one of them is nan. It sets which (lanes,) to the
    index of the nearest target in the tuple, but does not change it if there is only one; spare (lanes,) is scratch.
    """
    *others, last = targets
    measure = jitable(last)
    if not others:

        def only(x, distance, which, spare, parameters):
            measure(x, distance, parameters)

        return only
    nearest_other, place = jitable(nearest_target(tuple(others))), len(others)

    def nearest(x, distance, which, spare, parameters):
        nearest_other(x, distance, which, spare, parameters)
        measure(x, spare, parameters)
        for lane in range(distance.size):
            other = which[lane] if place > 1 else 0.0
            which[lane] = place if spare[lane] < distance[lane] else other
            kept = distance[lane] <= spare[lane] or distance[lane] != distance[lane]
            distance[lane] = distance[lane] if kept else spare[lane]

    return nearest


def start_watch(targets: tuple[Callable[..., None], ...], bridges: bool) -> Callable[..., None]:
    """The kernel `prepare(x, rows, parameters)`, which fills the rows of `watch` for states before their first step."""
    if not (targets and bridges):
        return _clear
    clear, distance_to_target = jitable(_clear), jitable(nearest_target(targets))

    def prepare(x, rows, parameters):
        clear(x, rows, parameters)
        distance_to_target(x, rows[DISTANCE], rows[NEAREST], rows[SPARE], parameters)

    return prepare


def watch(targets: tuple[Callable[..., None], ...], clocks: bool, bridges: bool) -> Callable[..., int]:
    """The kernel `look(x, rows, noise, spread, clock, margin, horizon, status, parameters)`.

    It changes the status of walkers that have arrived or are past the horizon, and returns how many these are. rows
    (WATCH_ROWS, lanes) are kept from step to step. noise is (numbers of a step, lanes); its last rows are for the
    bridge correction (see `mark_crossings`, also for spread). clock (lanes,) is the time of each walker. Without
    targets no status changes.
    """
    if not targets:
        return _none
    distance_to_target = jitable(nearest_target(targets))

    def look(
        x: Any, rows: Any, noise: Any, spread: float, clock: Any, margin: float, horizon: float, status: Any,
        parameters: Any,
    ) -> int:  # fmt: skip
        distance, before = rows[DISTANCE], rows[BEFORE]
        if bridges:
            for lane in range(distance.size):
                before[lane] = distance[lane]
        distance_to_target(x, distance, rows[NEAREST], rows[SPARE], parameters)
        marked: int = mark_late(clock, horizon, status) if clocks else 0
        marked += mark_arrivals(distance, margin, status)
        if bridges:
            marked += mark_crossings(before, distance, noise[noise.shape[0] - BRIDGE_ROWS :], spread, status)
        return marked

    return look


@register_jitable
def mark_late(clock, horizon, status):
    """Give the status CENSORED to running walkers whose clock is past the horizon; returns how many."""
    marked = 0
    for lane in range(clock.size):
        if status[lane] == 0 and clock[lane] > horizon:
            status[lane] = CENSORED
            marked += 1
    return marked


@register_jitable
def mark_arrivals(distance, margin, status):
    """Give the status HIT to running walkers at a distance of at most margin, DIVERGED if it is nan; returns how many.

    This happens in few steps, so a first loop, in vectors, only tests whether there is such a walker.
    """
    near = 0
    for lane in range(distance.size):
        near += not (distance[lane] > margin)
    marked = 0
    if near > 0:
        for lane in range(distance.size):
            if status[lane] == 0 and not (distance[lane] > margin):
                status[lane] = HIT if distance[lane] <= margin else DIVERGED
                marked += 1
    return marked


@register_jitable
def mark_crossings(before, after, noise, spread, status):
    """Give the status HIT to walkers that touched the target within the step, with both ends outside; returns how many.

    A Brownian bridge between distances a and b > 0 over a time dt touches 0 with probability
    exp(-a b / (theta dt)) (Baldi 1995); spread is theta dt. Half the sum of squares of two normals is an exponential
    variable: it exceeds a b / spread with the same probability.
    """
    marked = 0
    for lane in range(after.size):
        drawn = 0.5 * (np.float64(noise[0, lane]) ** 2 + np.float64(noise[1, lane]) ** 2)
        if status[lane] == 0 and before[lane] * after[lane] < drawn * spread:
            status[lane] = HIT
            marked += 1
    return marked


@register_jitable
def note_stops(x, now, status, nearest, stop_step, stop_state, which):
    """Write the step, the state and the target of walkers that stopped in this step."""
    # operations on bits are made in vectors: a number is below 0 where status > 0 > stop_step
    fresh = np.int64(0)
    for lane in range(status.size):
        fresh |= -status[lane] & stop_step[lane]
    if fresh < 0:
        for lane in range(status.size):
            if status[lane] != 0 and stop_step[lane] < 0:
                stop_step[lane] = now
                if status[lane] == HIT:
                    which[lane] = np.int64(nearest[lane])
                for row in range(x.shape[0]):
                    stop_state[row, lane] = x[row, lane]


def _in_kicks(target: Kernel, diffusion: Kernel) -> Kernel:
    distance, factor = jitable(target), jitable(diffusion)

    def in_kicks(x, out, parameters):
        factors = np.empty(x.shape[1])
        distance(x, out, parameters)
        factor(x, factors, parameters)
        for lane in range(out.size):
            out[lane] /= root(factors[lane])

    return in_kicks


def scaled_target(target: Kernel, factor: float) -> Kernel:
    """The kernel of the distance to a target times a number above 0."""
    distance = jitable(target)

    def scaled(x, out, parameters):
        distance(x, out, parameters)
        for lane in range(out.size):
            out[lane] *= factor

    return scaled


def _clear(x, rows, parameters):
    """Set the first target as the nearest one before the first search."""
    for lane in range(rows.shape[1]):
        rows[NEAREST, lane] = 0.0


def _none(
    x: Any, rows: Any, noise: Any, spread: float, clock: Any, margin: float, horizon: float, status: Any,
    parameters: Any,
) -> int:  # fmt: skip
    """Change no status, and return 0."""
    return 0
