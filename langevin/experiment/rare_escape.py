"""How long does a walker stay where it will hardly ever leave? Mean times by splitting, beside theory."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langevin.comparison import (
    compare_all,
    comparison_record,
    comparison_table,
    format_table,
    format_value,
    measurement_record,
    overall,
)
from langevin.dynamics import dynamics_of, refusal_of, usual_dynamics
from langevin.ensemble.splitting import splitting
from langevin.ensemble.splitting_result import Splitting
from langevin.errors import NumericalError, UsageError, unfit
from langevin.experiment.choice import question_named
from langevin.experiment.report import verdict_table
from langevin.experiment.theories import curves_of
from langevin.kernels.streams import derived_seed
from langevin.landscapes.contracts import check_shapes
from langevin.landscapes.usual_scale import usual_curvature
from langevin.types import (
    Case,
    Comparison,
    Curve,
    Dynamics,
    Effort,
    Landscape,
    Measurement,
    Problem,
    Sets,
    Setting,
    Watch,
)

#: Default dt x largest curvature met: with the shift correction the step bias is below 1 %.
STEP = 0.05
#: Default standard deviation of a step in a body, as a part of the target's width.
STEP_IN_BODY = 1.0 / 16.0
#: Default standard deviation of a step on a surface, as a length.
STEP_ON_SURFACE = 0.03
#: Default barrier / theta: too rare for brute force.
BARRIER = 20.0
#: Relative variance of a replica over that at best, above which its spread says too little of the error.
MOST_SCATTER = 8.0
HEADER = (
    "theta", "flux out of A", "P(B before A)", "rate", "mean time", "n", "rel. variance", "ideal", "rounds", "died out",
)  # fmt: skip


@dataclass(frozen=True)
class RareEscape:
    """The answer: `text` for people, `record` for programs, `draw(path)` for the figure."""

    title: str
    runs: tuple[Splitting, ...]
    comparisons: tuple[Comparison, ...]
    text: str
    record: dict[str, Any]
    draw: Callable[[str], None]


def rare_escape(
    landscape: Landscape,
    temperatures: Sequence[float] | None = None,
    *,
    seed: int,
    dynamics: str | None = None,
    dt: float | None = None,
    sets: Sets | None = None,
    effort: Effort | None = None,
    correction: str = "shift",
    threads: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> RareEscape:
    """Measure the mean time from the landscape's start to its target at each temperature, however long.

    Args:
        landscape: with a target.
        temperatures: by default one, a twentieth of the barrier.
        seed: each temperature has a seed derived from it.
        dynamics: law of motion; by default soft in a potential, and reflected in a body.
        dt: time step; by default chosen for each temperature.
        sets: origin, target and score, as `splitting` takes them.
        effort: paths and replicas, as `splitting` takes them.
        correction: of the overshoot at the target, `shift` or `none`.
        threads: of the machine; never changes a result.
        progress: called with (label, round, replicas on the way).

    Raises:
        UsageError: a landscape without target, or a number out of range.
        NumericalError: as `splitting`.
    """
    if landscape.target is None:
        raise UsageError(
            f"{landscape.name} has no target to reach",
            "a landscape with a target",
            "choose a landscape that has one, such as the cube",
        )
    check_shapes(landscape)
    law = usual_dynamics(landscape) if dynamics is None else dynamics_of(dynamics)
    refusal = refusal_of(law, landscape)
    if refusal:
        raise UsageError(
            f"{refusal}, named by --dynamics",
            "a law of motion that serves the landscape",
            "name another, or leave it out",
        )
    temperatures = _temperatures(landscape, temperatures)
    runs = []
    for index, theta in enumerate(temperatures):
        problem = Problem(landscape, theta, law.name)
        runs.append(
            splitting(
                problem,
                dt=dt or _step(landscape, law, theta),
                seed=derived_seed(seed, index),
                sets=sets,
                effort=effort,
                correction=correction,
                watch=Watch(
                    threads=threads,
                    progress=None if progress is None else _labelled(progress, f"theta = {theta:g}"),
                ),
            )
        )
    curves = rare_curves(landscape, law)
    times = [_trusted(run) for run in runs]
    comparisons = compare_all(temperatures, times, curves, logarithmic=True)
    title = f"Mean time from start to target on {landscape.name}, {law.name} motion, by splitting"
    tables = (
        [comparison_table(comparisons), verdict_table(comparisons, curves)]
        if curves
        else _silence(landscape, law)
    )
    text = "\n\n".join([title, _run_table(temperatures, runs), *_notes(temperatures, runs), *tables])
    record = {
        "title": title,
        "temperatures": list(temperatures),
        "runs": [_record(run) for run in runs],
        "verdicts": overall(comparisons),
        "comparisons": [comparison_record(row) for row in comparisons],
    }

    def draw(path: str) -> None:
        from langevin.figures.canvas import remarked
        from langevin.figures.rare_escape import rare_escape as figure

        with remarked("; ".join(_given_up(temperatures, runs))):
            figure(path, temperatures, [run.rate for run in runs], curves, title)

    return RareEscape(title, tuple(runs), tuple(comparisons), text, record, draw)


def rare_curves(landscape: Landscape, dynamics: Dynamics | None = None) -> list[Curve]:
    """Theories of the mean time over the temperature, for a start outside the target."""
    case = _case(landscape, dynamics or usual_dynamics(landscape))
    # curves of the time over the temperature: no number of one run decides them
    return [
        one for one in curves_of("first passage", Setting(case, math.nan, math.nan))[0] if not one.quantity
    ]


def _case(landscape: Landscape, dynamics: Dynamics) -> Case:
    step = dynamics.integrator(landscape, None)
    return Case(landscape, dynamics, step.law, step.measure, watched=True, outside=True)


def _silence(landscape: Landscape, dynamics: Dynamics) -> list[str]:
    """Why no theory stands beside the times."""
    question = question_named("first passage")
    return [question.silence(_case(landscape, dynamics))] if question else []


def check_walks(report: RareEscape) -> None:
    """Refuse rates of which walks were lost, after they have been shown: those left are no fair sample.

    Raises:
        NumericalError: the integrator gave walks up.
    """
    lost = _given_up(report.record["temperatures"], report.runs)
    if lost:
        raise NumericalError(f"{'; '.join(lost)}: no verdict is drawn there", remedy="take a smaller --dt")


def _given_up(temperatures: Sequence[float], runs: Sequence[Splitting]) -> list[str]:
    return [
        f"at theta = {theta:g} {run.meta['failed']} walks were given up by the integrator"
        for theta, run in zip(temperatures, runs)
        if run.meta["failed"]
    ]


def _temperatures(landscape: Landscape, given: Sequence[float] | None) -> list[float]:
    if given is not None:
        if not given or not all(0.0 < theta < math.inf for theta in given):
            raise unfit("temperatures", "must be numbers above 0, at least one", f"{list(given)}")
        return [float(theta) for theta in given]
    if landscape.facts.barrier is None:
        raise UsageError(
            f"{landscape.name} has no barrier to choose a temperature by",
            "a temperature, or a barrier to choose it by",
            "name one or several by --temperature",
        )
    return [landscape.facts.barrier / BARRIER]


def _step(landscape: Landscape, law: Dynamics, theta: float) -> float:
    """Time step by the stiffness of a loss, by the width of a body's target, or by a length on a surface."""
    if not (landscape.is_body or law.descends(landscape)):
        return STEP_ON_SURFACE**2 / (2.0 * theta)
    if not landscape.is_body:
        curvature = usual_curvature(landscape, theta)
        return STEP / curvature
    if landscape.facts.target_width is None:
        raise UsageError(
            f"{landscape.name} does not say how wide its target is",
            "a step, or a target to choose it by",
            "give --dt",
        )
    return float((STEP_IN_BODY * landscape.facts.target_width) ** 2 / (2.0 * theta))


def _labelled(progress: Callable[[str, int, int], None], label: str) -> Callable[[int, int], None]:
    return lambda step, running: progress(label, step, running)


def _run_table(temperatures: Sequence[float], runs: Sequence[Splitting]) -> str:
    rows = [
        (
            theta,
            format_value(run.flux.value, run.flux.error),
            format_value(run.probability.value, run.probability.error),
            format_value(run.rate.value, run.rate.error),
            format_value(run.mean_time.value, run.mean_time.error),
            run.mean_time.n,
            run.relative_variance,
            run.ideal_variance,
            int(run.iterations.max()),
            run.extinctions,
        )
        for theta, run in zip(temperatures, runs, strict=True)
    ]
    return format_table(HEADER, rows)


def _notes(temperatures: Sequence[float], runs: Sequence[Splitting]) -> list[str]:
    """What the measurements carry, as one paragraph or none."""
    lines = [
        f"at {theta:g}: {note}" for theta, run in zip(temperatures, runs) if (note := _trusted(run).note)
    ]
    return ["\n".join(lines)] if lines else []


def _trusted(run: Splitting) -> Measurement:
    """The mean time, not mixed where replicas scatter so much that the ways that count may not be among them."""
    excess = run.relative_variance / run.ideal_variance if run.ideal_variance > 0 else 0.0
    if excess <= MOST_SCATTER:
        return run.mean_time
    note = (
        f"replicas scatter {excess:.0f} times as much as at best: the score is poor here, and the ways that count may "
        "be missing; take more walkers, or a score of your own that rises along the way"
    )
    return replace(
        run.mean_time, mixed=False, note="; ".join(part for part in (run.mean_time.note, note) if part)
    )


def _record(run: Splitting) -> dict[str, Any]:
    names = ("flux", "probability", "rate")
    return {
        "configuration": dict(run.meta),
        **{name: measurement_record(getattr(run, name)) for name in names},
        "mean_time": measurement_record(_trusted(run)),
        "relative_variance": run.relative_variance,
        "ideal_variance": run.ideal_variance,
        "iterations": run.iterations.tolist(),
        "extinctions": run.extinctions,
        "walked": run.walked,
    }
