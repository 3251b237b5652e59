"""Where walkers are along a curve at late times: the shares of its quarters, compared with the laws' shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.comparison import compare_all, format_prediction, format_table, format_value, measurement_record
from langevin.experiment.question import Answer
from langevin.experiment.settled import as_one
from langevin.measure import occupation
from langevin.measure.moments import over_states
from langevin.types import Curve, Measurement, Trajectory

#: Names of the quarters of the length by det J J^T, and their names if none is flatter than another.
QUARTERS = ("flattest", "second", "third", "stiffest")
IN_ORDER = ("first", "second", "third", "fourth")


def shares_answer(
    title: str,
    line: str,
    curve: theory.surfaces.SurfaceCurve,
    curves: Sequence[Curve],
    trajectory: Trajectory,
) -> Answer:
    """The shares of the quarters in the second half of a run, compared with the shares of the laws.

    Args:
        title: without the numbers of the run.
        line: the expected result.
        curve: traced.
        curves: shares of the laws, over the number of the quarter.
        trajectory: the run, with states on or near the curve.

    Raises:
        UsageError: fewer than 8 frames.
    """
    theta, dt, time = trajectory.meta["temperature"], trajectory.meta["dt"], trajectory.duration
    title = f"{title}, theta = {theta:g}, dt = {dt:.3g}, t = {time:.3g}"
    measured = shares(curve, trajectory)
    names = IN_ORDER if theory.surfaces.is_even(curve) else QUARTERS
    points = list(range(1, len(names) + 1))
    comparisons = compare_all(points, measured, list(curves), yardstick=1 / len(names))
    rows: list[list[str | float | None]] = [
        [name, format_value(m.value, m.error), m.n, *(format_prediction(law.predict(k)) for law in curves)]
        for k, name, m in zip(points, names, measured)
    ]

    def draw(path: str) -> None:
        from langevin.figures.canvas import canvas, error_bars, looks

        with canvas(path, title) as axes:
            for law, (colour, dash) in zip(curves, looks()):
                heights = [law.predict(k).value for k in points]
                axes.plot(points, heights, color=colour, linestyle=dash, label=law.name)
            error_bars(axes, points, [m.value for m in measured], [1.96 * m.error for m in measured],
                       f"simulation, 95 % interval, n = {measured[0].n}")  # fmt: skip
            axes.set_xticks(points, labels=names)
            axes.set(xlabel="quarter of the length, by det $J J^T$", ylabel="share of time", ylim=(0.0, None))
            axes.legend()

    return Answer(
        title=title,
        lines=[line],
        table=format_table(
            ["quarter of the length", "share of time", "n", *(law.name for law in curves)], rows
        ),
        measured={f"share of the {name} quarter": m for name, m in zip(names, measured)},
        comparisons=comparisons,
        curves=curves,
        draw=draw,
        notes=sorted({m.note for m in measured}),
        record={
            "length": curve.length,
            "shares": {n: measurement_record(m) for n, m in zip(names, measured)},
        },
    )


def shares(curve: theory.surfaces.SurfaceCurve, trajectory: Trajectory) -> list[Measurement]:
    """Share of time in each quarter over the second half of a run. If one is not stationary, none is `mixed`.

    Args:
        curve: traced.
        trajectory: the run, with states on or near the curve.
    """
    parts = over_states(
        trajectory.states,
        lambda states: theory.surfaces.quarter_of(curve, np.nan_to_num(states, posinf=0.0, neginf=0.0)),
    )
    begin, time = float(trajectory.times[0]), trajectory.duration
    found = {}
    for part in range(1, len(QUARTERS) + 1):
        run = replace(trajectory, observables={"inside": np.asarray(parts == part, float)})
        found[str(part)] = occupation(run, "inside", first_time=begin + 0.5 * time)
    return list(as_one(found).values())
