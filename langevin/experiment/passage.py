"""First passage to a target, measured and laid beside its theories: what several questions have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from langevin.comparison import compare_all, format_table, format_value, measurement_record
from langevin.ensemble import simulate
from langevin.experiment.ensembles import until_precise
from langevin.experiment.report import Report, endings, record_of, verdict_table
from langevin.experiment.settings import Settings
from langevin.experiment.walk import carried
from langevin.measure import confidence_interval, mean_first_passage_time
from langevin.types import Curve, Integrator, Problem, Stop, Trajectory

WALKERS = 400


def first_passages(
    problem: Problem, integrator: Integrator, dt: float, horizon: float, question: str, settings: Settings
) -> Trajectory:
    """Run until the mean first-passage time is as precise as is asked for."""
    stop = Stop(settings.correction)

    def more(walkers: range) -> Trajectory:
        return simulate(
            problem, integrator, walkers=walkers, steps=math.ceil(horizon / dt), stop=stop,
            **carried(settings, problem.landscape.name, dt),
        )  # fmt: skip

    trajectory, _ = until_precise(more, settings.walkers or WALKERS, settings.precision)
    return replace(trajectory, meta={**trajectory.meta, "question": question})


def passage_answer(trajectory: Trajectory, curves: Sequence[Curve], title: str, question: str) -> Report:
    """Mean first-passage time of a run, compared on a logarithmic scale with curves over the temperature."""
    time = mean_first_passage_time(trajectory)
    comparisons = compare_all([trajectory.meta["temperature"]], [time], list(curves), logarithmic=True)
    low, high = confidence_interval(time)
    rows = [["measured", format_value(time.value, time.error), f"[{low:.4g}, {high:.4g}]", str(time.n)]]
    rows += [
        [row.theory, format_value(row.predicted.value, row.predicted.remainder).removesuffix(" +- 0"), "",
         f"measured / predicted {row.ratio:.3g}"]
        for row in comparisons
    ]  # fmt: skip
    table = format_table([f"mean {question}", "", "95 % interval", "walkers"], rows)
    verdicts = [verdict_table(comparisons, curves)] if curves else []
    text = "\n\n".join([title, table, *verdicts, endings(trajectory), time.note]).rstrip()
    record = record_of(
        title, trajectory, comparisons, **{question.replace(" ", "_"): measurement_record(time)}
    )

    def draw(path: str) -> None:
        from langevin.figures.escape_time import escape_time as figure

        figure(path, trajectory.events["time"], time, comparisons, title)

    return Report(title, trajectory, tuple(comparisons), text, record, draw, {f"mean {question}": time})
