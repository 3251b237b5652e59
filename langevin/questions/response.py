"""How do walkers follow a force that varies in time? The means of the coordinates at some times."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from langevin.comparison import compare_all, format_prediction, format_table, format_value, measurement_record
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import steps_in, walk
from langevin.landscapes.curvature import usual_curvature
from langevin.measure.walkers import sound
from langevin.types import Case, Comparison, Curve, Integrator, Measurement, Setting, Trajectory

WALKERS = 40_000
#: Default dt x largest rate of loss and force, duration in relaxation times, frames, and times compared.
STEP, DURATION, FRAMES, POINTS = 0.02, 8.0, 40, 8
#: Largest number of steps of all walkers together; the number of walkers is reduced for it, but not below the second
#: number.
WORK, LEAST_WALKERS = 2e9, 500
#: Coordinates in the table.
COORDINATES = 3


def _applies(case: Case) -> bool:
    return case.landscape.drive is not None and not case.watched


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    theta = settings.temperature if settings.temperature is not None else 1.0
    fastest = usual_curvature(case.landscape, theta)
    slowest = case.landscape.facts.slowest_rate
    relaxing = slowest(theta) if slowest is not None else fastest
    time = settings.horizon or DURATION / relaxing
    dt = settings.dt or min(STEP / fastest, time / FRAMES)
    steps = steps_in(time, dt, least=FRAMES)
    walkers = int(min(WALKERS, max(LEAST_WALKERS, WORK / steps)))
    every = max(1, steps // FRAMES)
    return walk(case, integrator, settings, theta, dt, steps=steps, every=every, walkers=walkers)


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """The mean of each of the first coordinates over the walkers, at about eight times, compared with theories."""
    landscape = setting.case.landscape
    chosen = np.unique(np.linspace(0, len(trajectory.times) - 1, POINTS + 1).astype(int))[1:]
    times = trajectory.times[chosen].tolist()
    count = min(landscape.dim, COORDINATES)
    means = {f"E x_{i + 1}": [_mean(trajectory, int(frame), i) for frame in chosen] for i in range(count)}
    curves = [curve for curve in curves if curve.quantity in means]
    comparisons = [
        found
        for name, measured in means.items()
        for found in _compared(times, measured, [curve for curve in curves if curve.quantity == name])
    ]
    title = f"Response of {landscape.name}, theta = {setting.temperature:g}, dt = {setting.dt:.3g}"
    rows: list[list[str | float | None]] = [
        [f"{time:.4g}", *(format_value(means[name][place].value, means[name][place].error) for name in means),
         *(format_prediction(curve.predict(time)) for curve in curves)]
        for place, time in enumerate(times)
    ]  # fmt: skip

    def draw(path: str) -> None:
        from langevin.figures.canvas import canvas, error_bars, looks

        with canvas(path, title) as axes:
            grid = np.linspace(0.0, times[-1], 200)
            for curve, (colour, _) in zip(curves, looks()):
                values = [curve.predict(time).value for time in grid]
                axes.plot(grid, values, "--", color=colour, label=f"{curve.name}, {_symbol(curve.quantity)}")
            for name, measured in means.items():
                error_bars(axes, times, [m.value for m in measured], [1.96 * m.error for m in measured],
                           f"{_symbol(name)}, simulation, 95 % interval, n = {measured[-1].n}")  # fmt: skip
            axes.set(xlabel="time $t$", ylabel="mean place")
            axes.legend()

    return Answer(
        title=title,
        table=format_table(["time", *means, *(f"{curve.name}, {curve.quantity}" for curve in curves)], rows),
        measured={
            f"{name} at t = {time:.4g}": one
            for name, found in means.items()
            for time, one in zip(times, found, strict=True)
        },
        comparisons=comparisons,
        curves=curves,
        draw=draw,
        notes=sorted({one.note for found in means.values() for one in found}),
        record={
            "response": {name: [measurement_record(one) for one in found] for name, found in means.items()}
        },
    )


def _symbol(name: str) -> str:
    """The name of a mean, E x_1, in symbols."""
    return f"$E\\,x_{{{name.removeprefix('E x_')}}}$"


def _compared(
    times: Sequence[float], measured: Sequence[Measurement], curves: Sequence[Curve]
) -> list[Comparison]:
    """Comparisons of one coordinate. A tenth of its largest predicted mean counts: the mean itself passes through 0."""
    predicted = [abs(curve.predict(time).value) for curve in curves for time in times]
    largest = max(predicted, default=0.0)
    return compare_all(times, measured, curves, yardstick=largest if largest > 0.0 else None)


def _mean(trajectory: Trajectory, frame: int, coordinate: int) -> Measurement:
    walkers = sound(trajectory)
    values = trajectory.states[:, frame, coordinate]
    known = np.asarray(values[np.isfinite(values)], np.float64)
    error = float(known.std(ddof=1) / math.sqrt(known.size)) if known.size > 1 else math.inf
    mixed = walkers.fair and known.size > 1
    return Measurement(float(known.mean()), error, known.size, "ensemble mean", mixed, walkers.note)


response = Question(
    name="response",
    summary="Mean position over time under a force that varies in time.",
    applies_to="a loss with a force that varies in time, without a target",
    rank=10,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=lambda case: (
        f"the mean place on {case.landscape.name} is not known: the force is not linear in x, or walkers start at "
        "several places"
    ),
)
