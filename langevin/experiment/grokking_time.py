"""How does the time to reach the solution grow when training samples are taken away?

The cube of Kozyrev (2024): for each number k of samples imposed, the mean first-passage time of reflected
Brownian motion to the corner cube, beside the entropy, Eyring's estimate, the capacity law, the lattice law
(slope) and the finite-volume reference, which alone claims to be exact at the given eps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from langevin import theory
from langevin.comparison import (
    compare_all,
    format_table,
    format_value,
    measurement_record,
    neighbour_differences,
)
from langevin.ensemble import simulate
from langevin.errors import UsageError
from langevin.experiment.ensembles import concatenate, labelled, until_precise
from langevin.experiment.report import Report, endings, record_of, verdict_table
from langevin.experiment.settings import Settings
from langevin.experiment.walk import carried
from langevin.integrators import variable_step
from langevin.kernels.streams import derived_seed
from langevin.manifolds import cube
from langevin.measure import confidence_interval, mean_first_passage_time
from langevin.types import Comparison, Curve, Measurement, Problem, Stop, Trajectory

WALKERS = 400
#: Standard deviation of a step near the target, as a part of the target's width.
STEP = 1.0 / 16.0
#: Censoring time in units of L^2 / theta.
HORIZON = 2e4
ENDLESS = 2**52
#: The check at half the step takes up to this many times the walkers, within this many coordinate-steps.
CHECK_GROWTH = 16
CHECK_COST = 4e8


def grokking_time(samples: Sequence[int], settings: Settings, **dials: Any) -> Report:
    """Measure the mean first-passage time for every number of samples, and compare with theory.

    Args:
        samples: numbers k of training samples imposed.
        settings: temperature (default 1), walkers for each k (default 400), dt, horizon, seed ...
        dials: of the cube: dim (default max(samples) + 1), fraction, side.

    Raises:
        UsageError: samples out of range, or a dial or setting that the cube refuses.
    """
    samples = sorted(set(samples))
    dim = dials.setdefault("dim", samples[-1] + 1)
    if samples[0] < 0 or samples[-1] >= dim:
        raise UsageError(f"samples must lie from 0 to dim - 1 = {dim - 1}, got {samples[0]} to {samples[-1]}")
    side, fraction = dials.get("side", 1.0), dials.get("fraction", 0.25)
    if settings.dynamics not in (None, "reflected") or settings.projection or settings.integrator:
        raise UsageError(
            "the cube is a body: its walk is reflected; drop --dynamics, --projection and --integrator"
        )
    settings = _with_defaults(settings, side, fraction)
    parts: list[Trajectory] = []
    for k in reversed(samples):  # the quick ones first: something is in the file soon
        trajectory, _ = _at(k, settings, dials)
        parts.insert(0, labelled(trajectory, samples=k))
        if settings.checkpoint:
            settings.checkpoint(_joined(parts, samples[-len(parts) :], settings.seed, k == samples[0]))
    trajectory = _joined(parts, samples, settings.seed, True)
    return grokking_answer(
        trajectory, _step_bias(samples, settings, dials, parts) if settings.check_dt else []
    )


def grokking_answer(trajectory: Trajectory, step_bias: Sequence[tuple[int, Measurement]] = ()) -> Report:
    """The mean first-passage time for every value of the event `samples` of a run on cubes, beside the theories."""
    labels = np.asarray(trajectory.events["samples"])
    samples = np.unique(labels).tolist()
    measured = [mean_first_passage_time(trajectory, labels == k) for k in samples]
    dials = trajectory.meta["dials"]
    dim, side, fraction = dials["dim"], dials["side"], dials["fraction"]
    curves = theory.cube_curves(dim, side, fraction, trajectory.meta["temperature"])
    comparisons = compare_all(samples, measured, curves, logarithmic=True)
    slopes = _slopes(samples, measured, dim, fraction)
    return _report(trajectory, samples, measured, curves, comparisons, slopes, step_bias)


def _with_defaults(settings: Settings, side: float, fraction: float) -> Settings:
    theta = settings.temperature or 1.0
    return replace(
        settings,
        temperature=theta,
        walkers=settings.walkers or WALKERS,
        dt=settings.dt or (STEP * fraction * side) ** 2 / (2.0 * theta),
        horizon=settings.horizon or HORIZON * side**2 / theta,
    )


def _at(k: int, settings: Settings, dials: dict[str, Any], check: int = 0) -> tuple[Trajectory, Measurement]:
    """The ensemble at k samples; `check` labels the independent one of a step-size check."""
    assert settings.temperature and settings.dt and settings.horizon and settings.walkers
    problem = Problem(cube(samples=k, **dials), settings.temperature, "reflected")
    dt, stop, seed = (
        settings.dt,
        Stop(settings.correction, settings.horizon),
        derived_seed(settings.seed, 2 * k + check),
    )
    own = carried(replace(settings, seed=seed, checkpoint=None), f"k = {k}", dt)

    def more(walkers: range) -> Trajectory:
        return simulate(problem, variable_step(), walkers=walkers, steps=ENDLESS, stop=stop, **own)

    return until_precise(more, settings.walkers, settings.precision)


def _joined(parts: Sequence[Trajectory], samples: Sequence[int], seed: int, complete: bool) -> Trajectory:
    return concatenate(parts, question="grokking time", samples=list(samples), seed=seed, complete=complete)


def _lattice_line(
    samples: Sequence[int], measured: Sequence[Measurement], curves: Sequence[Curve]
) -> list[tuple[float, float]]:
    """(k, T) with the lattice law's slopes, through the measurement with the most samples."""
    lattice = curves[0]
    line: list[tuple[float, float]] = []
    for k, time in sorted(zip(samples, measured), reverse=True):
        if not line:
            line = [(k, time.value)] if time.mixed and time.value > 0.0 else []
            continue
        slope = lattice.predict(k)
        if line[-1][0] != k + 1 or not slope.in_range:
            break
        line.append((k, line[-1][1] * math.exp(slope.value)))
    return line


def _slopes(
    samples: Sequence[int], measured: Sequence[Measurement], dim: int, fraction: float
) -> tuple[list[Comparison], list[Curve]]:
    """log T(k) - log T(k + 1) wherever both were measured, beside the laws that predict slopes only."""
    curves = theory.cube_slope_curves(dim, fraction)
    known = {k: m for k, m in zip(samples, measured) if m.mixed and m.value > 0.0}
    pairs = [k for k in known if k + 1 in known]
    points = [float(k) for k in pairs]
    differences = [neighbour_differences([k, k + 1], [known[k], known[k + 1]])[1][0] for k in pairs]
    return compare_all(points, differences, curves, yardstick=1.0), curves


def _step_bias(
    samples: Sequence[int], settings: Settings, dials: dict[str, Any], parts: Sequence[Trajectory]
) -> list[tuple[int, Measurement]]:
    """Relative step bias 2 (T(dt) - T(dt/2)) / T(dt) at every k, from ensembles as large as is cheap."""
    assert settings.dt and settings.walkers
    biases = []
    for k, part in zip(samples, parts):
        if part.counts["censored"]:
            continue
        cost = float(part.events["step"].mean()) * part.states.shape[2] * settings.walkers
        walkers = settings.walkers * max(1, min(CHECK_GROWTH, int(CHECK_COST / cost)))
        check = replace(settings, walkers=walkers, precision=None)
        _, coarse = _at(k, check, dials)
        _, fine = _at(k, replace(check, dt=0.5 * settings.dt), dials, check=1)
        scale = 2.0 / coarse.value
        error = scale * math.hypot(coarse.error, fine.error)
        biases.append((k, Measurement(scale * (coarse.value - fine.value), error, walkers, "half step")))
    return biases


def pooled(biases: Sequence[tuple[int, Measurement]]) -> Measurement:
    """Weighted mean of the relative biases, which are of one order at every k."""
    weights = [1.0 / bias.error**2 for _, bias in biases]
    total = sum(weights)
    value = sum(weight * bias.value for weight, (_, bias) in zip(weights, biases)) / total
    return Measurement(value, total**-0.5, sum(bias.n for _, bias in biases), "weighted mean over k")


def _report(
    trajectory: Trajectory, samples: Sequence[int], measured: Sequence[Measurement], curves: Sequence[Curve],
    comparisons: Sequence[Comparison], slopes: tuple[Sequence[Comparison], Sequence[Curve]],
    step_bias: Sequence[tuple[int, Measurement]],
) -> Report:  # fmt: skip
    meta = trajectory.meta
    dials = meta["dials"]
    dim, side, fraction, theta = dials["dim"], dials["side"], dials["fraction"], meta["temperature"]
    title = (
        f"Mean first-passage time on the cube, d = {dim}, L = {side:g}, eps = {fraction:g}, theta = {theta:g}"
    )
    text = "\n\n".join(
        [
            title,
            _time_table(samples, measured, curves, trajectory, dim, side, fraction),
            *_slope_section(*slopes),
            verdict_table([*comparisons, *slopes[0]], [*curves, *slopes[1]]),
            *_bias_section(step_bias),
            endings(trajectory),
        ]
    )
    everything = (*comparisons, *slopes[0])
    record = record_of(
        title,
        trajectory,
        everything,
        samples=list(samples),
        entropy=[theory.entropy(dim, k, side, fraction) for k in samples],
        first_passage_time=[measurement_record(m) for m in measured],
        step_bias=[{"samples": k, **measurement_record(bias)} for k, bias in step_bias],
    )

    def draw(path: str) -> None:
        from langevin.figures.grokking_time import grokking_time as figure

        figure(path, samples, measured, curves, _lattice_line(samples, measured, slopes[1]), title)

    return Report(title, trajectory, everything, text, record, draw)


def _time_table(
    samples: Sequence[int], measured: Sequence[Measurement], curves: Sequence[Curve], trajectory: Trajectory,
    dim: int, side: float, fraction: float,
) -> str:  # fmt: skip
    header = [
        "k",
        "free",
        "S(k)",
        "time T",
        "95 % interval",
        "walkers",
        "censored",
        *(c.name for c in curves),
    ]
    rows: list[list[str | float | None]] = []
    for k, time in zip(samples, measured):
        low, high = confidence_interval(time)
        own = trajectory.events["samples"] == k
        censored = int((trajectory.events["status"][own] == 2).sum())
        shown = format_value(time.value, time.error) if time.mixed else f"> {time.value:.4g}"
        interval = f"[{low:.4g}, {high:.4g}]" if time.mixed else "-"
        rows.append(
            [str(k), str(dim - k), theory.entropy(dim, k, side, fraction), shown, interval, str(int(own.sum())),
             str(censored), *(_predicted(curve, k) for curve in curves)]
        )  # fmt: skip
    return format_table(header, rows)


def _predicted(curve: Curve, point: float) -> str:
    answer = curve.predict(point)
    if not math.isfinite(answer.value):
        return "-"
    remainder = f" +- {answer.remainder:.1g}" if answer.remainder > 0 else ""
    return f"{answer.value:.4g}{remainder}" + ("" if answer.in_range else " (out)")


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


def _bias_section(step_bias: Sequence[tuple[int, Measurement]]) -> list[str]:
    if not step_bias:
        return []
    rows: list[list[str | float | None]] = [
        [str(k), f"{100 * bias.value:+.2f} +- {100 * bias.error:.2f} %", str(bias.n)] for k, bias in step_bias
    ]
    mean = pooled(step_bias)
    table = format_table(["k", "step bias of T, extrapolated", "walkers"], rows)
    line = f"All k together: {100 * mean.value:+.2f} +- {100 * mean.error:.2f} % of T (n = {mean.n})"
    return [f"Remaining bias of the step size, from a run at half the step\n{table}\n{line}"]
