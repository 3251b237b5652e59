"""How fast do correlations of a walk on a surface decay? Correlations in its stationary distribution, and means."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from langevin.comparison import compare_all, format_prediction, format_table, format_value, measurement_record
from langevin.errors import LangevinError
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import field_step, kick_variance, steps_in, walk
from langevin.experiment.settled import MORE_FRAMES, as_one, settled
from langevin.landscapes.starts import usual_point
from langevin.measure import walker_correlation
from langevin.theory.surfaces.cached import has_triangles, triangles_of
from langevin.theory.surfaces.fields import height_of
from langevin.theory.surfaces.generator import coordinates_of, means_of
from langevin.theory.surfaces.geometry import surface_shape
from langevin.theory.surfaces.laws import law_of
from langevin.theory.surfaces.memory import slowest_surface_rate
from langevin.types import Case, Comparison, Curve, Integrator, Setting, Trajectory

WALKERS = 4000
#: Default temperature; it sets the unit of time.
TEMPERATURE = 0.1
#: Default duration over the slowest relaxation time if it is known, otherwise in |x_0|^2 / theta.
RELAXATIONS, DURATION = 10.0, 4.0
#: Number of frames, fraction of them after which correlations are measured, and number of later times.
FRAMES, ORIGIN, LAGS = 16, 0.75, 4
LEVEL = 0.05
NO_LAGS = f"no frames lie behind three quarters of the time, so no correlation is measured; {MORE_FRAMES}"


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    theta = settings.temperature or TEMPERATURE
    start = usual_point(case.landscape)
    usual = kick_variance(integrator, case.landscape) * surface_shape(case.landscape, start).length ** 2
    dt = settings.dt or field_step(usual / (2.0 * theta), case.landscape, theta)
    every = math.ceil(steps_in(settings.horizon or _time(case, theta), dt, least=FRAMES) / FRAMES)
    return walk(case, integrator, settings, theta, dt, steps=FRAMES * every, every=every, walkers=WALKERS)


def _time(case: Case, theta: float) -> float:
    """Default duration: until the slowest part of a function has decayed."""
    if case.law is not None and case.law.heat and has_triangles(case.landscape):
        try:
            surface = triangles_of(case.landscape)
            return RELAXATIONS / slowest_surface_rate(
                surface, law_of(case.law), theta, height_of(case.landscape)
            )
        except LangevinError:
            pass
    return DURATION * float((usual_point(case.landscape) ** 2).sum()) / theta


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """Correlations of coordinates in the last quarter of the run, and means at its end, compared with theory."""
    landscape, times = setting.case.landscape, trajectory.times
    origin = int(np.abs(times - (times[0] + ORIGIN * trajectory.duration)).argmin())
    later = np.unique(np.linspace(origin + 1, len(times) - 1, LAGS).round().astype(int))
    lags = {int(frame): float(times[frame] - times[origin]) for frame in later if origin < frame < len(times)}
    measured = {f"E {name}": settled(trajectory, one) for name, one in means_of(landscape).items()}
    points = dict.fromkeys(measured, 0.0)
    quantities = {name: name for name in measured}
    for name, function in coordinates_of(landscape).items():
        for frame, lag in lags.items():
            label = f"correlation of {name} over t = {lag:.3g}"
            measured[label] = walker_correlation(trajectory, function, origin, frame)
            points[label], quantities[label] = lag, f"correlation of {name}"
    # correlations of a coordinate that has not settled differ from correlations of the stationary distribution
    doubts = {f"settled {name}": settled(trajectory, one) for name, one in coordinates_of(landscape).items()}
    measured = {name: number for name, number in as_one(measured | doubts).items() if name not in doubts}
    comparisons: list[Comparison] = []
    rows: list[list[str | float | None]] = []
    tests = sum(curve.quantity == quantities[name] for name in measured for curve in curves)
    for name, number in measured.items():
        own = [curve for curve in curves if curve.quantity == quantities[name]]
        unit = 1.0 if name not in (f"E {one}" for one in means_of(landscape)) else None
        found = compare_all([points[name]], [number], own, LEVEL / max(tests, 1), yardstick=unit)
        comparisons += found
        predictions = ", ".join(format_prediction(row.predicted) for row in found)
        rows.append([name, format_value(number.value, number.error), number.n, predictions or "-"])
    title = (
        f"Relaxation on the {landscape.name}, {setting.case.dynamics.name} motion, theta = {setting.temperature:g}, "
        f"dt = {setting.dt:.3g}, t = {trajectory.duration:.3g}"
    )

    def draw(path: str) -> None:
        from langevin.figures.walks import relaxation as figure

        correlations = {
            name: [
                (points[label], number) for label, number in measured.items() if quantities[label] == quantity
            ]
            for name in coordinates_of(landscape)
            for quantity in [f"correlation of {name}"]
        }
        laws = {
            name: [curve for curve in curves if curve.quantity == f"correlation of {name}"]
            for name in correlations
        }
        figure(path, correlations, laws, title)

    return Answer(
        title=title,
        table=format_table(["number", "measured", "walkers", "theory"], rows),
        measured=measured,
        comparisons=comparisons,
        curves=curves,
        draw=draw,
        notes=sorted({number.note for number in measured.values()} | ({"" if lags else NO_LAGS})),
        record={"relaxation": {name: measurement_record(number) for name, number in measured.items()}},
    )


def _without_theory(case: Case) -> str:
    """A sentence with the reason why no theory is known."""
    landscape, law = case.landscape, case.law
    if not has_triangles(landscape):
        known = "surfaces of two dimensions without walls"
        return f"no theory gives the relaxation on {landscape.name}: it is known on {known}"
    if law is None:
        return f"what a step of this {case.dynamics.name} motion does along the set is not known"
    if law.across:
        return f"{case.dynamics.name} motion has a width about {landscape.name}; projected motion keeps to the surface"
    return "no spectrum is known of motion whose heat along the surface changes from place to place"


relaxation = Question(
    name="relaxation",
    summary="Correlations over time, and stationary means, on a surface.",
    applies_to="a surface without a target",
    rank=120,
    applies=lambda case: case.landscape.is_surface and not case.watched,
    walk=_walk,
    measure=_measure,
    without_theory=_without_theory,
)
