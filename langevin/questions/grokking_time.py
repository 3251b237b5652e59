"""How does the time to reach the solution grow when training samples are removed?

The cube of Kozyrev (2024): for each number k of training samples, the mean first-passage time of reflected Brownian
motion to the corner cube, and the effect of one sample less, log T(k) - log T(k+1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.comparison import (
    compare_all,
    format_prediction,
    format_table,
    format_value,
    measurement_record,
    neighbour_differences,
)
from langevin.ensemble.record import concatenate
from langevin.errors import UsageError, unfit
from langevin.experiment.first_passages import correction_of, labelled, refuse_frames, until_precise
from langevin.experiment.late_times import late_share, note_of, with_late_times
from langevin.experiment.one_ensemble import one_ensemble, walkers_of
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import steps_in, steps_of
from langevin.experiment.step_error import error_of_time
from langevin.integrators import variable_step
from langevin.kernels.streams import derived_seed
from langevin.measure import confidence_interval, mean_first_passage_time
from langevin.measure.combined import with_step_error
from langevin.types import (
    Case,
    Comparison,
    Corner,
    Curve,
    Integrator,
    Measurement,
    Problem,
    Setting,
    Status,
    Stop,
    Trajectory,
)

#: With this number of walkers, differences of 10 % in a time and in a slope are detectable at all numbers of samples.
WALKERS = 5000
#: Standard deviation of a step near the target over the width of the target: the error of a time is then .2 %
#: (measured).
STEP = 1.0 / 64.0
#: Horizon in units of L^2 / theta.
HORIZON = 2e4
ENDLESS = 2**52
#: Quantities that theories predict.
TIME, SLOPE = "time", "slope"


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    """An ensemble for every number of samples; all ensembles are one run, with the event `samples`."""
    corner = case.landscape.facts.corner
    assert corner is not None
    samples = settings.samples or (corner.samples,)
    if samples[0] < 0 or samples[-1] >= corner.dim:
        raise unfit(
            "samples",
            f"must lie from 0 to dim - 1 = {corner.dim - 1}",
            f"{samples[0]} to {samples[-1]}",
            "raise --dim",
        )
    refuse_frames(settings)
    _check_all_kept(samples, settings)
    step = integrator if settings.integrator else variable_step()
    extra_meta = {**settings.extra_meta, "samples_asked": list(samples), "seed": settings.seed}
    settings = replace(_with_defaults(settings, corner), extra_meta=extra_meta)
    assert settings.temperature and settings.dt
    error = error_of_time(Setting(case, settings.temperature, settings.dt)).share
    parts: list[Trajectory] = []
    for k in reversed(samples):  # quick ensembles first, so that the file has results soon
        parts.insert(0, _at(k, corner, step, settings, error))
    return concatenate(parts, samples=list(samples))


def _check_all_kept(samples: Sequence[int], settings: Settings) -> None:
    """Refuse to extend a run without one of its ensembles."""
    if settings.earlier is None or settings.aside or "samples" not in settings.earlier.events:
        return
    missing = np.setdiff1d(settings.earlier.events["samples"], samples)
    if missing.size:
        raise UsageError(
            f"the run that is extended has an ensemble at {missing[0]} samples, which is not requested",
            "an extension keeps all ensembles",
            "name it by --samples",
        )


def _with_defaults(settings: Settings, corner: Corner) -> Settings:
    theta, side = settings.temperature or 1.0, corner.side
    return replace(
        settings,
        temperature=theta,
        dt=settings.dt or (STEP * corner.fraction * side) ** 2 / (2.0 * theta),
        horizon=settings.horizon or HORIZON * side**2 / theta,
    )


def _at(k: int, corner: Corner, step: Integrator, settings: Settings, error: float) -> Trajectory:
    """The ensemble at k samples; `error` is the error of the steps over a mean time."""
    assert settings.temperature and settings.dt and settings.horizon
    from langevin.manifolds import cube  # this imports all manifolds, which no other question needs

    place = cube(corner.dim, k, corner.fraction, corner.side)
    problem = Problem(place, settings.temperature, "reflected")
    dt, stop = settings.dt, Stop(correction_of(settings, step), settings.horizon)
    steps = ENDLESS if step.variable_step else steps_in(settings.horizon, dt)

    def more(walkers: range) -> Trajectory:
        return one_ensemble(
            problem,
            step,
            settings,
            walkers=walkers,
            steps=steps,
            dt=steps_of(settings, dt),
            seed=derived_seed(settings.seed, 2 * k),
            stop=stop,
            label=f"k = {k}",
            labels={"samples": k},
        )

    return until_precise(more, walkers_of(settings, WALKERS, {"samples": k}), settings.precision, error)[0]


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """The mean first-passage time for every value of the event `samples`, compared with the theories."""
    corner = setting.case.landscape.facts.corner
    assert corner is not None
    if "samples" not in trajectory.events:
        trajectory = labelled(trajectory, samples=corner.samples)
    labels = np.asarray(trajectory.events["samples"])
    samples = np.unique(labels).tolist()
    steps = error_of_time(setting)
    times = {
        k: with_step_error(mean_first_passage_time(trajectory, labels == k), steps.share) for k in samples
    }
    late = late_share(setting, trajectory)
    laws = with_late_times([curve for curve in curves if curve.quantity == TIME], late)
    slopes = [curve for curve in curves if curve.quantity == SLOPE]
    comparisons = compare_all(samples, list(times.values()), laws, logarithmic=True)
    steeper = _slopes(times, slopes)
    title = (
        f"Mean first-passage time on the cube, d = {corner.dim}, L = {corner.side:g}, eps = {corner.fraction:g}, "
        f"theta = {setting.temperature:g}"
    )

    def draw(path: str) -> None:
        from langevin.figures.first_passage import grokking_time as figure

        figure(path, samples, list(times.values()), laws, _lattice_line(times, slopes), title)

    return Answer(
        title=title,
        table="\n\n".join([_time_table(times, laws, trajectory, corner), *_slope_section(steeper, slopes)]),
        measured={f"mean time at k = {k}": time for k, time in times.items()},
        comparisons=[*comparisons, *steeper],
        curves=[*laws, *slopes],
        draw=draw,
        notes=[steps.note, note_of(late)],
        record={
            "samples": samples,
            "entropy": [theory.cube.entropy(corner.dim, k, corner.side, corner.fraction) for k in samples],
            "first_passage_time": [measurement_record(time) for time in times.values()],
        },
    )


def _slopes(times: Mapping[int, Measurement], curves: Sequence[Curve]) -> list[Comparison]:
    """log T(k) - log T(k + 1) if both were measured, compared with the laws that predict only slopes."""
    known = {k: time for k, time in times.items() if time.mixed and time.value > 0.0}
    pairs = [k for k in known if k + 1 in known]
    differences = [neighbour_differences([k, k + 1], [known[k], known[k + 1]])[1][0] for k in pairs]
    return compare_all([float(k) for k in pairs], differences, list(curves), yardstick=1.0)


def _lattice_line(times: Mapping[int, Measurement], slopes: Sequence[Curve]) -> list[tuple[float, float]]:
    """(k, T) with the slopes of the first law in `slopes`, through the measurement with the most samples."""
    line: list[tuple[float, float]] = []
    for k, time in sorted(times.items(), reverse=True):
        if not line:
            line = [(k, time.value)] if slopes and time.mixed and time.value > 0.0 else []
            continue
        slope = slopes[0].predict(k)
        if line[-1][0] != k + 1 or not slope.in_range:
            break
        line.append((k, line[-1][1] * math.exp(slope.value)))
    return line


def _time_table(
    times: Mapping[int, Measurement], curves: Sequence[Curve], trajectory: Trajectory, corner: Corner
) -> str:
    names = [curve.name for curve in curves]
    header = ["k", "free", "S(k)", "time T", "95 % interval", "walkers", "censored", *names]
    rows: list[list[str | float | None]] = []
    for k, time in times.items():
        low, high = confidence_interval(time)
        own = trajectory.events["samples"] == k
        censored = int((trajectory.events["status"][own] == Status.CENSORED).sum())
        shown = format_value(time.value, time.error) if time.mixed else f"> {time.value:.4g}"
        interval = f"[{low:.4g}, {high:.4g}]" if time.mixed else "-"
        entropy = theory.cube.entropy(corner.dim, k, corner.side, corner.fraction)
        rows.append(
            [str(k), str(corner.dim - k), entropy, shown, interval, str(int(own.sum())), str(censored),
             *(format_prediction(curve.predict(k)) for curve in curves)]
        )  # fmt: skip
    return format_table(header, rows)


def _slope_section(comparisons: Sequence[Comparison], curves: Sequence[Curve]) -> list[str]:
    points = sorted({row.point for row in comparisons})
    if not points:
        return []
    rows: list[list[str | float | None]] = []
    for point in points:
        own = [row for row in comparisons if row.point == point]
        first = own[0].measured
        shown = [f"{row.predicted.value:.4g}" if row.predicted.in_range else "-" for row in own]
        rows.append([f"{point:g} -> {point + 1:g}", format_value(first.value, first.error), *shown])
    header = ["k", "log T(k) - log T(k+1)", *(curve.name for curve in curves)]
    return ["Slope: what one sample less costs\n" + format_table(header, rows)]


def _applies(case: Case) -> bool:
    return case.watched and case.landscape.facts.corner is not None


def _without_theory(case: Case) -> str:
    return "the walkers did not start uniformly on the cube, for which alone its times are known"


grokking_time = Question(
    name="grokking time",
    summary="Mean time to the corner of the cube over the number of training samples.",
    applies_to="a landscape made of training samples, with a target",
    rank=10,
    applies=_applies,
    walk=_walk,
    measure=_measure,
    without_theory=_without_theory,
    quantity=TIME,
)
