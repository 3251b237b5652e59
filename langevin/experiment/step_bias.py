"""What the step size does to a measured number: the same question at half the step, with other noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from langevin.comparison import format_table, format_value, measurement_record
from langevin.experiment.answering import has_target
from langevin.experiment.question import Settings
from langevin.experiment.report import Report
from langevin.kernels.streams import derived_seed
from langevin.types import Factors, Measurement, Trajectory

HEADER = ("number", "at dt", "at dt / 2", "step bias, extrapolated", "in its errors", "walkers")
#: Both runs take up to this many times the walkers, within this many coordinate-steps for an ensemble.
GROWTH, COST = 16, 4e8


def with_step_bias(report: Report, ask: Callable[[Settings], Report], settings: Settings) -> Report:
    """The report with the bias of its step: 2 (A(dt) - A(dt / 2)) of every number A, whose error is of first order.

    Both runs have the same number of walkers, more than the report's where they are cheap, and no noise in common. So
    the bias has a standard error of its own, some 2.8 times that of A at this number of walkers: take more walkers
    where that says too little.

    Args:
        report: of the run at dt.
        ask: puts the same question with other settings.
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
    coarse = ask(replace(coarser, dt=run.meta["dt"])).measured if grown else report.measured
    fine = ask(finer).measured
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
    """2 (A(dt) - A(dt / 2)), what the step dt adds to A if its error is of first order."""
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
    """Walkers of an ensemble in the check: more than those of the run where they cost little."""
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
