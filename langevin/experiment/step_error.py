"""The error that the length of the steps causes in a measured number: a bound, and a measurement at half the step.

The bound is over the number, and is part of the printed error. Bounds were measured on landscapes whose numbers are
known (docs/default_steps.md), and are scaled with the step. A bound counts as one standard error, because its
distribution is not known.

The same question is measured at half the step, with other noise, and extrapolates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from langevin.comparison import format_table, format_value, measurement_record
from langevin.ensemble.splitting import Splitting
from langevin.ensemble.step_length import kick_bias
from langevin.errors import NumericalError
from langevin.experiment.answering import has_target
from langevin.experiment.late_times import way_to_target
from langevin.experiment.question import Settings
from langevin.experiment.report import Report
from langevin.experiment.time_scales import border
from langevin.kernels.streams import derived_seed
from langevin.landscapes.starts import usual_point
from langevin.landscapes.target_slope import border_curvature, slopes_along
from langevin.measure.combined import with_step_error
from langevin.theory.passage.regimes import overshoot_shift
from langevin.theory.surfaces.geometry import places_about
from langevin.types import Diffusion, Factors, FloatArray, Landscape, Measurement, Setting, Trajectory

#: Times of motion down a loss with steps of weak order 2 and 1: error over (dt x curvature)^2 and over dt x curvature.
SECOND, FIRST = 0.028, 0.05
#: Times in a body: error over the ratio of a step's standard deviation to the width of the target.
BODY = 0.13
#: Motion along a surface: error over the estimate of `kick_bias`, 2.2 for the displacement on the torus.
ALONG = 3.0
#: Times to a target with a curved border: error over the square of a kick x the sum of the curvatures of the border,
#: at most 0.009 for balls in 2 to 6 dimensions with kicks of 0.5 to 4 radii.
ROUND = 0.009
#: The same along a surface: caps of half-angle .05 to .3 on a sphere with kicks of .5, 1 and 2 radii have errors of
#: 1, 3 and 12 %.
ROUND_ALONG = 0.03
#: Header of the table of measured biases.
HEADER = ("number", "at dt", "at dt / 2", "step bias, extrapolated", "in its errors", "walkers")
#: Both runs take up to this many times the walkers, within this many coordinate-steps for an ensemble.
GROWTH, COST = 16, 4e8


@dataclass(frozen=True)
class StepError:
    """The error over the number, 0 if it is not known, and the sentence about it below the table."""

    share: float
    note: str


UNKNOWN = StepError(
    0.0,
    "the errors do not contain that of the steps, which is not known here: `langevin simulate --check-dt` measures it",
)


def error_of_time(setting: Setting) -> StepError:
    """The error of a mean time to a target, with a corrected overshoot, at the step of a setting."""
    case, landscape = setting.case, setting.case.landscape
    if case.inertia or case.diffusion is not Diffusion.CONSTANT or landscape.drive is not None:
        return UNKNOWN
    if landscape.is_body:
        return _in_body(setting)
    return _downhill(setting) if case.dynamics.descends(landscape) else _along_to_target(setting)


def with_steps(run: Splitting, error: StepError) -> Splitting:
    """A run of splitting with the error of the steps in the errors of its rate and mean time.

    Args:
        run: the run.
        error: error of its steps.
    """
    rate, time = (with_step_error(one, error.share) for one in (run.rate, run.mean_time))
    return replace(run, rate=rate, mean_time=time)


def _in_body(setting: Setting) -> StepError:
    """The error by the standard deviation of a step over the width of the target."""
    landscape = setting.case.landscape
    width = landscape.facts.target_width
    if width is None or landscape.gradient is not None:
        return UNKNOWN
    ratio = math.sqrt(2.0 * setting.temperature * setting.dt) / width
    return _stated(BODY * ratio, f"a step is {ratio:.2g} of the target's width")


def _downhill(setting: Setting) -> StepError:
    """The error by dt x the largest curvature, and by slope and curvature at the border of a target that is no well."""
    case, landscape, theta, dt = setting.case, setting.case.landscape, setting.temperature, setting.dt
    curved = dt * landscape.stiffness(theta)
    if case.law is None or not math.isfinite(curved):
        return UNKNOWN
    order = case.law.order
    share = SECOND * curved**2 if order >= 2.0 else FIRST * curved
    if landscape.facts.wells is None:
        share = math.hypot(share, _at_border(landscape, theta, dt))
    return _stated(share, f"dt x largest curvature is {curved:.2g}, weak order {order:g}")


def error_along(setting: Setting) -> StepError:
    """The error of squared distances of a walk along a surface, by its curvature at the start."""
    landscape = setting.case.landscape
    start = usual_point(landscape) if setting.start is None else setting.start
    return _by_kicks(setting, np.asarray(start)[None])


def _along_to_target(setting: Setting) -> StepError:
    """The error of a time from kicks (a mean over the surface: the start may be flat), shift and bend of the border."""
    landscape = setting.case.landscape
    try:
        along = _by_kicks(setting, places_about(landscape))
    except NumericalError:
        along = error_along(setting)
    if along is UNKNOWN:
        return along
    shift, bend = _by_shift(setting), _by_bend(setting)
    if max(shift, bend) <= along.share:
        return along
    why = (
        "a target meets the surface at different angles"
        if shift > bend
        else "the border of a target is curved"
    )
    return _stated(math.hypot(along.share, shift, bend), why)


def _by_shift(setting: Setting) -> float:
    """The error of the overshoot correction: it is one number for a whole border, whose slope may vary.

    It is twice the standard deviation of the slope over its mean, times the shift over the distance to the nearest
    target.
    """
    landscape = setting.case.landscape
    uneven = [float(np.std(found) / np.mean(found)) for found in slopes_along(landscape) if len(found) > 1]
    if not uneven:
        return 0.0
    start = usual_point(landscape) if setting.start is None else setting.start
    way = way_to_target(replace(setting, start=start))
    shift = overshoot_shift(setting.temperature, setting.dt)
    return 2.0 * max(uneven) * shift / way


def _by_bend(setting: Setting) -> float:
    """The error by the square of a kick times the sum of the curvatures of the border along the surface."""
    square = 2.0 * setting.temperature * setting.dt
    return ROUND_ALONG * border_curvature(setting.case.landscape) ** 2 * square


def _by_kicks(setting: Setting, places: FloatArray) -> StepError:
    """The error by (kick / radius of mean curvature)^2, at places (points, dim)."""
    case, landscape = setting.case, setting.case.landscape
    law = case.law
    if law is None or law.across or law.uneven_power or landscape.field is not None:
        return UNKNOWN
    kick = math.sqrt(2.0 * setting.temperature * setting.dt)
    bias = float(np.mean([kick_bias(landscape, place[None], kick) for place in places]))
    return _stated(ALONG * bias, f"the standard deviation of a kick is {kick:.2g}")


def _at_border(landscape: Landscape, theta: float, dt: float) -> float:
    """The error at a border: (rise of the loss along a step / theta)^2 / 2, and the error from its curvature."""
    found = border(landscape, theta)
    if found is None:
        return 0.0
    square = 2.0 * theta * dt
    return math.hypot(0.5 * found.slope**2 * square / theta**2, ROUND * found.curvature**2 * square)


def _stated(share: float, why: str) -> StepError:
    return StepError(share, f"the errors contain that of the steps, {100 * share:.2g} % of the value ({why})")


def with_step_bias(report: Report, answer: Callable[[Settings], Report], settings: Settings) -> Report:
    """The report with the bias of its step: 2 (A(dt) - A(dt / 2)) of every number A, whose error is of first order.

    Both runs have the same number of walkers and no noise in common. They have more walkers than the report if walkers
    are cheap. So the standard error of the bias is about 2.8 times the standard error of A at this number of walkers.
    Use more walkers if this is too large.

    Args:
        report: of the run at dt.
        answer: answers the same question with other settings.
        settings: of the run at dt.
    """
    run = report.trajectory
    walkers = _walkers(run)
    coarser = replace(settings, walkers=walkers, horizon=_horizon(run, settings), precision=None, aside=True)
    finer = replace(
        coarser,
        dt=run.meta["dt"] / 2,
        every=None if settings.every is None else 2 * settings.every,
        seed=derived_seed(settings.seed, 1),
        schedule=None if settings.schedule is None else _halved(settings.schedule),
    )
    grown = walkers * _ensembles(run) > run.states.shape[0]
    coarse = answer(replace(coarser, dt=run.meta["dt"])).measured if grown else report.measured
    fine = answer(finer).measured
    biases = {name: bias(number, fine[name]) for name, number in coarse.items() if name in fine}
    rows = [
        (
            name,
            _shown(coarse[name]),
            _shown(fine[name]),
            _shown(found),
            f"{found.value / found.error:+.2f}" if found.mixed and found.error > 0 else "-",
            str(found.n),
        )
        for name, found in biases.items()
    ]
    section = "Bias of the step size, from a second run at half the step\n" + format_table(HEADER, rows)
    mean = pooled(coarse, biases) if _ensembles(run) > 1 else None
    record = {name: measurement_record(found) for name, found in biases.items()}
    if mean is not None:
        section += (
            f"\nAll together: {100 * mean.value:+.2f} +- {100 * mean.error:.2f} % of each (n = {mean.n})"
        )
        record["all together, relative"] = measurement_record(mean)
    alone = [name for name in coarse if name not in fine]
    if alone:
        section += f"\nNot measured at half the step, whose frames lie elsewhere: {', '.join(alone)}"
    return replace(report, text=f"{report.text}\n\n{section}", record={**report.record, "step_bias": record})


def bias(coarse: Measurement, fine: Measurement) -> Measurement:
    """2 (A(dt) - A(dt / 2)), what the step dt adds to A if its error is of first order.

    Args:
        coarse: A(dt).
        fine: A(dt / 2).
    """
    notes = [measured.note for measured in (coarse, fine) if not measured.mixed]
    return Measurement(
        2.0 * (coarse.value - fine.value),
        2.0 * math.hypot(coarse.scatter, fine.scatter),
        min(coarse.n, fine.n),
        "half step",
        not notes,
        "; ".join(dict.fromkeys(notes)),
    )


def pooled(coarse: Mapping[str, Measurement], biases: Mapping[str, Measurement]) -> Measurement | None:
    """Weighted mean of the relative biases of numbers of independent ensembles, None if fewer than two are known.

    Args:
        coarse: numbers at dt, of one sign, whose relative biases are of one order.
        biases: their biases.
    """
    known = [(coarse[name].value, found) for name, found in biases.items() if found.mixed and found.error > 0]
    if len(known) < 2:
        return None
    weights = [(value / found.error) ** 2 for value, found in known]
    mean = sum(w * found.value / value for w, (value, found) in zip(weights, known)) / sum(weights)
    return Measurement(
        mean, sum(weights) ** -0.5, sum(found.n for _, found in known), "weighted mean of relative biases"
    )


def _ensembles(run: Trajectory) -> int:
    """Number of ensembles, one for each number of samples, that a run joins."""
    return len(np.unique(run.events["samples"])) if "samples" in run.events else 1


def _walkers(run: Trajectory) -> int:
    """Walkers of an ensemble in the check: more than in the run if they cost little."""
    count, dim = run.states.shape[0], run.states.shape[2]
    ensembles = _ensembles(run)
    cost = float(np.asarray(run.events["step"]).sum()) * dim / ensembles
    growth = max(1, min(GROWTH, int(COST / max(cost, 1.0))))
    return int(-(-count // ensembles)) * growth


def _horizon(run: Trajectory, settings: Settings) -> float | None:
    """The time that the run took, so that a default which depends on the step stays as it was."""
    return settings.horizon if has_target(run) else run.duration


def _halved(schedule: Factors) -> Factors:
    """The schedule of two steps for each one, with the same time after both."""
    return lambda steps: schedule(steps // 2)


def _shown(measured: Measurement) -> str:
    return format_value(measured.value, measured.error) + ("" if measured.mixed else " (not mixed)")
