"""Does the walk drift to the flat side? The mean displacement along a valley or a closed curve, and rival laws.

Soft motion and projected motion with the Gibbs distribution follow the log-det law. The surface distribution has
no drift. Full Gauss-Newton steps follow the double log-det law. Label noise follows the trace law. The chosen step,
and not the landscape, decides which law is valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.comparison import compare, format_prediction, format_table, format_value, measurement_record
from langevin.errors import UsageError
from langevin.experiment.kicks import kicks_of, pushes, steadied
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import (
    fastest_curve_point,
    kick_variance,
    rounded,
    start_notes,
    steps_in,
    unlagged,
    walk,
)
from langevin.experiment.settled import LONGER, MORE_FRAMES
from langevin.landscapes.starts import usual_point
from langevin.measure import mean_displacement
from langevin.measure.moments import over_states
from langevin.measure.walkers import joined, sound
from langevin.theory.surfaces.cached import curve_of
from langevin.types import (
    Case,
    Comparison,
    Curve,
    FloatArray,
    Integrator,
    Measurement,
    Setting,
    StepLaw,
    Trajectory,
    Widening,
)

#: With this number of walkers a tenth of the gap between two laws is detectable.
WALKERS = 16_000
TEMPERATURE = 0.1
#: Default duration in units of 1 / theta: the walk spreads over a fraction of the period of the profile.
DURATION = 0.05
#: Default dt times the largest stiffness, and the same for steps whose width in a valley is exact.
STABLE_STEP, STABLE_EXACT = 0.1, 0.4
#: Default looseness (`theory.surfaces.looseness`) of motion along a curve without heat.
LOOSENESS = 0.03
FRAMES = 50
#: Starts count as one point if their distance over the length of the curve is below this.
ONE_PLACE = 1e-3
#: Largest fraction of a closed curve that walkers may cover between two frames.
TURN = 0.25
LEVEL = f"no law expects a drift of the walkers beyond its own error; {LONGER}, or another start by a dial"


def _applies(case: Case) -> bool:
    """A valley with a known profile, or a closed curve along which walkers have no thermal noise."""
    if not case.landscape.is_surface or case.law is None or case.law.uneven_power:
        return False
    if case.landscape.facts.profile is not None:
        return True
    if case.law.heat > 0 or case.watched:
        return False
    curve = curve_of(case.landscape)
    return curve is not None and curve.closed


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    assert case.law is not None
    theta, dt, duration = _defaults(case, case.law, integrator, settings)
    steps = steps_in(duration, dt)
    return walk(
        case, integrator, settings, theta, dt, steps=steps, every=max(1, steps // FRAMES), walkers=WALKERS,
        start=_start(case, case.law),
    )  # fmt: skip


def _start(case: Case, law: StepLaw) -> FloatArray | None:
    """A point of a curve at which walkers drift, if they do not drift at the usual start; None in a valley."""
    if case.landscape.facts.profile is not None:
        return None
    curve = curve_of(case.landscape)
    assert curve is not None
    return fastest_curve_point(curve, theory.surfaces.law_of(law), usual_point(case.landscape))


def _defaults(
    case: Case, law: StepLaw, integrator: Integrator, settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration; if the noise grows with the stiffness, the drift is faster by the same factor."""
    landscape = case.landscape
    curve = None if landscape.facts.profile is not None else curve_of(landscape)
    if curve is not None and not theory.surfaces.is_even(curve):
        return _defaults_along(case, law, curve, settings)
    speed = landscape.stiffness(TEMPERATURE) ** law.exponent
    theta = settings.temperature or TEMPERATURE / speed
    time = settings.horizon or DURATION / (theta * speed)
    usual = (
        (STABLE_EXACT if law.widening == Widening() else STABLE_STEP) / landscape.stiffness(theta)
        if law.across
        else kick_variance(integrator, landscape) / (2.0 * theta)
    )
    return theta, settings.dt or unlagged(usual, time, law), time


def _defaults_along(
    case: Case, law: StepLaw, curve: theory.surfaces.SurfaceCurve, settings: Settings
) -> tuple[float, float, float]:
    """Defaults along a curve: the strongest noise that the laws allow, until the drift may cover a tenth of it."""
    softest = curve.curvatures[:, 0] ** (law.exponent - 1)
    theta = settings.temperature or rounded(LOOSENESS / theory.surfaces.looseness(curve, softest))
    usual = STABLE_STEP / max(case.landscape.stiffness(theta), float(curve.curvatures.max()))
    fastest = np.abs(theory.surfaces.curve_drift(curve, theory.surfaces.law_of(law), theta)(curve.arcs)).max()
    time = settings.horizon or 0.1 * curve.length / float(fastest)
    return theta, settings.dt or unlagged(usual, time, law), time


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """The displacement along the surface, compared with the laws of drift.

    Raises:
        UsageError: the walkers started at several points.
    """
    case, time = setting.case, trajectory.duration
    along, way = _along(case, trajectory)
    moved = mean_displacement(along)
    moved = _without_kicks(case, trajectory, moved)
    missed = _missed_turns(case, setting.temperature, along)
    if missed:
        moved = replace(moved, mixed=False, note=joined(moved.note, missed))
    comparisons = _against_rivals(moved, curves, time)
    title = (
        f"Drift on the {case.landscape.name}, {case.dynamics.name} motion, theta = {setting.temperature:g}, "
        f"dt = {setting.dt:.3g}, t = {time:.3g}"
    )
    rows: list[list[str | float | None]] = [
        ["measured", format_value(moved.value, moved.error), moved.n, None]
    ]
    rows += [[row.theory, format_prediction(row.predicted), None, row.z] for row in comparisons]
    level = curves and all(abs(row.predicted.value) <= row.predicted.remainder for row in comparisons)

    def draw(path: str) -> None:
        from langevin.figures.walks import drift as figure

        figure(path, along, list(curves), title)

    return Answer(
        title=title,
        lines=[_expected(setting, trajectory, curves)],
        table=format_table([f"displacement along {way}", "", "walkers", "z"], rows),
        measured={f"displacement along {way}": moved},
        comparisons=comparisons,
        curves=curves,
        draw=draw,
        notes=[*start_notes(trajectory), *([_why_level(case)] if level else []), moved.note],
        record={"displacement": measurement_record(moved)},
    )


def _without_kicks(case: Case, trajectory: Trajectory, moved: Measurement) -> Measurement:
    """The displacement along a valley minus the part that the kicks along it explain, which is most of its scatter."""
    if case.landscape.facts.profile is None or case.law is None or not case.law.heat:
        return moved
    kicks = kicks_of(trajectory)
    if kicks is None:
        return moved
    keep = sound(trajectory).keep
    values = np.subtract(*(trajectory.states[keep, frame, 0] for frame in (-1, 0)))
    axis = np.eye(case.landscape.dim, 1)
    return steadied(
        moved, values, pushes(kicks[keep, -1], int(trajectory.steps[-1] - trajectory.steps[0]), axis)
    )


def _along(case: Case, trajectory: Trajectory) -> tuple[Trajectory, str]:
    """The run with the distance along the floor or the curve as its first coordinate, and the name of this distance."""
    if case.landscape.facts.profile is not None:
        return trajectory, "x"
    curve = curve_of(case.landscape)
    assert curve is not None
    arcs = over_states(
        trajectory.states,
        lambda states: theory.surfaces.arc_positions(curve, np.nan_to_num(states, posinf=0.0, neginf=0.0)),
    )
    unwound = np.unwrap(arcs, axis=1, period=curve.length)
    if np.ptp(unwound[:, 0]) > ONE_PLACE * curve.length:
        raise UsageError(
            "the walkers did not start at one place of the curve, so their drift is not known",
            "one start for all walkers",
            "start them at one place",
        )
    return replace(trajectory, states=unwound[:, :, None]), "the curve"


def _missed_turns(case: Case, theta: float, along: Trajectory) -> str:
    """Why turns around a closed curve may be missed between frames; an empty text if they cannot be missed.

    Positions on the curve are joined by the shortest path. So neither the walkers nor the fastest drift of the law of
    the step may cover more than a fraction of the curve between two frames.

    Args:
        case: the case of the run.
        theta: temperature.
        along: the run with the distance along the curve as its first coordinate.
    """
    curve = None if case.landscape.facts.profile is not None else curve_of(case.landscape)
    if curve is None or case.law is None or len(along.times) < 2:
        return ""
    speed = np.abs(
        theory.surfaces.curve_drift(curve, theory.surfaces.law_of(case.law), theta)(curve.arcs)
    ).max()
    drifted = float(speed * np.diff(along.times).max())
    gone = float(np.nanmax(np.abs(np.diff(along.states[..., 0], axis=1)), initial=0.0))
    if max(drifted, gone) <= TURN * curve.length:
        return ""
    return f"walkers may go round the curve between two frames; {MORE_FRAMES}"


def _expected(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> str:
    """The distribution that the law of motion samples and, if laws of drift are known, which one should be valid."""
    case, integrator = setting.case, trajectory.meta["integrator"]
    samples = f"{case.dynamics.name} motion" if case.measure is None else f"invariant measure {case.measure}"
    should = f", so the {curves[0].name} law should hold" if curves else ""
    return f"{integrator}: {samples}{should}"


def _against_rivals(moved: Measurement, curves: Sequence[Curve], time: float) -> list[Comparison]:
    """Compare every law at a family-wise level of 5 %; `agrees` needs an error of a tenth of the gap to the next."""
    values = [curve.predict(time).value for curve in curves]
    return [
        compare(
            moved,
            curve,
            time,
            level=0.05 / len(curves),
            yardstick=min(
                (abs(value - other) for rival, other in zip(curves, values) if rival is not curve),
                default=None,
            ),
        )
        for curve, value in zip(curves, values)
    ]


def _why_level(case: Case) -> str:
    """Why no law predicts a drift, or how to get one."""
    curve = None if case.landscape.facts.profile is not None else curve_of(case.landscape)
    if curve is not None and theory.surfaces.is_even(curve):
        return f"J J^T is the same all along the {case.landscape.name}, so every law expects no drift"
    return LEVEL


def _without_theory(case: Case) -> str:
    return (
        f"the drift of {case.landscape.name} is known at its usual start, and the walkers started elsewhere"
    )


drift = Question(
    name="drift",
    summary="Mean displacement along a valley, or along a closed curve in motion without thermal noise along it.",
    applies_to="a valley whose profile is known, or a closed curve in motion without thermal noise along it",
    rank=50,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=_without_theory,
)
