"""Where does gradient flow end? At temperature 0: the loss over time, and the fraction of starts for each minimum.

If a landscape starts its walkers at one point, all would end at one point. So starts are uniform in a box, and the
fractions are the parts of its volume in the basins of attraction. Steps grow as the points come down, until the walkers
rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.comparison import format_table, format_value, measurement_record
from langevin.errors import UsageError
from langevin.experiment.one_ensemble import steps_had
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import steps_in, walk
from langevin.landscapes.curvature import RELATIVE_STEP, largest_curvature
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.measure import confidence_interval, ensemble_mean
from langevin.measure.occupancy import share_of
from langevin.measure.walkers import sound
from langevin.types import (
    Box,
    Case,
    Curve,
    FloatArray,
    Integrator,
    Landscape,
    Setting,
    StepSchedule,
    Trajectory,
)

WALKERS = 2000
#: Number of points of the box from which a default step is computed.
POINTS = 200
#: Frames, steps of the first try, and largest number of doublings until at most this fraction of walkers still moves.
FRAMES, STEPS, DOUBLINGS, MOVING = 64, 1024, 8, 1e-3
#: Smallest number of frames, so that one is near half of the time: a walker at rest has not moved since then.
LEAST_FRAMES = 4
#: Half a side of the box over the largest coordinate of the start, if no box is known.
REACH = 1.5
#: dt x largest curvature met, and the largest ratio of a step to the one before.
STEP, RISE = 0.1, 1.1
#: Steps between measurements of the curvature, and number of measurements.
BETWEEN, LOOKS = 8, 48
#: Points that go ahead: half of them are the points at the most curved places.
AHEAD = 48

#: Largest motion of a walker at rest since half time, and largest distance of ends that count as one place, over the
#: size of all ways.
AT_REST, SAME = 1e-4, 1e-2
#: A loss this small compared with the mean at the start counts as the loss of the zero-loss set, or is shown as 0.
ZERO, ROUND_OFF = 1e-6, 1e-12
#: Number of named places; walkers at other places are counted together.
MOST_PLACES = 8


def _applies(case: Case) -> bool:
    """Motion down a loss that can have a minimum, under no force that varies in time."""
    landscape = case.landscape
    return case.dynamics.descends(landscape) and landscape.drive is None and not landscape.is_slope


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    box = _box(case.landscape)
    low, high = np.array(box.lower), np.array(box.upper)
    dt = settings.dt
    if dt is None:
        places = low + (high - low) * np.random.default_rng(0).uniform(size=(POINTS, len(low)))
        steps_down = rising_steps(case.landscape, np.concatenate([[low, high], places]))
        dt = steps_down.dt
        settings = settings if settings.schedule else replace(settings, schedule=steps_down.factors)
    steps = (
        max(STEPS, steps_had(settings))
        if settings.horizon is None
        else steps_in(settings.horizon, dt, least=FRAMES)
    )
    for _ in range(DOUBLINGS):
        trajectory = walk(
            case, integrator, settings, 0.0, dt, steps=steps, every=max(1, steps // FRAMES), walkers=WALKERS,
            start=lambda uniforms, temperature: low + (high - low) * uniforms, least=LEAST_FRAMES,
        )  # fmt: skip
        if settings.horizon is not None or moving(trajectory).mean() <= MOVING:
            break
        steps *= 2
    return trajectory


def _box(landscape: Landscape) -> Box:
    """The known box of a loss, a box around the two wells of a line, or a cube around the origin and the start."""
    if landscape.facts.box is not None:
        return landscape.facts.box
    wells = landscape.facts.wells
    if wells is not None:
        return Box((2 * wells.minimum - wells.saddle,), (2 * wells.target - wells.saddle,))
    side = REACH * (float(np.abs(usual_point(landscape)).max()) or 1.0)
    return Box((-side,) * landscape.dim, (side,) * landscape.dim)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    landscape = setting.case.landscape
    keep, note, fair = sound(trajectory)
    found = rests(landscape, trajectory)
    shares = {
        f"share of {name}": share_of(members[keep], name, note, fair)
        for name, members in zip(found.names, found.members)
    }
    rows: list[list[str | float | None]] = []
    for name, share in zip(found.names, shares.values()):
        low, high = confidence_interval(share)
        rows.append([name, format_value(share.value, share.error), f"[{low:.4g}, {high:.4g}]", share.n])
    losses = {
        frame: ensemble_mean(trajectory, lambda states: losses_of(landscape, states), frame)
        for frame in _shown(len(trajectory.times))
    }
    table = format_table(
        ["t", "mean loss", "walkers"],
        [
            [f"{trajectory.times[k]:.4g}", format_value(one.value, one.error), one.n]
            for k, one in losses.items()
        ],
    )
    first = np.asarray(trajectory.states[:, 0])
    title = f"Gradient flow of {landscape.name}, dt = {setting.dt:.3g}, t = {trajectory.duration:.3g}"
    unsettled = "some points still move at the end: a longer run is needed (`langevin simulate --horizon`)"

    def draw(path: str) -> None:
        from langevin.figures.walks import quantities

        quantities(path, shares, [], title, "share of the points")

    return Answer(
        title=title,
        table=format_table(["ends", "share", "95 % interval", "walkers"], rows),
        measured=shares,
        comparisons=[],
        curves=[],
        draw=draw,
        lines=[f"points start between {_corner(first.min(axis=0))} and {_corner(first.max(axis=0))}"],
        sections=[table],
        notes=[note, unsettled if "still moving" in found.names else ""],
        record={
            "losses": {f"{trajectory.times[k]:.6g}": measurement_record(one) for k, one in losses.items()}
        },
    )


def _shown(frames: int) -> list[int]:
    """The first frame, the frames at doubling times, and the last frame."""
    doubling = [2**k for k in range(frames.bit_length()) if 2**k < frames - 1]
    return [0, *doubling, frames - 1]


def _corner(place: FloatArray) -> str:
    return np.array2string(place, precision=3, suppress_small=True, threshold=8, separator=", ")


class Rests(NamedTuple):
    """The places of walkers at the end: their names, and a mask (walkers,) for each."""

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
        raise UsageError(f"{landscape.name} has no curvature at the starts, so no step is known: give --dt")
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
    """Loss (walkers,) at states (walkers, dim).

    Args:
        landscape: with a loss or a residual.
        states: points (walkers, dim).
    """
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
    """The places where walkers rest at the end, in the order of their losses, and the walkers that still move.

    Args:
        landscape: of the run.
        trajectory: the run.
    """
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


descent = Question(
    name="descent",
    summary="At temperature 0: the loss over time, and how many points end in each minimum.",
    applies_to="motion down a loss at temperature 0",
    rank=10,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: (
        "gradient flow has no law of chance: the shares are those of the basins in which points start"
    ),
    cold=True,
)
