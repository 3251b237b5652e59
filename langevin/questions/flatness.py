"""Does a walk drift to flat regions? tr H, log det H and known functions after some time, and the laws of drift.

On the zero-loss set the Hessian of |r|^2 / 2 across it is J J^T, whose trace and log det are measured at the start and
at the end. States of motion with a width across the set are first moved onto the set, as the gradient flow would do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from langevin import theory
from langevin.comparison import compare, format_prediction, format_table, format_value, measurement_record
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import (
    fastest_point,
    kick_variance,
    rounded,
    start_notes,
    steps_in,
    unlagged,
    walk,
)
from langevin.landscapes.starts import usual_point
from langevin.measure.walkers import Sound, sound
from langevin.theory.surfaces.change import looseness_at
from langevin.theory.surfaces.generator import Observable
from langevin.types import (
    Case,
    Comparison,
    Curve,
    FloatArray,
    Integrator,
    Landscape,
    Measurement,
    Prediction,
    Setting,
    StepLaw,
    Trajectory,
)

WALKERS = 16_000
#: Default temperature of projected motion; it only sets the unit of time.
TEMPERATURE = 0.1
#: Default looseness and dt x stiffness of motion with a width.
LOOSENESS, STABLE_STEP = 0.02, 0.1
#: Number of frames, and smallest number of steps.
FRAMES, LEAST_STEPS = 10, 100
#: Predictions count as equal if they differ by at most this, over the change or the spread of the walkers.
ALIKE = 1e-3
#: Round-off of a quantity over its size or 1; smallest displacement of walkers over |x| that makes a result meaningful.
ROUND_OFF, WAY = 1e-10, 1e-2
#: Slope of log a_k times the length of the set below which it counts as zero at a point.
LEVEL = 1e-6
EVEN = "J J^T is the same all about the start, so every law expects no drift"


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    law = case.law
    drift_start = (
        fastest_point(case.landscape, theory.surfaces.law_of(law))
        if law is not None and not law.heat
        else None
    )
    start = usual_point(case.landscape) if drift_start is None else drift_start
    theta, dt, duration = _defaults(case, integrator, settings, start)
    steps = steps_in(duration, dt)
    return walk(
        case, integrator, settings, theta, dt, steps=steps, every=max(1, steps // FRAMES), walkers=WALKERS,
        start=drift_start,
    )  # fmt: skip


def _defaults(
    case: Case, integrator: Integrator, settings: Settings, start: FloatArray
) -> tuple[float, float, float]:
    """Temperature, step, and a time after which theory predicts a change from `start` and is still in range."""
    landscape, law = case.landscape, case.law or StepLaw()
    shape, slow = theory.surfaces.surface_shape(landscape, start), theory.surfaces.law_of(law)
    if law.across:
        loose = looseness_at(shape, slow, 1.0)
        theta = settings.temperature or (rounded(LOOSENESS / loose) if loose > 0 else TEMPERATURE)
        usual = STABLE_STEP / landscape.stiffness(theta)
        speed = 1.0
    else:
        speed = float(shape.curvatures.mean() ** law.uneven_power)
        theta = settings.temperature or TEMPERATURE / speed
        usual = kick_variance(integrator, case.landscape) * shape.length**2 / (2.0 * theta * speed)
    drift_start = _changing_function(landscape, shape)
    time = settings.horizon or theory.surfaces.usual_time(landscape, start, slow, theta * speed, drift_start)
    return theta, settings.dt or unlagged(min(usual, time / LEAST_STEPS), time, law), time


def _changing_function(landscape: Landscape, shape: theory.surfaces.SurfaceShape) -> Observable:
    """log det H, or the first known function if the stiffness does not change near the start."""
    if shape.changes.max() * shape.length > LEVEL:
        return partial(theory.surfaces.log_det_normal_hessian, landscape)
    moments = landscape.facts.moments
    return moments[0].function if moments else _first_coordinate


def _first_coordinate(states: FloatArray) -> FloatArray:
    first: FloatArray = states[:, 0]
    return first


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """Changes of the quantities from the start of the run to its end, compared with the laws of drift."""
    case, time = setting.case, trajectory.duration
    measured = _changes(case, trajectory)
    known = {name: moved for name, moved in measured.items() if moved.n}
    comparisons = _against_rivals(known, curves, time)
    title = (
        f"Flatness along the {case.landscape.name}, {case.dynamics.name} motion, theta = {setting.temperature:g}, "
        f"dt = {setting.dt:.3g}, t = {time:.3g}"
    )
    laws = list(dict.fromkeys(curve.name for curve in curves))
    rows: list[list[str | float | None]] = []
    for name, moved in measured.items():
        shown = format_value(moved.value, moved.error)
        values = {
            row.theory: format_prediction(row.predicted) for row in comparisons if row.measured is moved
        }
        rows.append([name, shown, moved.n, *(values.get(law, "-") for law in laws)])
    way = np.linalg.norm(trajectory.states[:, -1] - trajectory.states[:, 0], axis=1)
    far = float(np.nanmedian(way)) > WAY * float(np.linalg.norm(trajectory.states[0, 0]))
    level = [name for name, moved in measured.items() if far and moved.error == moved.value == 0.0]

    def draw(path: str) -> None:
        from langevin.figures.walks import quantities

        quantities(path, known, comparisons, title, "change")

    return Answer(
        title=title,
        table=format_table(["change of", "measured", "walkers", *laws], rows),
        measured=known,
        comparisons=comparisons,
        curves=curves,
        draw=draw,
        notes=[
            *start_notes(trajectory),
            *([f"constant along the paths of the walkers: {', '.join(level)}"] if level else []),
            *([EVEN] if _is_even(setting) else []),
            *sorted({moved.note for moved in measured.values()}),
        ],
        record={"changes": {name: measurement_record(moved) for name, moved in measured.items()}},
    )


def _is_even(setting: Setting) -> bool:
    """Whether walkers without thermal noise start at a point where J J^T does not change; then no law moves them."""
    law, start = setting.case.law, setting.start
    if law is None or law.heat or start is None:
        return False
    landscape = setting.case.landscape
    shape = theory.surfaces.surface_shape(landscape, theory.surfaces.on_surface(landscape, start[None])[0])
    return bool(shape.changes.max() * shape.length <= LEVEL)


def _changes(case: Case, trajectory: Trajectory) -> dict[str, Measurement]:
    """Mean change of each quantity from the first frame to the last; exactly 0 if the quantity is constant."""
    landscape = case.landscape
    walkers = sound(trajectory)
    starts, ends = (trajectory.states[walkers.keep, frame] for frame in (0, -1))
    starts = (
        starts[:1] if (starts == starts[:1]).all() else starts
    )  # a common start is moved onto the surface only once
    first, last = (theory.surfaces.on_surface(landscape, states) for states in (starts, ends))
    found = {}
    for name, function in theory.surfaces.quantities_of(landscape).items():
        before, after = function(first), function(last)
        moved = np.where(
            np.abs(after - before) <= ROUND_OFF * np.maximum(np.abs(before), 1.0), 0.0, after - before
        )
        found[name] = _mean(moved, walkers)
    return found


def _mean(values: FloatArray, walkers: Sound) -> Measurement:
    """Mean over the remaining walkers; `mixed` is False if they are not a fair sample."""
    n = len(values)
    error = float(values.std(ddof=1)) / n**0.5 if n > 1 else float("inf")
    mixed = n > 1 and walkers.fair
    return Measurement(float(values.mean()), error, n, "mean change over walkers", mixed, walkers.note)


def _against_rivals(
    measured: Mapping[str, Measurement], curves: Sequence[Curve], time: float
) -> list[Comparison]:
    """Compare every law of every quantity at a family-wise level of 5 %.

    For `agrees`, this run must be able to exclude the nearest law with another prediction of this quantity, and the
    error must be at most a tenth of the change, or of the spread of the walkers.
    """
    rows = [(name, curve) for name in measured for curve in curves if curve.quantity == name]
    found = []
    for name, curve in rows:
        moved = measured[name]
        unit = max(moved.error * moved.n**0.5, abs(moved.value))
        others = [other.predict(time) for own, other in rows if own == name and other is not curve]
        gaps = [_gap(curve.predict(time), other, unit) for other in others]
        found.append(
            compare(
                moved,
                curve,
                time,
                level=0.05 / len(rows),
                yardstick=unit,
                gap=min((gap for gap in gaps if gap > 0), default=None),
            )
        )
    return found


def _gap(one: Prediction, other: Prediction, unit: float) -> float:
    """Distance of two predictions in range; 0 if they count as equal."""
    apart = abs(one.value - other.value)
    return apart if one.in_range and other.in_range and apart > ALIKE * unit else 0.0


def _without_theory(case: Case) -> str:
    """A sentence with the reason why no theory of the change is known."""
    if case.law is None:
        return f"what a step of this {case.dynamics.name} motion does along the set is not known"
    if case.law.uneven_power:
        return "no law of drift is known for noise along the set that changes with its stiffness"
    return "the walkers started at several places, so what theory expects of them is not known"


flatness = Question(
    name="flatness",
    summary="Change of tr H, log det H and known functions along a zero-loss set of any dimension.",
    applies_to="a surface without a target",
    rank=90,
    applies=lambda case: case.landscape.is_surface and not case.watched,
    walk=_walk,
    measure=_measure,
    without_theory=_without_theory,
)
