"""How long does a walker stay where escapes are rare? Mean times by splitting, compared with theory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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
from langevin.dynamics import usual_dynamics
from langevin.ensemble.splitting import Splitting, Walks, measured
from langevin.errors import InputFileError, NumericalError, UsageError
from langevin.experiment.answering import question_named
from langevin.experiment.own_theory import OwnTheory, check_fit
from langevin.experiment.rate_plan import check_plan, rate_plan
from langevin.experiment.rate_record import walks_of
from langevin.experiment.rate_walk import walk
from langevin.experiment.report import Shown, verdict_table
from langevin.experiment.step_error import StepError, error_of_time, with_steps
from langevin.experiment.theories import added_curves, coarse_steps, curves_of, within
from langevin.types import (
    Case,
    Comparison,
    Curve,
    Dynamics,
    Effort,
    Landscape,
    Measurement,
    Sets,
    Setting,
    Trajectory,
)

#: Relative variance of a replica over its smallest possible value, above which its spread does not give the error.
MOST_SCATTER = 8.0
HEADER = (
    "theta", "flux out of A", "P(B before A)", "rate", "mean time", "n", "rel. variance", "ideal", "rounds", "died out",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class RareEscape(Shown):
    """The answer: `text` for people, `record` for programs, `draw(path)` for the figure."""

    title: str
    trajectory: Trajectory
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
    own: Sequence[OwnTheory] = (),
    threads: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> RareEscape:
    """Measure the mean time from the landscape's start to its target at each temperature. The time may be long.

    Args:
        landscape: with a target.
        temperatures: by default one, a twentieth of the barrier.
        seed: each temperature has a seed derived from it.
        dynamics: law of motion; by default soft in a potential, and reflected in a body.
        dt: time step; by default chosen for each temperature.
        sets: origin, target and score, as `splitting` takes them.
        effort: paths and replicas, as `splitting` takes them.
        correction: of the overshoot at the target, `shift` or `none`.
        own: user-defined theories of the mean time.
        threads: of the machine; never changes a result.
        progress: called with (label, round, running replicas).

    Raises:
        UsageError: a landscape without target, or a number out of range.
        NumericalError: as `splitting`.
    """
    plan = rate_plan(
        landscape, temperatures, seed=seed, dynamics=dynamics, dt=dt, sets=sets, effort=effort, correction=correction
    )  # fmt: skip
    check_plan(plan)
    check_theories(own, landscape, plan.dynamics)
    return rate_answer(landscape, plan.dynamics, walk(plan, threads=threads, progress=progress), own)


def check_theories(own: Sequence[OwnTheory], landscape: Landscape, law: Dynamics) -> None:
    """Refuse, before the walk, user-defined theories that could not be compared with its times.

    Raises:
        UsageError: a theory cannot be compared; the sentence gives the reason.
    """
    check_fit(own, "first passage", _case(landscape, law))


def rate_answer(
    landscape: Landscape, law: Dynamics, trajectory: Trajectory, own: Sequence[OwnTheory] = ()
) -> RareEscape:
    """The answer of a run: a live run, or a run that was read from a file.

    Args:
        landscape: of the run.
        law: of its motion.
        trajectory: as `walk` makes it.
        own: user-defined theories of the mean time.

    Raises:
        InputFileError, UsageError: as `recorded_walks`.
        NumericalError: every replica of a temperature died out.
    """
    found = [measured(walks) for walks in recorded_walks(trajectory)]
    temperatures = [run.meta["temperature"] for run in found]
    steps = {theta: run.meta["dt"] for theta, run in zip(temperatures, found)}
    case = _case(landscape, law)
    errors = [error_of_time(Setting(case, theta, dt)) for theta, dt in steps.items()]
    runs = [with_steps(run, error) for run, error in zip(found, errors, strict=True)]
    reasons = coarse_steps("first passage", case, steps)
    curves = [within(curve, reasons) for curve in rare_curves(landscape, law)]
    more, doubts = added_curves(own, "first passage", Setting(case, math.nan, math.nan), curves)
    curves += [one for one in more if not one.quantity]
    times = [_trusted(run) for run in runs]
    comparisons = compare_all(temperatures, times, curves, logarithmic=True)
    where = f"from start to target on {landscape.name}, {law.name} motion, by splitting"
    title = f"Mean time {where}"
    tables = (
        [comparison_table(comparisons), verdict_table(comparisons, curves)]
        if curves
        else _without_theory(case)
    )
    text = "\n\n".join(
        [
            title,
            _run_table(temperatures, runs),
            *_notes(temperatures, runs, reasons, errors),
            *tables,
            *doubts,
        ]
    )
    record = {
        "title": title,
        "temperatures": list(temperatures),
        "runs": [_record(run) for run in runs],
        "verdicts": overall(comparisons),
        "comparisons": [comparison_record(row) for row in comparisons],
    }

    def draw(path: str) -> None:
        from langevin.figures.canvas import remarked
        from langevin.figures.first_passage import rare_escape as figure

        with remarked("; ".join(_given_up(runs))):
            figure(path, temperatures, [run.rate for run in runs], curves, f"Rate {where}")

    return RareEscape(title, trajectory, tuple(runs), tuple(comparisons), text, record, draw)


def recorded_walks(trajectory: Trajectory) -> list[Walks]:
    """The walks in a run. The run may come from a file.

    Raises:
        InputFileError: numbers or entries that no run has.
        UsageError: no temperature is finished.
    """
    meta = trajectory.meta
    try:
        found = walks_of(meta, meta["runs"], trajectory.events)
    except (KeyError, ValueError) as error:
        raise InputFileError(
            "this is no run of rates as `langevin rate` writes it: an entry or an array is missing, or has numbers "
            "that no run has",
            remedy="restore its file from a copy, or run again",
        ) from error
    if not found:
        raise UsageError(
            "no temperature of this run is finished, so there is no rate yet", remedy="let the run continue"
        )
    return found


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


def _without_theory(case: Case) -> list[str]:
    """Why the times are compared with no theory."""
    question = question_named("first passage")
    return [question.without_theory(case)] if question else []


def check_walks(trajectory: Trajectory) -> None:
    """Refuse rates with lost walks, after the rates have been shown: the remaining walks are no fair sample.

    Raises:
        InputFileError: as `recorded_walks`.
        NumericalError: the integrator gave walks up.
    """
    lost = _given_up(recorded_walks(trajectory))
    if lost:
        raise NumericalError(
            f"{'; '.join(lost)}: there is no verdict there",
            remedy="run again with a smaller step (`langevin rate --dt`)",
        )


def _given_up(runs: Sequence[Splitting] | Sequence[Walks]) -> list[str]:
    return [
        f"at theta = {run.meta['temperature']:g} {run.meta['failed']} walks were given up by the integrator"
        for run in runs
        if run.meta["failed"]
    ]


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


def _notes(
    temperatures: Sequence[float],
    runs: Sequence[Splitting],
    coarse: Mapping[float, str],
    errors: Sequence[StepError],
) -> list[str]:
    """The notes of the measurements, and temperatures with steps too coarse for a theory, as one paragraph or none."""
    lines = list(dict.fromkeys(error.note for error in errors))
    lines += [
        f"at {theta:g}: {note}" for theta, run in zip(temperatures, runs) if (note := _trusted(run).note)
    ]
    lines += [f"at {theta:g} theories are out of range: {reason}" for theta, reason in coarse.items()]
    return ["\n".join(lines)] if lines else []


def _trusted(run: Splitting) -> Measurement:
    """The mean time; not `mixed` if replicas scatter so much that the important paths may be missing."""
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
