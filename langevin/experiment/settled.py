"""What a walk that has settled shows: means of functions at its end, and shares of the quarters of a curve.

Both tell whether they had settled, and give the answer that compares them with theories.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.comparison import compare_all, format_prediction, format_table, format_value, measurement_record
from langevin.experiment.question import Answer
from langevin.measure import ensemble_mean, occupation
from langevin.measure.moments import over_states
from langevin.measure.walkers import sound
from langevin.measure.windows import time_weights
from langevin.types import Comparison, Curve, FloatArray, Measurement, Trajectory

#: Correlation between half time and the end above which a run is too short to settle, if it is also above four errors.
MEMORY = 0.1
#: Share of the time after which means over time begin.
QUARTER = 0.25
#: The remedy, for every command that answers questions.
LONGER = "a longer run is needed (`langevin simulate --horizon`)"
MORE_FRAMES = "more frames are needed (`langevin simulate --frames`)"
#: Names of the quarters of the length by det J J^T, and their names if none is flatter than another.
QUARTERS = ("flattest", "second", "third", "stiffest")
IN_ORDER = ("first", "second", "third", "fourth")


def settled(trajectory: Trajectory, function: Callable[[FloatArray], FloatArray]) -> Measurement:
    """Mean of a function over independent walkers at the end of a run; not `mixed` if it had not settled.

    Args:
        trajectory: with a frame between the first and the last.
        function: states (walkers, dim) to numbers (walkers,).
    """
    end, reason = ensemble_mean(trajectory, function), _moving(trajectory, function)
    return replace(end, mixed=False, note=reason) if reason else end


def settled_means(
    trajectory: Trajectory, functions: Mapping[str, Callable[[FloatArray], FloatArray]]
) -> dict[str, Measurement]:
    """Means over walkers and over the last three quarters of a run. If one had not settled, none is `mixed`.

    Walkers are independent and frames are not, so the error comes from the scatter of the walkers' means over time.
    Other faults that make the mean at the end invalid, such as values without a variance, make this mean invalid too.

    Args:
        trajectory: the run.
        functions: name to a function of states (walkers, dim) that gives (walkers,).
    """
    ends = {name: ensemble_mean(trajectory, function) for name, function in functions.items()}
    reasons = (_moving(trajectory, function, QUARTER) for function in functions.values())
    reason = next(filter(None, reasons), "")
    means = {name: _over_rest(trajectory, function, ends[name]) for name, function in functions.items()}
    return {name: replace(mean, mixed=False, note=reason) if reason else mean for name, mean in means.items()}


def as_one(moments: Mapping[str, Measurement]) -> dict[str, Measurement]:
    """Moments of one run. If one had not settled, none counts as settled."""
    note = next((moment.note for moment in moments.values() if not moment.mixed), None)
    if note is None:
        return dict(moments)
    return {name: replace(moment, mixed=False, note=note) for name, moment in moments.items()}


def moments_answer(
    title: str,
    temperature: float,
    measured: Mapping[str, Measurement],
    curves: Sequence[Curve],
    yardsticks: Mapping[str, float] | None = None,
) -> Answer:
    """The answer on moments: every curve is compared with the moment that it names as its quantity.

    Args:
        title: of the answer.
        temperature: the point on the dial of the curves.
        measured: moments by name.
        curves: over the temperature.
        yardsticks: sizes to which differences of a moment refer, by its name; by default its prediction.
    """
    predicted = [name for name in measured if any(curve.quantity == name for curve in curves)]
    comparisons: list[Comparison] = []
    for name in predicted:
        own = [curve for curve in curves if curve.quantity == name]
        unit = (yardsticks or {}).get(name)
        comparisons += compare_all(
            [temperature], [measured[name]], own, 0.05 / len(predicted), yardstick=unit
        )
    rows: list[list[str | float | None]] = []
    for name, moment in measured.items():
        values = [format_prediction(c.predict(temperature)) for c in curves if c.quantity == name]
        rows.append([name, format_value(moment.value, moment.error), moment.n, ", ".join(values) or "-"])

    def draw(path: str) -> None:
        from langevin.figures.walks import quantities

        quantities(path, measured, comparisons, title, "mean at the end")

    return Answer(
        title=title,
        table=format_table(["moment", "measured", "walkers", "theory"], rows),
        measured=measured,
        comparisons=comparisons,
        curves=curves,
        draw=draw,
        notes=sorted({moment.note for moment in measured.values()}),
        record={"moments": {name: measurement_record(moment) for name, moment in measured.items()}},
    )


def _over_rest(
    trajectory: Trajectory, function: Callable[[FloatArray], FloatArray], end: Measurement
) -> Measurement:
    """The mean over the frames after a quarter of the time, of the walkers whose mean at the end is known."""
    later = np.arange(_frame_at(trajectory, QUARTER) + 1, len(trajectory.times))
    if len(later) < 2 or end.n < 2:
        return end
    states = trajectory.states[sound(trajectory).keep][:, later]
    values = over_states(states, function)
    own = (values * time_weights(trajectory.times, later)).mean(axis=1)
    error = float(own.std(ddof=1)) / math.sqrt(end.n)
    return replace(end, value=float(own.mean()), error=error, estimator="mean over walkers and time")


def _moving(trajectory: Trajectory, function: Callable[[FloatArray], FloatArray], share: float = 0.5) -> str:
    """Why the mean of a function had not settled at the end of a run, from an earlier frame; empty if it had."""
    middle, when = _frame_at(trajectory, share), "half time" if share == 0.5 else "a quarter of the time"
    half, end = (ensemble_mean(trajectory, function, frame) for frame in (middle, -1))
    if not 0 < middle < len(trajectory.times) - 1:
        return f"no frame shows whether the moments had settled; {MORE_FRAMES}"
    if abs(end.value - half.value) > 4.0 * (half.error**2 + end.error**2) ** 0.5:
        return f"the moments still change between {when} and the end; {LONGER}"
    memory = _correlation(*(function(trajectory.states[:, frame]) for frame in (middle, -1)))
    if memory > MEMORY + 4.0 / end.n**0.5:
        return f"not equilibrated: the states at the end are correlated with those {when} ({memory:.2f}); {LONGER}"
    return ""


def _frame_at(trajectory: Trajectory, share: float) -> int:
    """The frame nearest to this share of the time."""
    return int(np.abs(trajectory.times - trajectory.times[0] - share * trajectory.duration).argmin())


def _correlation(first: FloatArray, second: FloatArray) -> float:
    """Correlation of two numbers of the same walkers, without walkers whose numbers are not finite."""
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < 3 or not (first[known].std() > 0 and second[known].std() > 0):
        return 0.0
    return float(np.corrcoef(first[known], second[known])[0, 1])


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
