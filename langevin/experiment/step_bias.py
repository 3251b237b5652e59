"""What the step size does to a measured number: the same question at half the step, with other noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from langevin.comparison import format_table, format_value, measurement_record
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings
from langevin.kernels.streams import derived_seed
from langevin.types import Measurement

HEADER = ("number", "at dt", "at dt / 2", "step bias, extrapolated", "in its errors", "walkers")


def with_step_bias(report: Report, ask: Callable[[Settings], Report], settings: Settings) -> Report:
    """The report with the bias of its step: 2 (A(dt) - A(dt / 2)) of every number A, whose error is of first order.

    Both runs have the same number of walkers and no noise in common, so the bias has a standard error of its own,
    some 2.8 times that of A: ask for more walkers where that says too little.

    Args:
        report: of the run at dt.
        ask: puts the same question with other settings.
        settings: of the run at dt.
    """
    run = report.trajectory
    finer = replace(
        settings,
        dt=run.meta["dt"] / 2,
        seed=derived_seed(settings.seed, 1),
        walkers=run.states.shape[0],
        precision=None,
        checkpoint=None,
    )
    fine = ask(finer).measured
    biases = {name: bias(coarse, fine[name]) for name, coarse in report.measured.items()}
    rows = [
        (
            name,
            _shown(report.measured[name]),
            _shown(fine[name]),
            _shown(found),
            f"{found.value / found.error:+.2f}" if found.mixed and found.error > 0 else "-",
            str(found.n),
        )
        for name, found in biases.items()
    ]
    section = "Bias of the step size, from a second run at half the step\n" + format_table(HEADER, rows)
    record = {name: measurement_record(found) for name, found in biases.items()}
    return replace(report, text=f"{report.text}\n\n{section}", record={**report.record, "step_bias": record})


def bias(coarse: Measurement, fine: Measurement) -> Measurement:
    """2 (A(dt) - A(dt / 2)), what the step dt adds to A if its error is of first order."""
    notes = [measured.note for measured in (coarse, fine) if not measured.mixed]
    return Measurement(
        2.0 * (coarse.value - fine.value),
        2.0 * math.hypot(coarse.error, fine.error),
        min(coarse.n, fine.n),
        "half step",
        not notes,
        "; ".join(dict.fromkeys(notes)),
    )


def _shown(measured: Measurement) -> str:
    return format_value(measured.value, measured.error) + ("" if measured.mixed else " (not mixed)")
