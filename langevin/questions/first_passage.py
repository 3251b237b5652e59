"""How long does a walker take to its target? Mean time of first passage: out of a well, in a body, on a surface."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin.comparison import (
    compare_all,
    format_prediction,
    format_table,
    format_value,
    measurement_record,
)
from langevin.errors import UsageError
from langevin.experiment.conformance import conformance
from langevin.experiment.first_passages import WALKERS, doubt_of_hits, first_passages, target_shares
from langevin.experiment.late_times import late_share, note_of, slow_note, slowed_share, with_late_times
from langevin.experiment.one_ensemble import walkers_of
from langevin.experiment.question import Answer, Question, Settings
from langevin.experiment.question_walk import field_step, steady
from langevin.experiment.step_error import error_of_time
from langevin.experiment.theories import curves_of, known
from langevin.experiment.time_scales import STEP, gentle, slowing, usual_step
from langevin.kernels.targets import targets_of
from langevin.landscapes.contracts import refuse_broken
from langevin.landscapes.curvature import usual_curvature
from langevin.landscapes.evaluate import evaluate
from langevin.measure import confidence_interval, mean_first_passage_time, survival_curve
from langevin.measure.combined import with_step_error
from langevin.measure.walkers import joined
from langevin.theory.surfaces.fields import steepest_along
from langevin.types import Case, Curve, Diffusion, Integrator, Landscape, Problem, Setting, Trajectory

#: Default standard deviation of a step: in a body as a fraction of the width of the target, on a surface as a length.
STEP_IN_BODY, STEP_ON_SURFACE = 0.05, 0.03
#: Number of starts at which the slope in a body is computed.
STARTS = 64
#: Default dt x largest curvature in a loss for steps of weak order 2: the error of a time is then .3 % (measured).
STEP_SECOND = 0.42
#: Default barrier / theta: the highest temperature at which the Eyring-Kramers law is in range.
BARRIER = 5.0
#: Default horizon in units of the longest predicted time; without a prediction, in default steps.
HORIZON, UNKNOWN = 40.0, 1e6
#: Steps of all walkers up to which a walk without a given horizon is begun, some hours of one processor; the largest
#: exponent that a float holds.
MOST_WORK, LARGEST = 1e12, 700.0
#: Probability that any true theory is excluded.
LEVEL = 0.05


def _walk(case: Case, integrator: Integrator, settings: Settings) -> Trajectory:
    landscape = case.landscape
    theta = settings.temperature or _temperature(landscape)
    dt = settings.dt or steady(_step(case, theta), integrator, landscape, theta)
    expected = _expected(case, theta, dt)
    horizon = settings.horizon or (HORIZON * max(expected) if expected else UNKNOWN * dt)
    if settings.horizon is None:
        mean = max(expected) if expected else _least_by_barrier(case, theta)
        _refuse_long(landscape, mean, MOST_WORK * dt / walkers_of(settings, WALKERS))
    problem = Problem(landscape, theta, case.dynamics.name, settings.measure)
    return first_passages(
        problem, integrator, dt, horizon, settings, error_of_time(Setting(case, theta, dt)).share
    )


def _expected(case: Case, theta: float, dt: float) -> list[float]:
    """Times that theories predict; with inertia, times of overdamped motion times the factor of the slower motion."""
    curves, _ = curves_of(first_passage.name, Setting(case.overdamped, theta, dt))
    slower = slowing(case.inertia, usual_curvature(case.landscape, theta)) if case.inertia else 1.0
    return [slower * time for time in known([curve for curve in curves if not curve.quantity], theta)]


def _least_by_barrier(case: Case, theta: float) -> float:
    """A low estimate of the time over a barrier, exp(barrier / theta) over the largest curvature; 0 without a barrier.

    If only the noise varies, the result is 0, because the barrier of the loss does not count.
    """
    barrier = case.landscape.facts.barrier
    if barrier is None or case.diffusion is Diffusion.NOISE:
        return 0.0
    return math.exp(min(barrier / theta, LARGEST)) / usual_curvature(case.landscape, theta)


def _refuse_long(landscape: Landscape, mean: float, most: float) -> None:
    """Refuse a walk whose mean time is above the most that is waited for.

    Raises:
        UsageError: it is.
    """
    if mean < most:
        return
    # a target that is not a distance also misleads the theories
    for found in conformance(landscape):
        refuse_broken(landscape, found)
    raise UsageError(
        f"a walker takes about {mean:.3g} or more on average, too long to wait for",
        f"a mean time up to {most:.2g} ({MOST_WORK:.0e} steps of all walkers), if no horizon is given",
        "measure it by `langevin rate`, raise --temperature, or give a --horizon",
    )


def _temperature(landscape: Landscape) -> float:
    barrier = landscape.facts.barrier
    return 1.0 if barrier is None else barrier / BARRIER


def _step(case: Case, theta: float) -> float:
    """Default step: by the width of the target in a body, by a kick length on a surface, by the curvature of a loss."""
    landscape = case.landscape
    if landscape.is_body:
        width = landscape.facts.target_width
        if width is None:
            raise UsageError(
                f"the width of the target of {landscape.name} is not known",
                "the default step is computed from the width of the target",
                "give --dt",
            )
        free = (STEP_IN_BODY * width) ** 2 / (2.0 * theta)
        return free if landscape.gradient is None else gentle(free, theta, _steepest(landscape))
    if not case.dynamics.descends(landscape):
        free = STEP_ON_SURFACE**2 / (2.0 * theta)
        if landscape.field is None:
            return free
        return gentle(field_step(free, landscape, theta), theta, steepest_along(landscape))
    second = case.law is not None and case.law.order >= 2.0 and not case.inertia
    return usual_step(landscape, theta, STEP_SECOND if second else STEP, case.diffusion)


def _steepest(landscape: Landscape) -> float:
    """Largest slope of the loss or field in a body, at starts of walkers."""
    uniforms = np.random.default_rng(0).uniform(0.01, 0.99, (STARTS, landscape.dim))
    slopes = evaluate(landscape, "gradient", landscape.start(uniforms, 0.0))
    return float(np.max(np.linalg.norm(slopes, axis=1)))


def _measure(setting: Setting, trajectory: Trajectory, curves: Sequence[Curve]) -> Answer:
    """Mean first-passage time, compared on a logarithmic scale with curves over the temperature."""
    landscape, theta = setting.case.landscape, setting.temperature
    time = mean_first_passage_time(trajectory)
    doubt = doubt_of_hits(landscape, trajectory)
    time = replace(time, mixed=False, note=joined(time.note, doubt)) if doubt else time
    steps = error_of_time(setting)
    time = with_step_error(time, steps.share)
    targets = len(targets_of(landscape))
    shares = target_shares(trajectory, targets, curves, theta, 0.5 * LEVEL) if targets > 1 else None
    late, slow = late_share(setting, trajectory), slowed_share(setting, trajectory)
    times = with_late_times([curve for curve in curves if not curve.quantity], late + slow)
    comparisons = compare_all(
        [theta], [time], times, LEVEL if shares is None else 0.5 * LEVEL, logarithmic=True
    )
    low, high = confidence_interval(time)
    rows = [["measured", format_value(time.value, time.error), f"[{low:.4g}, {high:.4g}]", str(time.n)]]
    rows += [
        [row.theory, format_prediction(row.predicted), "",
         "" if math.isnan(row.ratio) else f"measured / predicted {row.ratio:.3g}"]
        for row in comparisons
    ]  # fmt: skip
    word, title = _words(landscape)
    title = f"{title}, theta = {theta:g}, dt = {setting.dt:.3g}"

    def draw(path: str) -> None:
        from langevin.figures.first_passage import escape_time as figure

        figure(path, survival_curve(trajectory), time, comparisons, title)

    return Answer(
        title=title,
        table=format_table([f"mean {word}", "", "95 % interval", "walkers"], rows),
        measured={f"mean {word}": time, **(shares.measured if shares else {})},
        comparisons=[*comparisons, *(shares.comparisons if shares else [])],
        sections=[shares.table] if shares else [],
        record={"shares": {n: measurement_record(m) for n, m in shares.measured.items()}} if shares else {},
        curves=curves,
        draw=draw,
        notes=[steps.note, time.note, note_of(late), slow_note(slow)],
    )


def _words(landscape: Landscape) -> tuple[str, str]:
    """The name of the time, and the first part of the title."""
    if landscape.is_body or landscape.is_surface:
        return "arrival time", f"Time to reach the target of {landscape.name}, d = {landscape.dim}"
    return "escape time", f"Escape from the well of {landscape.name}"


def _without_theory(case: Case) -> str:
    """A sentence with the reason why no theory of the time is known."""
    landscape = case.landscape
    if landscape.drive is not None:
        return f"no theory of the time under a force that varies in time is known, as on {landscape.name}"
    if landscape.diffusion is not None:
        return f"a diffusion varies on {landscape.name}: times are known on a line only"
    if landscape.is_surface:
        return _without_theory_on_surface(case)
    if not case.usual:
        return f"times of {landscape.name} are known for its usual start, and the walkers started elsewhere"
    lacks = "box and no closed form" if landscape.is_body else "wells and no box"
    return f"no theory of the time is known for {landscape.name}, which gives no {lacks}"


def _without_theory_on_surface(case: Case) -> str:
    if case.law is not None and case.law.across:
        return (
            f"{case.dynamics.name} motion leaves the surface {case.landscape.name}, and no theory of its time to the "
            "target is known; projected motion keeps to the surface"
        )
    return f"no theory of the time to reach a target on the surface {case.landscape.name} is known"


first_passage = Question(
    name="first passage",
    summary="Mean time to the target of a landscape, compared with escape rates and finite volumes.",
    applies_to="a landscape with a target",
    rank=20,
    applies=lambda case: case.watched,
    walk=_walk,
    measure=_measure,
    without_theory=_without_theory,
)
