"""The numbers that a command measured, as its run file keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langevin.sweep.rows import measured_entry

if TYPE_CHECKING:
    from langevin.experiment.rare_escape import RareEscape
    from langevin.experiment.report import Report
    from langevin.types import Trajectory


def toy_measured(report: Report) -> list[dict[str, Any]]:
    """What a question measured of a toy run."""
    from langevin.comparison import measurement_record

    return [measured_entry(name, measurement_record(number)) for name, number in report.measured.items()]


def rates_measured(report: RareEscape) -> list[dict[str, Any]]:
    """The mean time at each temperature."""
    return [
        measured_entry("mean time", record["mean_time"], {"temperature": theta})
        for theta, record in zip(report.record["temperatures"], report.record["runs"], strict=True)
    ]


def networks_measured(run: Trajectory) -> list[dict[str, Any]]:
    """Steps at which networks memorised and generalised, losses and accuracies, in each setting of a sweep."""
    from langevin.cli.trained import FINAL, STEPS, statistics
    from langevin.sgld import split

    found = []
    for part in split(run):
        at = {name: float(part.meta[name]) for name in run.meta["swept"]}
        numbers_of = statistics(part)
        for name in sorted(numbers_of, key=lambda name: name != "generalised_step"):
            numbers = numbers_of[name]
            quantity = f"step at which it {STEPS[name]}" if name in STEPS else FINAL[name]
            note = "networks never came so far" if numbers["lower_bound"] else ""
            kept = {key: numbers[key] for key in ("error", "n", "mixed")}
            record = {"value": numbers["mean"], "note": note, "bound": numbers["lower_bound"], **kept}
            found.append(measured_entry(quantity, record, at))
    return found
