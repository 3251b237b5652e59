"""Answers from a recorded training: when networks memorised and generalised, and whether their temperature fits.

The thermometer is equipartition: each of the rank(J) constraints of a squared loss holds theta / 2 on average, so
in equilibrium on the zero-loss set the training loss is theta rank(J) / 2. Steps of learning rate lr multiply the part
of an eigenvalue lambda by 1 / (1 - q), where q is lr lambda over its value at the edge of stability (2 for SGLD). Some
laws have no such bias.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.comparison import (
    DETECTABLE,
    compare_all,
    format_percent,
    format_prediction,
    format_table,
    measurement_record,
)
from langevin.errors import UsageError
from langevin.experiment.question import Answer
from langevin.experiment.report import Report, report_of
from langevin.measure.walkers import joined
from langevin.measure.windows import doubts, memory_of, series, window
from langevin.sgld.premises import FREE_DIFFUSION, GIBBS, coarseness, even_steps, why_not
from langevin.types import Comparison, Curve, Measurement, Prediction, Trajectory
from langevin.words import format_mean, too_few

#: Mean and median step, by the event.
Steps = dict[str, tuple[Measurement, Measurement]]
#: Part of the largest stable step from which steps are too coarse for the thermometer.
COARSEST = 0.5


def network_answer(trajectory: Trajectory) -> tuple[Report, list[str]]:
    """Steps and thermometer of every setting of a training, compared with theory; and why a theory does not apply."""
    from langevin.sgld import split

    if "train_loss" not in trajectory.observables:
        raise UsageError(
            "this run did not record train_loss, so it is not a training of a network",
            "a training of a network is needed",
            "give a run of `langevin train`",
        )
    rows: list[list[str | float | None]] = []
    lines: list[str] = []
    comparisons: list[Comparison] = []
    curves: dict[str, Curve] = {}
    settings = []
    for part in split(trajectory):
        setting = ", ".join(f"{name} {part.meta[name]:g}" for name in trajectory.meta.get("swept", ()))
        steps = arrival_steps(part)
        rows += [_row(setting, what, *times) for what, times in steps.items()]
        found = {what: measurement_record(mean) for what, (mean, _) in steps.items()}
        for question in (square, thermometer):
            try:
                measured, curve = question(part, steps)
            except UsageError as reason:
                lines.append(joined(setting, str(reason)))
                continue
            curves.setdefault(curve.name, curve)
            found[curve.name] = measurement_record(measured)
            comparisons += compare_all([part.meta.get("setting", 0)], [measured], [curve], logarithmic=True)
        settings.append({"setting": setting, **found})
    meta = trajectory.meta
    title = f"Networks of {meta.get('model')}, law {meta.get('law')}, temperature {meta.get('temperature')}"
    header = ("setting", "first recorded step", "mean", "median", "networks", "note")
    table = "\n".join([format_table(header, rows), *too_few(int(row[4] or 0) for row in rows)])

    def draw(path: str) -> None:
        from langevin.figures.training import training

        training(trajectory, path)

    answer = Answer(
        title=title,
        table=f"{table}\n\n{_listed(comparisons)}" if comparisons else table,
        measured={},
        comparisons=comparisons,
        curves=list(curves.values()),
        draw=draw,
        record={"settings": settings},
    )
    return report_of(answer, trajectory), lines


def arrival_steps(part: Trajectory) -> Steps:
    """Steps of the first frames on the zero-loss set, and with accuracy 1 on the training and on the test set.

    Events that the run did not record have no entry.
    """
    from langevin.measure import networks

    by_step = replace(part, times=part.steps.astype(np.float64))
    known = {
        "memorised": (networks.memorisation_times, "train_accuracy" in part.observables),
        "arrived": (networks.arrival_times, part.meta.get("arrival") is not None),
        "generalised": (networks.generalisation_times, "test_accuracy" in part.observables),
    }
    arrivals = {what: times(by_step) for what, (times, recorded) in known.items() if recorded}
    return {
        what: (networks.mean_time(found), networks.median_time(found)) for what, found in arrivals.items()
    }


def square(part: Trajectory, steps: Steps) -> tuple[Measurement, Curve]:
    """Steps to generalise, compared with the square of the steps to memorise.

    Args:
        part: networks of one setting.
        steps: of the optimiser.

    Raises:
        UsageError: the motion is not descent and then free diffusion by thermal noise, in steps of one length.
    """
    meta = part.meta
    reason = why_not(meta, (*FREE_DIFFUSION, even_steps))
    if not {"memorised", "generalised"} <= set(steps):
        reason = "the run has no accuracies"
    reason = reason or ("" if steps["memorised"][0].mixed else steps["memorised"][0].note)
    if reason:
        raise UsageError("the square of the memorising steps does not apply", reason)
    memorised, generalised = steps["memorised"][0], steps["generalised"][0]
    law = theory.scaling.grokking_steps(memorised.value)
    prediction = Prediction(law.value, 2.0 * memorised.value * memorised.error, law.in_range)
    return generalised, Curve(
        "square of the memorising steps",
        lambda _: prediction,
        "straight and diffusive steps equally long, 10 or more; a wall as target",
        "S. V. Kozyrev, How to explain grokking (2024), section 2",
    )


def thermometer(part: Trajectory, steps: Steps) -> tuple[Measurement, Curve]:
    """Training loss in the late half of the run, compared with theta rank(J) / 2.

    Args:
        part: networks of one setting.
        steps: of the optimiser.

    Raises:
        UsageError: the motion has another equilibrium, or no known one.
    """
    meta = part.meta
    reasons = {
        f"the loss {meta['loss']} is not squared": meta["loss"] != "half-mse",
        "the rank of the Jacobian was not computed": meta["rank"] is None,
        "no network arrived on a zero-loss set, and with more samples than the rank there may be none": (
            meta["rank"] is not None and meta["rank"] < meta["residuals"] and not arrived(part)
        ),
    }
    reason = why_not(meta, GIBBS) or next((reason for reason, holds in reasons.items() if holds), "")
    if reason:
        raise UsageError("equipartition does not apply", reason)
    value = meta["temperature"] * meta["rank"] / 2.0
    coarse = coarseness(meta, meta["sharpness"])
    prediction = Prediction(
        value, value * coarse / (1.0 - coarse) if coarse < 1.0 else math.inf, coarse <= COARSEST
    )
    return _late_loss(part), Curve(
        "equipartition",
        lambda _: prediction,
        f"equilibrium on the zero-loss set; up to {COARSEST:g} of the largest stable step, which the remainder bounds",
        "each constraint holds theta / 2",
    )


def arrived(part: Trajectory) -> bool:
    """Whether any network had, at some frame, a train loss of at most twice the loss in equilibrium."""
    level = part.meta["temperature"] * part.meta["rank"]
    return bool((np.asarray(part.observables["train_loss"]) <= level).any())


def _late_loss(part: Trajectory) -> Measurement:
    """Mean training loss over the second half of the run, with its error over the networks.

    Raises:
        UsageError: too few frames show the second half of the run.
    """
    try:
        late = window(part, float(part.times[-1]) / 2.0, math.inf)
    except UsageError as reason:
        raise UsageError("equipartition does not apply", str(reason)) from reason
    values = series(late, "train_loss")
    losses = (late.weights * values).mean(axis=1)
    n, name = len(losses), "late training loss"
    if n < 2:
        return Measurement(float(losses.mean()), math.inf, n, name, False, "one network has no error")
    error = float(losses.std(ddof=1)) / math.sqrt(n)
    doubt = doubts(late, memory_of(late, values), values)
    return Measurement(float(losses.mean()), error, n, name, not doubt, joined(late.note, doubt))


def _row(setting: str, what: str, mean: Measurement, median: Measurement) -> list[str | float | None]:
    """A line of the table of steps."""
    return [setting or "all", what, _shown(mean), _shown(median), mean.n, mean.note]


def _shown(measured: Measurement) -> str:
    """A number with its error, or its bound if only a bound is known."""
    if measured.estimator == "lower bound":
        return f"> {measured.value:.4g}"
    return format_mean(measured.value, measured.error, measured.n)


def _listed(comparisons: list[Comparison]) -> str:
    """Measured numbers, compared with predicted ones."""
    rows: list[list[str | float | None]] = [
        [row.theory, _shown(row.measured), row.measured.n,
         format_prediction(row.predicted), row.z, row.verdict, format_percent(row.detectable)]
        for row in comparisons
    ]  # fmt: skip
    notes = dict.fromkeys(f"  {row.theory}: {row.measured.note}" for row in comparisons if row.measured.note)
    return "\n".join(
        [
            format_table(("theory", "measured", "networks", "predicted", "z", "verdict", "detectable"), rows),
            DETECTABLE,
            *notes,
        ]
    )
