"""How far does a walk get on a sphere or among orthonormal frames? Beside the rate at which it forgets its start.

There the coordinates are eigenfunctions of the Laplace-Beltrami operator: E X(t) = e^(-r theta t) X(0), with r the
fact `decay_rate`, and |X| is fixed, so E |X(t) - X(0)|^2 = 2 |X(0)|^2 (1 - e^(-r theta t)).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from langevin.comparison import compare_all, format_table, format_value, measurement_record
from langevin.experiment.drift import drift
from langevin.experiment.report import Report, endings, record_of, verdict_table
from langevin.experiment.settings import Settings
from langevin.measure import mean_squared_displacement
from langevin.types import Curve, FloatArray, Landscape, Measurement, Prediction, Trajectory

#: Times compared, and the rate x dt from which the steps are too coarse.
POINTS, COARSEST = 5, 0.05


def displacement(manifold: Landscape, settings: Settings) -> Report:
    """Measure how far walkers get in projected motion, with the defaults of the question of drift.

    Raises:
        UsageError: measure, projection and noise that do not go together.
    """
    run = drift(manifold, settings).trajectory
    return displacement_answer(manifold, replace(run, meta={**run.meta, "question": "displacement"}))


def displacement_answer(manifold: Landscape, trajectory: Trajectory) -> Report:
    """The mean squared displacement in a run of projected motion, at some five times, beside its exact law."""
    theta, dt = trajectory.meta["temperature"], trajectory.meta["dt"]
    lags, squared = mean_squared_displacement(trajectory)
    chosen = np.unique(np.linspace(0, len(lags), POINTS + 1).astype(int))[1:] - 1
    times, measured = lags[chosen].tolist(), [_mean(squared[:, lag]) for lag in chosen]
    decay = manifold.facts.decay
    assert decay is not None  # only surfaces that know it are asked for the displacement
    curve = forgetting(float((trajectory.states[0, 0] ** 2).sum()), decay * theta, dt)
    comparisons = compare_all(times, measured, [curve])
    title = f"Displacement on the {manifold.name}, theta = {theta:g}, dt = {dt:.3g}"
    rows: list[list[str | float | None]] = [
        [f"{row.point:.4g}", format_value(row.measured.value, row.measured.error), row.measured.n,
         row.predicted.value, row.z]
        for row in comparisons
    ]  # fmt: skip
    table = format_table(["time", "E |x - x_0|^2", "walkers", "theory", "z"], rows)
    text = "\n\n".join([title, table, verdict_table(comparisons, [curve]), endings(trajectory)])
    record = record_of(
        title, trajectory, comparisons, displacement=[measurement_record(moved) for moved in measured]
    )

    def draw(path: str) -> None:
        from langevin.figures.canvas import COLOURS, canvas, error_bars

        with canvas(path, title) as axes:
            grid = np.linspace(0.0, times[-1], 100)
            values = [curve.predict(time).value for time in grid]
            axes.plot(grid, values, "--", color=COLOURS[0], label=curve.name)
            error_bars(axes, times, [m.value for m in measured], [1.96 * m.error for m in measured],
                       f"simulation, 95 % interval, n = {measured[-1].n}")  # fmt: skip
            axes.set(xlabel="time $t$", ylabel="$E\\,|x - x_0|^2$")
            axes.legend()

    named = {f"E |x - x_0|^2 at t = {time:.4g}": moved for time, moved in zip(times, measured)}
    return Report(title, trajectory, tuple(comparisons), text, record, draw, named)


def forgetting(square: float, rate: float, dt: float) -> Curve:
    """2 |X(0)|^2 (1 - e^(-rate t)); a step of dt shifts the clock by a share of order rate x dt, the remainder."""

    def predict(time: float) -> Prediction:
        value = -2.0 * square * math.expm1(-rate * time)
        return Prediction(value, value * rate * dt, rate * dt <= COARSEST)

    return Curve(
        "forgetting",
        predict,
        f"Brownian motion on the surface, rate x dt <= {COARSEST:g}",
        "coordinates are eigenfunctions of the Laplace-Beltrami operator",
    )


def _mean(values: FloatArray) -> Measurement:
    known = values[np.isfinite(values)]
    error = float(known.std(ddof=1) / math.sqrt(known.size)) if known.size > 1 else math.inf
    return Measurement(float(known.mean()), error, known.size, "ensemble mean", known.size > 1)
