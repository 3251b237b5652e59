"""A gradient flow: steps that grow as points come down, and where the walkers have come to rest."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError
from langevin.kernels.curvature import RELATIVE_STEP, largest_curvature
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape, StepSchedule, Trajectory

#: dt x largest curvature met, and the largest ratio of a step to the one before.
STEP, RISE = 0.1, 1.1
#: Steps between measurements of the curvature, and number of measurements.
BETWEEN, LOOKS = 8, 48
#: Points that go ahead: half of them those at the most curved places.
AHEAD = 48

#: A walker rests that has moved by no more since half time, over the size of all ways; ends so close are one place.
AT_REST, SAME = 1e-4, 1e-2
#: A loss this small compared with the mean at the start is that of the zero-loss set, or is shown as 0.
ZERO, ROUND_OFF = 1e-6, 1e-12
#: Places that are named; the walkers at others are counted together.
MOST_PLACES = 8


class Rests(NamedTuple):
    """Which walkers are where at the end: the names of the places, and for each a mask (walkers,)."""

    names: list[str]
    members: list[NDArray[np.bool_]]


def rising_steps(landscape: Landscape, places: FloatArray) -> StepSchedule:
    """Steps for points that start where these do, STEP over the largest curvature that some of these meet on their way.

    Args:
        landscape: with a gradient.
        places: points (points, dim), at least `AHEAD`.

    Raises:
        UsageError: a loss without curvature there.
    """
    curvatures = np.nan_to_num([_curvature(landscape, place) for place in places], posinf=0.0)
    order = np.argsort(-curvatures)
    ahead = np.concatenate(
        [np.arange(AHEAD // 2), np.linspace(AHEAD // 2, len(places) - 1, AHEAD // 2).astype(int)]
    )
    chosen, largest = places[order[ahead]], float(curvatures.max())
    if not largest > 0.0:
        raise UsageError(
            f"{landscape.name} has no curvature where points start, so no step is known: give --dt"
        )
    lengths = [STEP / largest]
    for _ in range(LOOKS):
        for _ in range(BETWEEN):
            chosen = chosen - lengths[-1] * evaluate(landscape, "gradient", chosen)
            lengths.append(min(RISE * lengths[-1], max(STEP / largest, lengths[-1])))
        met = [_curvature(landscape, place) for place in chosen]
        largest = max((one for one in met if 0.0 < one < np.inf), default=largest)
    top = max(lengths)
    factors = np.array(lengths) / top
    return StepSchedule(top, lambda steps: factors[np.minimum(steps, len(factors) - 1)])


def losses_of(landscape: Landscape, states: FloatArray) -> FloatArray:
    """Loss (walkers,) at states (walkers, dim)."""
    if landscape.value is not None:
        return evaluate(landscape, "value", states)
    residuals = evaluate(landscape, "residual", states)
    return np.asarray((residuals**2).sum(axis=1) / 2)


def moving(trajectory: Trajectory) -> NDArray[np.bool_]:
    """Walkers (walkers,) that have not come to rest."""
    states, times = trajectory.states, trajectory.times
    half = int(np.abs(times - (times[0] + times[-1]) / 2).argmin())
    first, middle, end = (np.asarray(states[:, frame]) for frame in (0, half, -1))
    size = max(float(np.linalg.norm(np.ptp(first, axis=0))), float(np.linalg.norm(end - first, axis=1).max()))
    return np.asarray(~(np.linalg.norm(end - middle, axis=1) <= AT_REST * size))


def rests(landscape: Landscape, trajectory: Trajectory) -> Rests:
    """The places where walkers rest at the end, the lowest in the loss first, and those who do not rest yet."""
    first, end = np.asarray(trajectory.states[:, 0]), np.asarray(trajectory.states[:, -1])
    under_way, losses = moving(trajectory), losses_of(landscape, end)
    left = ~under_way
    names, members = [], []
    if landscape.is_surface:
        down = left & (losses <= ZERO * losses_of(landscape, first).mean())
        names.append("zero-loss set")
        members.append(down)
        left = left & ~down
    height = float(losses_of(landscape, first).mean())
    size = float(np.linalg.norm(np.ptp(np.concatenate([first, end]), axis=0)))
    while left.any() and len(names) < MOST_PLACES:
        lowest = np.flatnonzero(left)[losses[left].argmin()]
        here = left & (np.linalg.norm(end - end[lowest], axis=1) <= SAME * size)
        place = np.array2string(
            end[lowest].round(12) + 0.0, precision=4, suppress_small=True, threshold=8, separator=", "
        )
        depth = losses[lowest] if abs(losses[lowest]) > ROUND_OFF * height else 0.0
        names.append(f"minimum at {place}, f = {depth:.4g}")
        members.append(here)
        left = left & ~here
    for name, rest in (("other places", left), ("still moving", under_way)):
        if rest.any():
            names.append(name)
            members.append(rest)
    return Rests(names, members)


def _curvature(landscape: Landscape, place: FloatArray) -> float:
    assert landscape.gradient is not None
    return float(largest_curvature(landscape.gradient, place, landscape.parameters, RELATIVE_STEP))
